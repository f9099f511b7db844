import { readOptions, show } from '../../kernel/operation/options.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import type { Launcher } from '../carrier.ts';
import type { AnyModule } from '../module-types.ts';
import { openPool } from '../pool/open.ts';
import { checkPoolOptions, POOL_OPTIONS } from '../pool/options.ts';
import type { WorkerPool as Pool, PoolOptions } from '../types.ts';
import { WebCarrier } from './web-carrier.ts';

/** Workers that run the exports of one module; made by `WorkerPool.open`. */
export type WorkerPool<M = AnyModule> = Pool<M>;

const FEW = 4;

/** Opens pools of Web Workers. */
export const WorkerPool = {
  /**
   * Starts workers that each load a module, and closes them with the scope that opened the pool.
   *
   * Cancellation: ends the workers that have started.
   *
   * @param makeWorker makes a worker whose script calls `expose(module)`; written as in the example, since bundlers find
   *   the worker's file by this form and no other
   * @param options `size`, `concurrency`, `queue`, `unresponsive`, `errors`, `name`
   * @throws WorkerLoadError when a worker's script does not load; TypeError and RangeError for wrong options.
   * @example
   * ```ts no-run
   * import { run } from '@coloop/core';
   * import { WorkerPool } from '@coloop/core/workers';
   *
   * const makeWorker = () => new Worker(new URL('./images.worker.ts', import.meta.url), { type: 'module' });
   * await run(function* () {
   *   const pool = yield* WorkerPool.open(makeWorker);
   *   console.log(yield* pool.call('resize', new Uint8Array(1024), 300));
   * });
   * ```
   */
  open<M = AnyModule>(makeWorker: () => Worker, options: PoolOptions = {}): Operation<WorkerPool<M>> {
    const given = readOptions('WorkerPool.open', options, POOL_OPTIONS);
    const checked = checkPoolOptions(given, globalThis.navigator?.hardwareConcurrency ?? FEW);
    return openPool(webLauncher(makeWorker), null, checked) as Operation<WorkerPool<M>>;
  },
};

function webLauncher(makeWorker: () => Worker): Launcher {
  if (typeof makeWorker !== 'function') {
    throw new TypeError(
      `WorkerPool.open takes a function that makes a worker, not ${show(makeWorker)}. Write \`() => new Worker(new URL('./images.worker.ts', import.meta.url), { type: 'module' })\`; on Node, the one of '@coloop/core/node' takes the URL of a module.`,
    );
  }
  return { name: 'the module', foreign: true, launch: (events) => new WebCarrier(makeWorker(), events) };
}
