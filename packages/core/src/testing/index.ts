/** The door `@coloop/core/testing`: time, chance and interleavings under control. */

export { DeadlockError } from '../errors.ts';
export { type CoroutineTestOptions, coroutineTest } from './coroutine-test.ts';
export { type ExploreOptions, explore } from './explore/explore.ts';
export { ExploreError, type ExploreFailure } from './explore/explore-error.ts';
export { InjectedHostError } from './explore/host-events.ts';
export type { ExploreReport } from './explore/report.ts';
export { type RunTestOptions, runTest } from './run-test.ts';
export { VirtualClock, type VirtualClockOptions } from './virtual-clock.ts';
export { waitAllBlocked } from './wait-all-blocked.ts';
export type { Delay, Fault, WorkerCall, WorkerFaults } from './workers/faults.ts';
export { testWorkers } from './workers/test-workers.ts';
