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
export { listenInspect } from './inspect/listen-inspect.ts';
export { type MainBody, type MainOptions, main } from './main.ts';
export { type ExecResult, exec } from './processes/exec.ts';
export { openProcess } from './processes/open-process.ts';
export type { ExecOptions, OpenProcessOptions, ProcessOptions, Stdio } from './processes/options.ts';
export { type ExitStatus, ProcessError } from './processes/process-error.ts';
export type { Subprocess } from './processes/subprocess.ts';
export { signals } from './signals.ts';
export type { TcpAddress, TlsMaterial, TlsSettings, UnixAddress } from './sockets/address.ts';
export { type ConnectAddress, connect } from './sockets/connect.ts';
export { ConnectError } from './sockets/connect-error.ts';
export type { Connection } from './sockets/connection.ts';
export { type ConnectionHandler, type ListenAddress, type ListenOptions, listen } from './sockets/listen.ts';
export type { Server } from './sockets/server.ts';
export type { ByteReader } from './streams/byte-reader.ts';
export type { ByteWriter } from './streams/byte-writer.ts';
export { IncompleteReadError, LimitOverrunError } from './streams/errors.ts';
export { type ReadLinesOptions, readLines } from './streams/read-lines.ts';
export { type NodePoolOptions, WorkerPool } from './worker-pool.ts';
