import type { Socket } from 'node:net';
import { checkCount, checkFunction, readOptions, show } from '../../kernel/operation/options.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { runningTask } from '../../kernel/task/current.ts';
import { acquire } from '../../resources/acquire.ts';
import { resource } from '../../resources/resource.ts';
import { Semaphore } from '../../sync/semaphore.ts';
import { type Group, group } from '../../tasks/group.ts';
import { Acceptor } from './acceptor.ts';
import { type AnyAddress, type CheckedAddress, checkAddress, type TlsSettings, type UnixAddress } from './address.ts';
import { Connection } from './connection.ts';
import { Server } from './server.ts';

/** Where `listen` listens. */
export type ListenAddress = (
  | { readonly host?: string | undefined; readonly port?: number | undefined }
  | UnixAddress
) & {
  /** TLS: the certificate and key of the server. */
  readonly tls?: TlsSettings | undefined;
};

/** What `listen` may be given. */
export interface ListenOptions {
  /** How many connections are handled at once; others wait. No limit by default. */
  concurrency?: number | undefined;
}

/** What a server does with a connection. */
export type ConnectionHandler = (connection: Connection) => Operation<void> | void;

/**
 * Listens over TCP, TLS or a unix socket, and runs a handler for every connection, each in a task of its own.
 *
 * A connection is closed when its handler ends. A handler that fails ends nothing but its connection, and is reported
 * ('unhandled'); an error of the connection itself (a reset, an end in the middle) is not. The end of the scope stops the
 * server and cancels the handlers. A unix socket is for the own user alone (mode 0600); one that was left behind, on which nobody
 * listens, is replaced.
 *
 * Cancellation: nothing listens.
 *
 * @param address `host` and `port` (0, the default, lets the system choose), or the `path` of a unix socket; `tls`: `cert` and `key`
 * @param handler what to do with a connection
 * @param options `concurrency`: how many connections are handled at once
 * @throws ConnectError with the system's `code` when it cannot listen there; TypeError and RangeError for a wrong address, at the call.
 * @example
 * ```ts
 * import { forEach } from '@coloop/core';
 * import { connect, listen, main } from '@coloop/core/node';
 *
 * await main(function* () {
 *   const server = yield* listen({ port: 0, host: '127.0.0.1' }, function* (peer) {
 *     yield* forEach(peer.lines(), (line) => peer.write(`${line.toUpperCase()}\n`));
 *   });
 *   const connection = yield* connect({ host: '127.0.0.1', port: server.port });
 *   yield* connection.write('hello\n');
 *   yield* connection.end();
 *   yield* forEach(connection.lines(), (line) => console.log(line)); //> HELLO
 * });
 * ```
 * Source: `asyncio.start_server`, `start_unix_server`; Trio's `serve_tcp`.
 */
export function listen(
  address: ListenAddress,
  handler: ConnectionHandler,
  options: ListenOptions = {},
): Operation<Server> {
  const checked = checkAddress('listen', address as AnyAddress, 0);
  if (checked.tls === true) {
    throw new TypeError(`listen: 'tls' takes the certificate and key of the server, not ${show(checked.tls)}.`);
  }
  checkFunction('listen', handler);
  const { concurrency = Number.POSITIVE_INFINITY } = readOptions('listen', options, { concurrency: 'any' });
  checkCount("listen: the option 'concurrency'", concurrency, 1, true);
  return acquire(serving(checked, handler, concurrency));
}

const serving = (address: CheckedAddress, handler: ConnectionHandler, concurrency: number) =>
  resource<Server>(function* (provide) {
    const acceptor = yield* Acceptor.open(address);
    const server = new Server(acceptor, address);
    try {
      yield* group(function* (handlers) {
        handlers.spawn(accepting(acceptor, server, handlers, handler, concurrency), {
          daemon: true,
          name: `listen(${address.label})`,
        });
        yield* provide(server);
      });
    } finally {
      acceptor.end();
    }
  });

function* accepting(
  acceptor: Acceptor,
  server: Server,
  handlers: Group,
  handler: ConnectionHandler,
  concurrency: number,
): Operation<void> {
  const places = concurrency === Number.POSITIVE_INFINITY ? null : new Semaphore(concurrency);
  for (;;) {
    if (places !== null) yield* places.acquire();
    const socket = yield* acceptor.next();
    if (socket === null) return;
    server.begun();
    const handled = handle(new Connection(socket, nameOf(socket)), handler, () => {
      places?.release();
      server.ended();
    });
    handlers.spawn(handled, { daemon: true, name: `connection of ${nameOf(socket)}` });
  }
}

function* handle(connection: Connection, handler: ConnectionHandler, ended: () => void): Operation<void> {
  try {
    try {
      const work = handler(connection);
      if (work !== undefined) yield* work;
    } finally {
      yield* connection.release();
    }
  } catch (error) {
    const task = runningTask('listen()');
    if (task.cancelRequested) throw error;
    if (!connection.threw(error)) (task.scheduler as Scheduler).unhandled(error, task.name);
  } finally {
    ended();
  }
}

const nameOf = ({ remoteAddress, remotePort }: Socket): string =>
  remoteAddress === undefined ? 'a unix socket' : `${remoteAddress}:${remotePort}`;
