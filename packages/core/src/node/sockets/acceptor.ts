import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { HostCondition } from '../streams/host-condition.ts';
import type { CheckedAddress } from './address.ts';
import { connectError } from './connect-error.ts';
import { clearUnixPath, listenPrivately } from './unix-path.ts';

/** How many connections may wait for a handler, as the backlog of a system; more are turned away. */
const BACKLOG = 511;

/** A socket that listens, and the connections that nobody has taken yet. */
export class Acceptor {
  readonly #server: NetServer;
  readonly #label: string;
  readonly #changed = new HostCondition();
  readonly #waiting: Socket[] = [];
  /** All that are open. */
  readonly #sockets = new Set<Socket>();
  #closed = false;

  private constructor(server: NetServer, { label, tls }: CheckedAddress) {
    this.#server = server;
    this.#label = label;
    server.on(tls === false ? 'connection' : 'secureConnection', (socket: Socket) => this.#arrived(socket));
  }

  /** @throws ConnectError */
  static *open(address: CheckedAddress): Operation<Acceptor> {
    const { host, port, path, tls, label } = address;
    if (path !== undefined) yield* clearUnixPath(path);
    const common = { allowHalfOpen: true, pauseOnConnect: true };
    const server = tls === false ? createServer(common) : createTlsServer({ ...common, ...(tls as object) });
    const acceptor = new Acceptor(server, address);
    let failure: unknown = null;
    server.on('listening', () => acceptor.#changed.check());
    server.on('error', (error) => {
      failure ??= error;
      acceptor.#changed.check();
    });
    try {
      if (path === undefined) server.listen({ host, port, backlog: BACKLOG });
      else listenPrivately(server, path);
      yield* acceptor.#changed.until(`${label} to be ready`, () => server.listening || failure !== null);
      if (failure !== null) throw connectError(`Cannot listen on ${label}`, failure);
    } catch (error) {
      acceptor.end();
      throw error;
    }
    return acceptor;
  }

  /** Where it listens: the port that the system chose. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get host(): string | null {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.address : null;
  }

  /** The next connection; null when it was closed. */
  *next(): Operation<Socket | null> {
    yield* this.#changed.until(`connections at ${this.#label}`, () => this.#waiting.length > 0 || this.#closed);
    return this.#waiting.shift() ?? null;
  }

  /** Listens no more, and breaks every connection whose handler did not close it: one may never have begun. */
  end(): void {
    this.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Listens no more; those that wait for a handler are closed. */
  close(): void {
    this.#closed = true;
    this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
    this.#changed.check();
  }

  #arrived(socket: Socket): void {
    // Until a handler takes it, its errors concern nobody.
    socket.on('error', () => {});
    if (this.#closed || this.#waiting.length >= BACKLOG) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    this.#waiting.push(socket);
    this.#changed.check();
  }
}
