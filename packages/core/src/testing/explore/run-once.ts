/** One run of the program under one chooser. */
import { checkOperation } from '../../kernel/operation/check-operation.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import type { Task } from '../../kernel/task/task.ts';
import { toDeadlockError } from '../deadlock.ts';
import { describeLeaks } from '../leaks.ts';
import { SeededRandom } from '../seeded.ts';
import { settle } from '../settle.ts';
import { VirtualClock } from '../virtual-clock.ts';
import type { Chooser } from './decision.ts';
import { Explorer, type Taken } from './explorer.ts';
import { isInjected, type RunFailure } from './failure.ts';
import type { Step } from './step.ts';

/** What every run of one exploration has in common. */
export interface Program {
  readonly body: () => Operation<unknown>;
  readonly cancel: ((task: Task) => boolean) | null;
  readonly preempt: boolean;
  readonly host: { readonly late: boolean; readonly fail: boolean };
  readonly maxSteps: number;
  readonly holdForHost: boolean;
  /** Whether the host is known to give nothing, so that time need not wait for it: much faster. */
  readonly quick: boolean;
  /** Watches for calls that cannot be replayed; null where that was not asked for. */
  readonly traps: { begin(): void; end(): Error | null } | null;
}

export interface Outcome {
  readonly failure: RunFailure | null;
  readonly taken: readonly Taken[];
  readonly steps: readonly Step[];
  readonly moments: readonly string[];
  readonly hostWaits: ReadonlySet<string>;
  readonly points: number;
  /** Where tasks without a name were made, in debug. */
  readonly places: ReadonlyMap<string, string>;
  /** Whether the program asked for random numbers: if not, its seed decides nothing but the schedule. */
  readonly random: boolean;
}

class EndlessError extends Error {
  override readonly name = 'EndlessError';

  constructor(steps: number) {
    super(
      `The program has not ended after ${steps} steps: some tasks only wake each other. Give \`maxSteps\` if it needs more.`,
    );
  }
}

/** @param debug keeps places for the texts of errors; costs time */
export async function runOnce(program: Program, seed: number, chooser: Chooser, debug = false): Promise<Outcome> {
  const chance = new SeededRandom(seed);
  let random = false;
  const scheduler = new Scheduler({
    clock: new VirtualClock({ holdForHost: program.holdForHost }, program.quick),
    random: () => {
      random = true;
      return chance.next();
    },
    entropy: (bytes) => {
      random = true;
      return chance.fill(bytes);
    },
    slice: Number.POSITIVE_INFINITY,
    debug,
  });
  let overrun: () => void = () => {};
  const endless = new Promise<void>((resolve) => {
    overrun = resolve;
  });
  const explorer = new Explorer(scheduler, {
    chooser,
    cancel: program.cancel,
    preempt: program.preempt,
    host: program.host,
    maxSteps: program.maxSteps,
    overrun: () => {
      scheduler.halt();
      overrun();
    },
  });
  const unhandled: unknown[] = [];
  scheduler.events.on('unhandled', ({ error }) => {
    if (scheduler.events.listenerCount('unhandled') === 1 && !isInjected(error)) unhandled.push(error);
  });
  program.traps?.begin();
  const root = (): Operation<unknown> => checkOperation('explore', program.body());
  const settled = await settle(scheduler, root, endless, program.body.name || 'main');
  explorer.finish();
  const trapped = program.traps?.end() ?? null;
  const failure = trapped !== null ? ({ kind: 'trapped', error: trapped } as const) : failureOf();
  await settled.windDown();
  return {
    failure,
    taken: explorer.taken,
    steps: explorer.steps,
    moments: explorer.moments,
    hostWaits: explorer.hostWaits,
    points: explorer.points,
    places: explorer.places,
    random,
  };

  function failureOf(): RunFailure | null {
    if (settled.end === 'stopped') return { kind: 'endless', error: new EndlessError(program.maxSteps) };
    if (settled.end === 'stuck') return { kind: 'deadlock', error: toDeadlockError(scheduler) };
    if (settled.end === 'failed' && !isInjected(settled.error)) return { kind: 'error', error: settled.error };
    if (unhandled.length > 0) return { kind: 'error', error: unhandled[0] };
    const leaks = describeLeaks(scheduler);
    return leaks === null ? null : { kind: 'leak', error: new Error(leaks) };
  }
}
