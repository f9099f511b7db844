import type { Operation } from '../../kernel/operation/suspension.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { runningTask } from '../../kernel/task/current.ts';
import { acquire } from '../../resources/acquire.ts';
import { resource } from '../../resources/resource.ts';
import type { Launcher } from '../carrier.ts';
import type { CheckedPoolOptions } from './options.ts';
import { Pool } from './pool.ts';

/** Opens a pool that the nearest owner closes. */
export function openPool(launcher: Launcher, options: CheckedPoolOptions): Operation<Pool> {
  return acquire(
    resource<Pool>(function* workerPool(provide) {
      const pool = new Pool(runningTask('WorkerPool.open').scheduler as Scheduler, launcher, options);
      try {
        yield* pool.start();
        yield* provide(pool);
      } finally {
        yield* pool.close();
      }
    }),
  );
}
