/*
 * The WebSocket of Node: over an own connection, with the framing library `ws` as its codec, heartbeat and backpressure.
 */
import type { Operation } from '@coloop/core';
import {
  type ClientError,
  ClientPayloadError,
  type ErrorDetails,
  LimitExceededError,
  ServerDisconnectedError,
  ServerTimeoutError,
} from '../errors.ts';
import { CallbackWait, ignore, type SchedulerView, Timer } from '../waits.ts';
import {
  BaseWebSocket,
  BROKEN,
  checkClose,
  checkMessage,
  OPEN,
  type WebSocketCall,
  type WebSocketMessage,
} from './base.ts';
import type { Codec, RawData } from './codec.ts';
import type { WebSocketSettings } from './options.ts';

/** How many messages wait here before the connection is not read any more. */
const MOST_MESSAGES = 64;
const TOO_LARGE: ReadonlySet<string> = new Set([
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
]);

/** What this WebSocket needs of the call that opened it. */
export interface EndedCall extends WebSocketCall {
  /** The error with which the connection was ended from outside: by the session, by a signal. */
  reason(): unknown;
}

/**
 * A conversation in messages over one connection: a source of what comes, and a place to send to.
 *
 * Messages that no task takes stay with the peer after the first few: the connection is not read then.
 *
 * @example
 * ```ts no-run
 * const socket = yield* session.ws('wss://example.com/chat', { heartbeat: 30_000 });
 * yield* socket.send('hello');
 * yield* forEach(socket, (message) => console.log(message));
 * yield* socket.close();
 * ```
 *
 * Source: RFC 6455; compression as in RFC 7692; the words of aiohttp's ClientWebSocketResponse.
 */
export class WebSocket extends BaseWebSocket {
  readonly protocol: string;
  readonly #codec: Codec;
  readonly #scheduler: SchedulerView;
  readonly #call: EndedCall;
  readonly #pings = new Map<string, () => void>();
  readonly #heartbeat: Timer;
  #size = 0;
  #lastPing = 0;
  /** True once the heartbeat has asked for a sign of life, until one comes. */
  #asked = false;
  /** Set once it was closed here: what still comes is read for the peer's close alone. */
  #leaving = false;
  /** Set once none came. */
  #silence: ServerTimeoutError | undefined;

