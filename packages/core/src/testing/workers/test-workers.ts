import { afterHostTurn } from '../../kernel/clock/turns.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { runningTask } from '../../kernel/task/current.ts';
import type { CarrierEvents, Launcher, WorkerSimulation } from '../../workers/carrier.ts';
import { Faults, type WorkerFaults } from './faults.ts';
import { TestWorker, type TestWorkerOwner } from './test-worker.ts';

/** A clock that can be made to stand still. */
export interface StandingClock {
  /** Time stands still until what is returned is called. */
  stand(): () => void;
}

type Module = Readonly<Record<string, unknown>>;

interface Load {
  readonly worker: TestWorker;
  readonly goOn: () => void;
  /** Null while it loads. */
  end: { readonly module: Module } | { readonly error: unknown } | null;
}

let instances = 0;

/** All workers of one virtual clock: they run in its scheduler. */
export class TestWorkers implements WorkerSimulation {
  readonly #clock: StandingClock;
  #faults: Faults | null = null;
  #number = 0;
  #loads: Load[] = [];

  constructor(clock: StandingClock) {
    this.#clock = clock;
  }

  setFaults(faults: WorkerFaults, random: () => number): void {
    this.#faults = new Faults(faults, random);
  }

  launcher(scheduler: Scheduler, module: URL, name: string): Launcher {
    const faults = (): Faults => this.#faults ?? new Faults({}, () => scheduler.random());
    const owner: TestWorkerOwner = {
      scheduler,
      get faults() {
        return faults();
      },
      nextNumber: () => this.#number++,
    };
    const launch = (events: CarrierEvents, index: number): TestWorker => {
      const worker = new TestWorker(owner, events, index);
      this.#load(scheduler, worker, module);
      return worker;
    };
    return { name, foreign: false, launch };
  }

  /** Each worker has a module of its own: a query makes it another one for the platform, and for test runners. */
  #load(scheduler: Scheduler, worker: TestWorker, module: URL): void {
    const load: Load = { worker, goOn: this.#clock.stand(), end: null };
    this.#loads.push(load);
    const url = new URL(module);
    url.searchParams.set('coloop-worker', `${++instances}`);
    const ended = (end: Load['end']): void => {
      load.end = end;
      if (this.#loads.every((each) => each.end !== null)) whenQuiet(scheduler, () => this.#allLoaded());
    };
    import(/* @vite-ignore */ url.href).then(
      (exports: Module) => ended({ module: exports }),
      (error: unknown) => ended({ error }),
    );
  }

  /** All at once and in order, so that which of them the host read first changes nothing. */
  #allLoaded(): void {
    const loads = this.#loads;
    if (loads.some(({ end }) => end === null)) return;
    this.#loads = [];
    for (const { worker, end, goOn } of loads) {
      if (end !== null && 'module' in end) worker.loaded(end.module);
      else worker.failed(end?.error);
      goOn();
    }
  }
}

/** When nothing runs any more: the moment at which the host's part of a run changes the order of nothing. */
function whenQuiet(scheduler: Scheduler, then: () => void): void {
  if (scheduler.quiet) then();
  else afterHostTurn(() => whenQuiet(scheduler, then));
}

/**
 * Decides which calls of a `WorkerPool` meet a fault, in a test on virtual time: workers that crash, answers that are lost
 * or late, workers that do not answer. Without it none does.
 *
 * In `runTest` and `explore` the workers of every pool run in the test's own scheduler: each has a module of its own,
 * arguments and results are cloned, loading takes no virtual time. A fault that is a share is drawn from `random()`, so a
 * seed decides it. When a worker is lost, the cleanups of its calls run, and nobody is told of them.
 *
 * @param faults which calls, by name, as a share, or by a function of the call
 * @throws NotInTaskError outside of a task; Error where time is not virtual; TypeError and RangeError for wrong options.
 * @example
 * ```ts no-run
 * import { attempt } from '@coloop/core';
 * import { WorkerPool } from '@coloop/core/node';
 * import { runTest, testWorkers } from '@coloop/core/testing';
 *
 * await runTest(function* () {
 *   testWorkers({ crash: 'resize' });
 *   const pool = yield* WorkerPool.open(new URL('./images.ts', import.meta.url));
 *   console.log(yield* attempt(pool.call('resize', new Uint8Array(1024), 300)));
 * });
 * ```
 */
export function testWorkers(faults: WorkerFaults): void {
  const scheduler = runningTask('testWorkers()').scheduler as Scheduler;
  const { workers } = scheduler.clock as { workers?: unknown };
  if (!(workers instanceof TestWorkers)) {
    throw new Error(
      'testWorkers works on virtual time. Use it in `runTest` or `explore`; with `run`, workers are real.',
    );
  }
  workers.setFaults(faults, () => scheduler.random());
}
