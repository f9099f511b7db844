import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { schedulerOf } from '../../kernel/scheduler/run.ts';
import { addRelease, removeRelease } from '../../kernel/scope/releases.ts';
import { runningTask } from '../../kernel/task/current.ts';
import { HostCondition } from '../streams/host-condition.ts';
import {
  type AnyAddress,
  type CheckedAddress,
  checkAddress,
  type TcpAddress,
  type TlsSettings,
  type UnixAddress,
} from './address.ts';
import { connectError } from './connect-error.ts';
import { Connection } from './connection.ts';

/** Where `connect` goes to. */
export type ConnectAddress = (TcpAddress | UnixAddress) & {
  /** TLS, with the certificate verified: true, or certificates and names. */
  readonly tls?: TlsSettings | boolean | undefined;
};

/**
 * Connects over TCP, TLS or a unix socket; the connection is closed with the scope that made it.
 *
 * Cancellation: gives the attempt up.
 *
 * @param address `host` and `port`, or the `path` of a unix socket; `tls`: true, or certificates and names
 * @throws ConnectError with the system's `code`, also for a certificate that is not trusted; TypeError and RangeError for a
 * wrong address, at the call.
 * @example
 * ```ts
 * import { connect, listen, main } from '@coloop/core/node';
 *
 * await main(function* () {
 *   const server = yield* listen({ port: 0, host: '127.0.0.1' }, function* (peer) {
 *     yield* peer.write(yield* peer.readUntil('\n'));
 *   });
 *   const connection = yield* connect({ host: '127.0.0.1', port: server.port });
 *   yield* connection.write('hello\n');
 *   const r = yield* connection.lines().next();
 *   console.log(r.value); //> hello
 * });
 * ```
 * Source: `asyncio.open_connection` and `open_unix_connection`.
 */
export function connect(address: ConnectAddress): Operation<Connection> {
  return connected(checkAddress('connect', address as AnyAddress, 1));
}

function* connected(address: CheckedAddress): Operation<Connection> {
  const task = runningTask('connect()');
  const socket = yield* dial(address);
  const connection = new Connection(socket, address.label);
  const giveBack = schedulerOf(task).hold('connection', address.label);
  const release = addRelease(task.innermostOwner, () => connection.release());
  connection.whenClosed(() => {
    giveBack();
    removeRelease(release);
  });
  return connection;
}

/** A socket that is connected, or its error. */
export function* dial(address: CheckedAddress): Operation<Socket> {
  const changed = new HostCondition();
  const socket = socketTo(address);
  let connected = false;
  let failure: unknown = null;
  const onError = (error: unknown): void => {
    failure = error;
    changed.check();
  };
  socket.once(address.tls === false ? 'connect' : 'secureConnect', () => {
    connected = true;
    changed.check();
  });
  socket.on('error', onError);
  try {
    yield* changed.until(`the connection to ${address.label}`, () => connected || failure !== null);
    if (failure !== null) throw connectError(`No connection to ${address.label}`, failure);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.off('error', onError);
  return socket;
}

function socketTo({ host = 'localhost', port, path, tls }: CheckedAddress): Socket {
  const address = { ...(path === undefined ? { host, port } : { path }), allowHalfOpen: true };
  if (tls === false) return connectTcp(address);
  const name = isIP(host) === 0 ? { servername: host } : {};
  // Node's types want arrays that can be changed; nothing changes them.
  return connectTls({ ...address, ...name, ...(tls === true ? {} : (tls as object)) });
}
