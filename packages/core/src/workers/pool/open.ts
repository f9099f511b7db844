import type { Clock } from '../../kernel/clock/clock.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { addRelease, removeRelease } from '../../kernel/scope/releases.ts';
import { runningTask } from '../../kernel/task/current.ts';
import type { Launcher, WorkerSimulation } from '../carrier.ts';
import type { CheckedPoolOptions } from './options.ts';
import { Pool } from './pool.ts';

/**
 * Opens a pool that the nearest owner closes.
 *
 * @param module what the workers load, where that is known: in virtual time they run in the test's own scheduler
 */
export function* openPool(launcher: Launcher, module: URL | null, options: CheckedPoolOptions): Operation<Pool> {
  const task = runningTask('WorkerPool.open');
  const scheduler = task.scheduler as Scheduler;
  const pool = new Pool(scheduler, chooseLauncher(scheduler, launcher, module), options);
  // No task of its own, as a resource has: there is nothing in a pool that somebody could cancel.
  const release = addRelease(task.innermostOwner, () => pool.close());
  try {
    yield* pool.start();
  } catch (error) {
    removeRelease(release);
    yield* pool.close();
    throw error;
  }
  return pool;
}

function chooseLauncher(scheduler: Scheduler, launcher: Launcher, module: URL | null): Launcher {
  const { workers } = scheduler.clock as Clock & { workers?: WorkerSimulation };
  if (workers === undefined) return launcher;
  if (module !== null) return workers.launcher(scheduler, module, launcher.name);
  throw new Error(
    'A pool of Web Workers needs real time, since nobody knows which module they load. In tests on virtual time, open the pool of @coloop/core/node with the URL of the module.',
  );
}
