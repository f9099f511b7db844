/** The door `@coloop/core/workers`: pools of Web Workers, what their scripts need, and what calls fail with everywhere. */

export {
  type LossReason,
  NoSuchExportError,
  PoolClosedError,
  RemoteError,
  WorkerLoadError,
  WorkerLostError,
  WorkerUnresponsiveError,
} from './errors.ts';
export type { AnyModule, ArgumentsOf, CallName, CallResult, StreamedItem, StreamName } from './module-types.ts';
export { transfer } from './transfer.ts';
export type { PoolEvents, PoolOptions, PoolStats, UnresponsiveOptions, WorkerStats } from './types.ts';
export { expose } from './web/expose.ts';
export { WorkerPool } from './web/worker-pool.ts';
