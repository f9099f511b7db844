/** The door `@coloop/core/node`: what a program in Node needs besides the words that run everywhere. */

export {
  type LossReason,
  NoSuchExportError,
  PoolClosedError,
  RemoteError,
  WorkerLoadError,
  WorkerLostError,
  WorkerUnresponsiveError,
} from '../workers/errors.ts';
export type {
  AnyModule,
  ArgumentsOf,
  CallName,
  CallResult,
  StreamedItem,
  StreamName,
} from '../workers/module-types.ts';
export { transfer } from '../workers/transfer.ts';
export type { PoolEvents, PoolOptions, PoolStats, UnresponsiveOptions, WorkerStats } from '../workers/types.ts';
export { asyncContext } from './async-context.ts';
export { type MainOptions, main } from './main.ts';
export { type NodePoolOptions, WorkerPool } from './worker-pool.ts';
