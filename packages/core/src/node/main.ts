/** `main`: a whole program as one run, with signals that cancel it and an exit code for its outcome. */
import type { TimerEntry } from '../kernel/clock/timers.ts';
import { checkOperation } from '../kernel/operation/check-operation.ts';
import { readOptions, refuseMore } from '../kernel/operation/options.ts';
import type { Body, Operation } from '../kernel/operation/suspension.ts';
import type { SchedulerEvents } from '../kernel/report/events.ts';
import { defaultScheduler } from '../kernel/scheduler/run.ts';
import { surfaced } from '../kernel/stack/trail.ts';
import type { Task } from '../kernel/task/task.ts';
import { EventFlag } from '../sync/event-flag.ts';
import { CLOSED_OUTPUT_CODE, isBrokenPipe, watchOutput } from './closed-output.ts';
import { formatFailure } from './format-failure.ts';
import { dumpOnQuit } from './inspect/dump-on-quit.ts';
import { limitGrace } from './limit-grace.ts';
import { isRead } from './signals.ts';

/** What `main` may be given. */
export interface MainOptions {
  /** How long waits in a cleanup work after a signal before the cancel is thrown again, in ms; 800 by default. */
  grace?: number | undefined;
  /** How long the program may go on after the first signal, to finish what it has, in ms; 0 by default. */
  drain?: number | undefined;
}

/** What `main` may run: a function gets the flag that the first signal sets. */
export type MainBody = Body<unknown> | ((stop: EventFlag) => Operation<unknown>);

/** The exit codes that shells know: 128 and the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type EndSignal = keyof typeof EXIT_CODES;
const SIGNALS = Object.keys(EXIT_CODES) as EndSignal[];

/** Why a program is to end. */
interface Interruption {
  readonly name: string;
  readonly code: number;
}

const CLOSED_OUTPUT: Interruption = { name: 'the end of what reads stdout', code: CLOSED_OUTPUT_CODE };

const FAILED = 1;
const DEFAULT_GRACE = 800;
/** Any long time: the timer is there only to be there. */
const HOLD = 2 ** 30;

const MAIN_OPTIONS = { grace: 'duration', drain: 'duration' } as const;

/**
 * Runs a whole program: signals cancel it, and its outcome becomes the exit code.
 *
 * SIGINT and SIGTERM set the flag `stop` that the body gets. Without `drain` they cancel the run at once, with it when that
 * time is over or a second signal comes; a program that ends well before has not been interrupted. After the cancel the
 * cleanups have `grace` (one that takes longer is named on stderr) and then the exit code is 130 or 143. One more signal ends
 * the process at once. SIGQUIT (Ctrl-\\) prints what every task waits for on stderr, and the program goes on. A signal that `signals` reads is not looked at here. When stdout is closed, as by `head`, the run is cancelled
 * too, in silence, and the exit code is 141. A failure is printed on stderr and gives 1. Otherwise `process.exitCode` is left as it is, and the
 * process ends by itself when nothing holds it any more. While the body runs the process stays alive, whatever it waits for.
 *
 * Cancellation: by the signals. A program that catches the cancel, ends well and sets `process.exitCode` keeps its own code.
 *
 * @param body an operation, or a function that gets the flag `stop` and returns one
 * @param options `grace`: how long a cleanup may wait after a signal, in ms, 800 by default; `drain`: how long the program may go
 *   on after the first signal, in ms, 0 by default
 * @returns a promise that is fulfilled when the run has ended, in whatever way
 * @throws TypeError if `body` is not an operation, at the call.
 * @example
 * ```ts
 * import { sleep } from '@coloop/core';
 * import { main } from '@coloop/core/node';
 *
 * await main(
 *   function* (stop) {
 *     for (let jobs = 0; jobs < 3 && !stop.isSet; jobs++) yield* sleep(10);
 *     console.log('done'); //> done
 *   },
 *   { drain: 30_000 },
 * );
 * ```
 * Source: `asyncio.run` with its handling of SIGINT; the exit codes of POSIX shells.
 */
export function main(body: MainBody, options?: MainOptions): Promise<void>;
export function main(body: MainBody, options: MainOptions = {}, ...more: unknown[]): Promise<void> {
  const { grace = DEFAULT_GRACE, drain = 0 } = readOptions('main', options, MAIN_OPTIONS);
  refuseMore('main(body, options)', more);
  checkOperation('main', body);
  return new Promise((ended) => new MainProgram(body, { grace, drain }, ended));
}

