/*
 * Connections that speak another protocol than HTTP once they are open, such as WebSocket: each is its caller's alone.
 */
import type { Duplex } from 'node:stream';
import type { CallStream, OpenCall } from '../call/call.ts';
import type { Link } from '../connect/route.ts';
import { SessionClosedError } from '../errors.ts';
import type { Pool, PooledConnection } from '../pool/pool.ts';

/** A connection that is never idle, and gone when its socket is closed. */
export class RawConnection implements PooledConnection {
  readonly socket: Duplex;
  readonly #base: Link['base'];
  readonly usable = false;
  readonly requests = 1;
  idleSince = 0;

  constructor({ socket, base }: Link, pool: Pool) {
    this.socket = socket;
    this.#base = base;
    base.once('close', () => pool.connectionGone(this));
  }

  destroy(): void {
    this.socket.destroy();
    this.#base.destroy();
  }
}

/** Ends such a connection with its call, and the call with the connection. */
export class RawStream implements CallStream {
  readonly #socket: Duplex;

  constructor(socket: Duplex, call: OpenCall) {
    this.#socket = socket;
    socket.once('close', () => {
      if (socket.errored instanceof SessionClosedError) call.fail(socket.errored);
      call.streamEnded(this);
    });
  }

  abort(error: unknown): void {
    this.#socket.destroy(error instanceof Error ? error : undefined);
  }

  closeNowait(): void {
    this.#socket.destroy();
  }
}