  /** @internal */
  constructor(codec: Codec, scheduler: SchedulerView, settings: WebSocketSettings, call: EndedCall) {
    super(settings, call);
    this.#codec = codec;
    this.#scheduler = scheduler;
    this.#call = call;
    this.protocol = codec.protocol;
    this.#heartbeat = new Timer(scheduler, () => this.#beat());
    codec.on('message', (data, isBinary) => this.#messageCame(data, isBinary));
    codec.on('ping', () => this.#alive());
    codec.on('pong', (data) => this.#pongCame(data));
    codec.on('error', (error) => this.broke(this.#translate(error)));
    codec.on('close', (code, reason) => this.#socketClosed(code, reason));
    this.#alive();
    // It was opened paused, so that a message that came with the handshake finds its listener.
    codec.resume();
  }

  /**
   * Sends a message, and waits until the system has taken it.
   *
   * Cancellation: the message may have been sent.
   *
   * @throws InvalidOptionError if the message is neither text nor bytes; ServerDisconnectedError after the end
   */
  *send(data: string | Uint8Array | ArrayBuffer): Operation<void> {
    checkMessage(data);
    this.checkOpen();
    const sent = yield* new CallbackWait<Error | undefined>('websocket.send()', (settle) => {
      this.#codec.send(data, (error) => settle.wake(error ?? undefined));
      return ignore;
    });
    if (sent !== undefined) throw this.error ?? this.closedError('it broke while the message was sent', sent);
  }

  /**
   * Asks the peer for a sign of life and waits for it.
   *
   * @returns the milliseconds that it took
   * @throws ServerDisconnectedError if the connection ends before
   */
  *ping(): Operation<number> {
    this.checkOpen();
    const begun = this.#scheduler.now();
    const payload = `ping ${++this.#lastPing}`;
    const answered = yield* new CallbackWait<boolean>('websocket.ping()', (settle) => {
      this.#pings.set(payload, () => settle.wake(!this.closed));
      this.#codec.ping(payload);
      // It may have been closed while the task waited for its turn; nothing tells of that a second time.
      if (this.closed) settle.wake(false);
      return () => this.#pings.delete(payload);
    });
    if (!answered) throw this.error ?? this.closedError('it was closed before the peer answered the ping');
    return this.#scheduler.now() - begun;
  }

  /**
   * Closes: says so, waits for the peer to say so too (`closeTimeout` at most), and for the socket's end.
   *
   * Cancellation: destroys the connection at once.
   *
   * @param code - 1000, or 3000 to 4999
   * @param reason - 123 bytes at most
   * @throws InvalidOptionError if the code is another one or the reason longer
   */
  *close(code = 1000, reason = ''): Operation<void> {
    checkClose(code, reason);
    if (this.closed) return;
    yield* new CallbackWait<void>('websocket.close()', (settle, scheduler) => {
      const timer = new Timer(scheduler, () => this.#codec.terminate());
      timer.set(this.settings.closeTimeout);
      const done = (): void => {
        timer.stop();
        settle.wake(undefined);
      };
      this.#codec.once('close', done);
      if (this.closed) done();
      // A program that closes no longer reads: the peer's close must not wait behind messages that no task takes.
      this.#leaving = true;
      this.dropMessages();
      this.#codec.resume();
      this.#codec.close(code, reason);
      return () => {
        timer.stop();
        this.#codec.off('close', done);
        this.#codec.terminate();
      };
    });
  }

  /** Destroys the connection without a word, unless it is closed. */
  [Symbol.dispose](): void {
    if (!this.closed) this.#codec.terminate();
  }

  protected get readyState(): number {
    return this.#codec.readyState;
  }

  protected override taken(message: WebSocketMessage): void {
    this.#size -= message.length;
    if (this.#codec.isPaused && this.waiting <= MOST_MESSAGES / 2) {
      this.#codec.resume();
      this.#alive();
    }
  }

  #messageCame(data: RawData, isBinary: boolean): void {
    this.#alive();
    if (this.#leaving) return;
    if (this.#codec.readyState !== OPEN && this.error !== undefined) return;
    const message = isBinary ? (data as Buffer) : (data as Buffer).toString('utf8');
    this.#size += message.length;
    if (this.waiting + 1 >= MOST_MESSAGES || this.#size >= this.settings.maxMessageSize) this.#codec.pause();
    this.received(message);
  }

  #pongCame(data: Uint8Array): void {
    this.#alive();
    const payload = String.fromCharCode(...data);
    const settle = this.#pings.get(payload);
    this.#pings.delete(payload);
    settle?.();
  }

  #alive(): void {
    this.#asked = false;
    if (!this.closed) this.#heartbeat.set(this.settings.heartbeat);
  }

  #beat(): void {
    // Nothing can be heard while nothing is read.
    if (this.#codec.isPaused) return;
    if (!this.#asked) {
      this.#asked = true;
      this.#codec.ping();
      this.#heartbeat.set(this.settings.heartbeat / 2);
      return;
    }
    // It is told when the connection is closed: a task that sees the error finds `closed` true.
    this.#silence = new ServerTimeoutError(
      `The peer of the WebSocket gave no sign of life within ${this.settings.heartbeat / 2} ms of the heartbeat's ping: open another one, or set a longer heartbeat.`,
      { ...this.details(), code: 'HEARTBEAT', limit: 'idle' },
    );
    this.#codec.terminate();
  }

  #translate(error: Error & { readonly code?: string }): ClientError {
    const details: ErrorDetails = { ...this.details(), code: error.code, cause: error };
    if (error.code !== undefined && TOO_LARGE.has(error.code)) {
      return new LimitExceededError(
        `The peer sent a WebSocket message beyond maxMessageSize (${this.settings.maxMessageSize} bytes): raise it if the peer means well (${error.message}).`,
        details,
      );
    }
    if (error.code?.startsWith('WS_ERR_') || error instanceof RangeError) {
      return new ClientPayloadError(
        `The peer broke the WebSocket protocol (${error.message}): it is the peer that must be mended.`,
        details,
      );
    }
    return new ServerDisconnectedError(`The WebSocket broke (${error.message}): open another one.`, details);
  }

  #socketClosed(code: number, reason: Uint8Array): void {
    this.#heartbeat.stop();
    const why = this.#silence ?? (code === BROKEN ? this.#call.reason() : undefined);
    if (why !== undefined) this.broke(why);
    this.ended(code, new TextDecoder().decode(reason));
    for (const settle of this.#pings.values()) settle();
    this.#pings.clear();
  }
}