class MainProgram implements TimerEntry {
  /** The timer of `drain`. */
  slot = -1;
  readonly #task: Task;
  readonly #grace: number;
  readonly #drain: number;
  readonly #stop = new EventFlag();
  readonly #hold = setInterval(() => {}, HOLD);
  readonly #scheduler = defaultScheduler();
  readonly #usualGrace = this.#scheduler.cleanupGrace;
  readonly #onSignal = (signal: EndSignal): void => this.#signalled(signal);
  readonly #onCut: SchedulerEvents['cleanup-timeout'] = (event) => this.#cut(event);
  readonly #unwatch = watchOutput(() => this.#outputClosed());
  readonly #noDump = dumpOnQuit(() => !isRead('SIGQUIT'));
  /** The signal that began the draining. */
  #draining: Interruption | null = null;
  /** What the run was cancelled for. */
  #cancelled: Interruption | null = null;
  #codeBefore: typeof process.exitCode;

  constructor(body: MainBody, { grace, drain }: { grace: number; drain: number }, ended: () => void) {
    this.#grace = grace;
    this.#drain = drain;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    this.#task = this.#scheduler.startRoot(bodyOf(body, this.#stop), { name: nameOf(body) });
    this.#task.whenSettled(() => this.#settled(ended));
  }

  #signalled(signal: EndSignal): void {
    if (isRead(signal)) return;
    const interruption = { name: signal, code: EXIT_CODES[signal] };
    if (this.#cancelled !== null) process.exit(interruption.code);
    if (!this.#stop.isSet) {
      this.#stop.set();
      if (this.#drain > 0) {
        this.#draining = interruption;
        if (this.#drain < Number.POSITIVE_INFINITY) this.#scheduler.addTimer(this, this.#scheduler.now() + this.#drain);
        return;
      }
    }
    this.#cancel(interruption, `the signal ${signal}`);
  }

  /** The time to finish what it has is over. */
  fire(): void {
    if (this.#draining !== null && this.#cancelled === null) this.#cancel(this.#draining, 'the end of `drain`');
  }

  #outputClosed(): void {
    if (this.#cancelled === null) this.#cancel(CLOSED_OUTPUT, CLOSED_OUTPUT.name);
  }

  #cancel(interruption: Interruption, requestedBy: string): void {
    this.#cancelled = interruption;
    this.#scheduler.removeTimer(this);
    this.#codeBefore = process.exitCode;
    this.#scheduler.cleanupGrace = this.#grace;
    limitGrace(this.#task, this.#grace);
    this.#scheduler.events.on('cleanup-timeout', this.#onCut);
    const reason = interruption === CLOSED_OUTPUT ? 'EPIPE' : interruption.name;
    this.#task.cancelBy({ reason, requestedBy, from: null });
  }

  /** A cleanup that is cut off in silence would look as if it had ended; the first one tells how to give it time. */
  #cut({ task, wait, abandoned }: Parameters<SchedulerEvents['cleanup-timeout']>[0]): void {
    this.#scheduler.events.off('cleanup-timeout', this.#onCut);
    if (abandoned) return;
    process.stderr.write(
      `The cleanup of task ${task} was still waiting for ${wait} ${this.#grace} ms after ${this.#cancelled?.name}, and was cancelled ` +
        'once more. `main(body, { grace: 5000 })` gives cleanups five seconds.\n',
    );
  }

  #settled(ended: () => void): void {
    // A write that fails for its writer first is told to the listeners of stdout a little later.
    if (this.#cancelled === null && this.#task.failed && isBrokenPipe(this.#task.outcome)) {
      setImmediate(() => this.#end(ended));
    } else this.#end(ended);
  }

  #end(ended: () => void): void {
    clearInterval(this.#hold);
    this.#unwatch();
    this.#noDump();
    this.#scheduler.removeTimer(this);
    this.#scheduler.events.off('cleanup-timeout', this.#onCut);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    this.#scheduler.cleanupGrace = this.#usualGrace;
    const code = this.#exitCode();
    if (code !== null) process.exitCode = code;
    if (!this.#isQuiet()) process.stderr.write(`${formatFailure(surfaced(this.#task.error()))}\n`);
    ended();
  }

  #isQuiet(): boolean {
    const { status } = this.#task;
    if (status === 'succeeded' || (this.#cancelled !== null && status === 'cancelled')) return true;
    return this.#cancelled === CLOSED_OUTPUT && isBrokenPipe(this.#task.outcome);
  }

  /** Null where the code is left as it is. */
  #exitCode(): number | null {
    const interrupted = this.#cancelled === null ? null : this.#cancelled.code;
    if (this.#task.status !== 'succeeded') return interrupted ?? FAILED;
    // The cancel never reached a run that had committed before; one that caught it decides by setting a code of its own.
    const caught = this.#task.thrown !== null && process.exitCode === this.#codeBefore;
    return caught ? interrupted : null;
  }
}

function bodyOf(body: MainBody, stop: EventFlag): Body<unknown> {
  return typeof body === 'function' ? () => checkOperation('main', body(stop)) : body;
}

function nameOf(body: MainBody): string {
  return (typeof body === 'function' && body.name) || 'main';
}
