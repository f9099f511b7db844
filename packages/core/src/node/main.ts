/** `main`: a whole program as one run, with signals that cancel it and an exit code for its outcome. */
import { checkOperation, readOptions } from '../kernel/operation/options.ts';
import type { Body } from '../kernel/operation/suspension.ts';
import type { SchedulerEvents } from '../kernel/report/events.ts';
import { defaultScheduler } from '../kernel/scheduler/run.ts';
import { surfaced } from '../kernel/stack/trail.ts';
import type { Task } from '../kernel/task/task.ts';
import { formatFailure } from './format-failure.ts';
import { limitGrace } from './limit-grace.ts';

/** What `main` may be given. */
export interface MainOptions {
  /** How long waits in a cleanup work after a signal before the cancel is thrown again, in ms; 800 by default. */
  grace?: number | undefined;
}

/** The exit codes that shells know: 128 and the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;
const SIGNALS = Object.keys(EXIT_CODES) as Signal[];

const FAILED = 1;
const DEFAULT_GRACE = 800;
/** Any long time: the timer is there only to be there. */
const HOLD = 2 ** 30;

const MAIN_OPTIONS = { grace: 'duration' } as const;

/**
 * Runs a whole program: signals cancel it, and its outcome becomes the exit code.
 *
 * SIGINT and SIGTERM cancel the run; its cleanups have `grace` (one that takes longer is named on stderr) and then the exit
 * code is 130 or 143. A second signal ends
 * the process at once. A failure is printed on stderr and gives 1. Otherwise `process.exitCode` is left as it is, and the
 * process ends by itself when nothing holds it any more. While the body runs the process stays alive, whatever it waits for.
 *
 * Cancellation: by the signals. A program that catches the cancel, ends well and sets `process.exitCode` keeps its own code.
 *
 * @param body an operation, or a function that returns one
 * @param options `grace`: how long a cleanup may wait after a signal, in ms, 800 by default
 * @returns a promise that is fulfilled when the run has ended, in whatever way
 * @throws TypeError if `body` is not an operation, at the call.
 * @example
 * ```ts
 * import { sleep } from '@coloop/core';
 * import { main } from '@coloop/core/node';
 *
 * await main(function* () {
 *   yield* sleep(10);
 *   console.log('done'); //> done
 * });
 * ```
 * Source: `asyncio.run` with its handling of SIGINT; the exit codes of POSIX shells.
 */
export function main(body: Body<unknown>, options: MainOptions = {}): Promise<void> {
  const { grace = DEFAULT_GRACE } = readOptions('main', options, MAIN_OPTIONS);
  checkOperation('main', body);
  return new Promise((ended) => new MainProgram(body, grace, ended));
}

class MainProgram {
  readonly #task: Task;
  readonly #grace: number;
  readonly #hold = setInterval(() => {}, HOLD);
  readonly #scheduler = defaultScheduler();
  readonly #usualGrace = this.#scheduler.cleanupGrace;
  readonly #onSignal = (signal: Signal): void => this.#signalled(signal);
  readonly #onCut: SchedulerEvents['cleanup-timeout'] = (event) => this.#cut(event);
  #signal: Signal | null = null;
  #codeBefore: typeof process.exitCode;

  constructor(body: Body<unknown>, grace: number, ended: () => void) {
    this.#grace = grace;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    this.#task = this.#scheduler.startRoot(body, { name: nameOf(body) });
    this.#task.whenSettled(() => {
      this.#settled();
      ended();
    });
  }

  #signalled(signal: Signal): void {
    if (this.#signal !== null) process.exit(EXIT_CODES[signal]);
    this.#signal = signal;
    this.#codeBefore = process.exitCode;
    this.#scheduler.cleanupGrace = this.#grace;
    limitGrace(this.#task, this.#grace);
    this.#scheduler.events.on('cleanup-timeout', this.#onCut);
    this.#task.cancelBy({ reason: signal, requestedBy: `the signal ${signal}`, from: null });
  }

  /** A cleanup that is cut off in silence would look as if it had ended; the first one tells how to give it time. */
  #cut({ task, wait, abandoned }: Parameters<SchedulerEvents['cleanup-timeout']>[0]): void {
    this.#scheduler.events.off('cleanup-timeout', this.#onCut);
    if (abandoned) return;
    process.stderr.write(
      `The cleanup of task ${task} was still waiting for ${wait} ${this.#grace} ms after ${this.#signal}, and was cancelled ` +
        'once more. `main(body, { grace: 5000 })` gives cleanups five seconds.\n',
    );
  }

  #settled(): void {
    clearInterval(this.#hold);
    this.#scheduler.events.off('cleanup-timeout', this.#onCut);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    this.#scheduler.cleanupGrace = this.#usualGrace;
    const code = this.#exitCode();
    if (code !== null) process.exitCode = code;
    const quiet = this.#task.status === 'succeeded' || (this.#signal !== null && this.#task.status === 'cancelled');
    if (!quiet) process.stderr.write(`${formatFailure(surfaced(this.#task.error()))}\n`);
  }

  /** Null where the code is left as it is. */
  #exitCode(): number | null {
    const interrupted = this.#signal === null ? null : EXIT_CODES[this.#signal];
    if (this.#task.status !== 'succeeded') return interrupted ?? FAILED;
    // The cancel never reached a run that had committed before; one that caught it decides by setting a code of its own.
    const caught = this.#task.thrown !== null && process.exitCode === this.#codeBefore;
    return caught ? interrupted : null;
  }
}

function nameOf(body: Body<unknown>): string {
  return (typeof body === 'function' && body.name) || 'main';
}
