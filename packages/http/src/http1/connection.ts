/*
 * A socket on which HTTP/1.1 is spoken, with one `undici.Client` as its codec.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { OpenCall } from '../call/call.ts';
import { bare } from '../checks.ts';
import type { Link } from '../connect/route.ts';
import { ServerDisconnectedError } from '../errors.ts';
import type { ConnectionOwner, WireConnection } from '../exchange/wire-connection.ts';
import type { Request } from '../request/request.ts';
import { type ClientClass, codecNowait, NOT_SENT } from './codec.ts';
import { Http1Exchange, type Http1Line } from './exchange.ts';
import { SocketGuard } from './guard.ts';

/** All limits are ours: the codec has none. */
const CODEC_SETTINGS = {
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
  // Our own guard counts the bytes, with the limit of each request.
  maxHeaderSize: 2 ** 30,
  keepAliveTimeoutThreshold: 0,
} as const;

/** A connection that serves one request after the other. */
export class Http1Connection implements WireConnection, Http1Line {
  readonly socket: Duplex;
  readonly #base: Socket;
  readonly guard: SocketGuard;
  /** How many requests were sent. */
  requests = 0;
  /** When it fell idle, on the scheduler's clock. */
  idleSince = 0;
  /** True where it must not be used again, although its response was read whole. */
  spoiled = false;
  /** Why the socket broke, where it did. */
  broken: Error | undefined;
  readonly #client: InstanceType<ClientClass>;
  readonly #owner: ConnectionOwner;
  #gone = false;

  constructor({ socket, base }: Link, keepAlive: number, owner: ConnectionOwner) {
    this.socket = socket;
    this.#base = base;
    this.#owner = owner;
    this.guard = new SocketGuard(socket);
    let unused = true;
    socket.on('error', (error) => {
      this.broken ??= error;
    });
    base.once('close', () => this.#tellOwner());
    const seconds = Math.min(Math.max(keepAlive, 1), 2 ** 31 - 1);
    // It was loaded before the request was begun that this connection is for.
    this.#client = new (codecNowait() as ClientClass)(
      'http://codec.invalid',
      bare({
        ...CODEC_SETTINGS,
        keepAliveTimeout: seconds,
        keepAliveMaxTimeout: seconds,
        // Asynchronous, since a synchronous callback leaves the request unwritten; refused the second time, since a Client
        // would connect again by itself.
        connect: (_options, callback) => {
          if (unused) queueMicrotask(() => callback(null, socket as never));
          else
            queueMicrotask(() =>
              callback(new ServerDisconnectedError('The connection is closed: ask again.', { code: NOT_SENT }), null),
            );
          unused = false;
        },
      }),
    );
  }

  /** Whether a request can be put on it now. */
  get usable(): boolean {
    const { socket } = this;
    return !this.#gone && !this.spoiled && !socket.destroyed && socket.readable && socket.writable;
  }

  /** How many bytes wait for the peer; undefined where the platform does not say. */
  get unsent(): number | undefined {
    // Not in its documentation: its own timeout of a socket looks at this.
    return (this.#base as Socket & { readonly _handle?: { readonly writeQueueSize?: number } | null })._handle
      ?.writeQueueSize;
  }

  /** How many bytes the peer has taken, while some wait for it. */
  get taken(): number | undefined {
    const { unsent = 0 } = this;
    return unsent === 0 ? undefined : this.#base.bytesWritten - unsent;
  }

  exchange(request: Request, call: OpenCall): Http1Exchange {
    return new Http1Exchange(this, request, call);
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.requests += 1;
    this.#client.dispatch(options, handler);
  }

  /**
   * The response was read whole: it goes back to the pool at once, since the next request may come in this very turn.
   *
   * The codec may close the socket right afterwards (Connection: close); a request that was given it meanwhile finds it
   * unusable. A response that overtook its request, as a 413 does, leaves it blocked: what is not yet sent may never be read.
   * What TLS has only not yet confirmed is sent, where nothing waits below it.
   */
  free(): void {
    this.guard.end();
    if (this.usable && (this.socket.writableLength === 0 || this.unsent === 0)) this.#owner.connectionFree(this);
    else this.destroy();
  }

  destroy(): void {
    this.socket.destroy();
    this.#base.destroy();
    this.#tellOwner();
  }

  #tellOwner(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#owner.connectionGone(this);
  }
}
