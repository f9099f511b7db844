import type { Operation, Source } from '@coloop/core';
import {
  type ClientConnectionError,
  type ClientError,
  ClientPayloadError,
  type ErrorDetails,
  InvalidOptionError,
  LimitExceededError,
  ServerDisconnectedError,
  ServerTimeoutError,
} from '../errors.ts';
import { CallbackWait, Notify, type SchedulerView, Timer } from '../waits.ts';
import type { Codec, RawData } from './codec.ts';
import type { WebSocketSettings } from './options.ts';

/** A message: text as a string, binary data as bytes. */
export type WebSocketMessage = string | Uint8Array;

/*
 * | state   | meaning                                             | leaves to       |
 * | open    | messages go both ways                               | closing, closed |
 * | closing | one side said close; what had come is still given   | closed          |
 * | closed  | the socket is closed; `closeCode` says how it ended | -               |
 */

/**
 * A conversation in messages over one connection: a source of what comes, and a place to send to.
 *
 * Messages that nobody takes stay with the peer after the first few: the connection is not read then.
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
export class WebSocket implements Source<WebSocketMessage> {
  /** The subprotocol that the server chose; empty without one. */
  readonly protocol: string;
  readonly #codec: Codec;
  readonly #scheduler: SchedulerView;
  readonly #settings: WebSocketSettings;
  readonly #call: Surroundings;
  readonly #messages: WebSocketMessage[] = [];
  readonly #changed = new Notify();
  readonly #pings = new Map<string, () => void>();
  readonly #heartbeat: Timer;
  #size = 0;
  #lastPing = 0;
  #asked = false;
  #error: unknown;
  #closed = false;
  #closeCode: number | undefined;
  #closeReason = '';

  /** @internal */
  constructor(codec: Codec, scheduler: SchedulerView, settings: WebSocketSettings, call: Surroundings) {
    this.#codec = codec;
    this.#scheduler = scheduler;
    this.#settings = settings;
    this.#call = call;
    this.protocol = codec.protocol;
    this.#heartbeat = new Timer(scheduler, () => this.#beat());
    codec.on('message', (data, isBinary) => this.#received(data, isBinary));
    codec.on('ping', () => this.#alive());
    codec.on('pong', (data) => this.#ponged(data));
    codec.on('error', (error) => this.#failed(error));
    codec.on('close', (code, reason) => this.#ended(code, reason));
    this.#alive();
    // It was opened paused, so that a message that came with the handshake finds its listener.
    codec.resume();
  }

  /** The code with which the connection was closed; undefined while it is open, 1006 where it broke. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** The reason that was given for closing. */
  get closeReason(): string {
    return this.#closeReason;
  }

  /** True once the connection is closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The next message; the end where the peer closed.
   *
   * Cancellation: loses nothing, a message that comes later stays for the next call.
   *
   * @throws ServerDisconnectedError where the connection broke, ServerTimeoutError where the heartbeat stopped,
   * LimitExceededError for too large a message, ClientPayloadError for what breaks the protocol
   */
  *next(): Operation<IteratorResult<WebSocketMessage, void>> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        this.#taken(message);
        return { done: false, value: message };
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#closed) return { done: true, value: undefined };
      yield* this.#changed.until(
        'websocket.receive()',
        () => this.#messages.length > 0 || this.#closed || this.#error !== undefined,
      );
    }
  }

  /**
   * The next message, where one is expected.
   *
   * @throws ServerDisconnectedError where the peer closed instead, and the errors of {@link next}
   */
  *receive(): Operation<WebSocketMessage> {
    const message = yield* this.next();
    if (!message.done) return message.value;
    throw this.#closedError('the peer closed it');
  }

  /**
   * Sends a message, and waits until the system has taken it.
   *
   * Cancellation: the message may have been sent.
   *
   * @throws InvalidOptionError for what is neither text nor bytes; ServerDisconnectedError after the end
   */
  *send(data: string | Uint8Array | ArrayBuffer): Operation<void> {
    if (typeof data !== 'string' && !(data instanceof Uint8Array) && !(data instanceof ArrayBuffer)) {
      throw new InvalidOptionError(
        `a WebSocket sends text or bytes, not ${data === null ? 'null' : `a value of type ${typeof data}`}: use JSON.stringify for objects`,
      );
    }
    this.#checkOpen();
    const sent = yield* new CallbackWait<Error | undefined>('websocket.send()', (settle) => {
      this.#codec.send(data, (error) => settle.wake(error ?? undefined));
      return ignore;
    });
    if (sent !== undefined) throw this.#error ?? this.#closedError('it broke while the message was sent', sent);
  }

  /**
   * Asks the peer for a sign of life and waits for it.
   *
   * @returns the milliseconds that it took
   * @throws ServerDisconnectedError where the connection ends before
   */
  *ping(): Operation<number> {
    this.#checkOpen();
    const begun = this.#scheduler.now();
    const payload = `ping ${++this.#lastPing}`;
    const answered = yield* new CallbackWait<boolean>('websocket.ping()', (settle) => {
      this.#pings.set(payload, () => settle.wake(!this.#closed));
      this.#codec.ping(payload);
      // It may have been closed while the task waited for its turn; nothing tells of that a second time.
      if (this.#closed) settle.wake(false);
      return () => this.#pings.delete(payload);
    });
    if (!answered) throw this.#error ?? this.#closedError('it was closed before the peer answered the ping');
    return this.#scheduler.now() - begun;
  }

  /**
   * Closes: says so, waits for the peer to say so too (`closeTimeout` at most), and for the socket's end.
   *
   * Cancellation: destroys the connection at once.
   *
   * @param code - 1000, or 3000 to 4999
   * @param reason - 123 bytes at most
   * @throws InvalidOptionError for another code or a longer reason
   */
  *close(code = 1000, reason = ''): Operation<void> {
    checkClose(code, reason);
    if (this.#closed) return;
    yield* new CallbackWait<void>('websocket.close()', (settle, scheduler) => {
      const timer = new Timer(scheduler, () => this.#codec.terminate());
      timer.set(this.#settings.closeTimeout);
      const done = (): void => {
        timer.stop();
        settle.wake(undefined);
      };
      this.#codec.once('close', done);
      if (this.#closed) done();
      // Who closes no longer listens: the peer's answer must not wait behind messages that nobody takes.
      this.#messages.length = 0;
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
    if (!this.#closed) this.#codec.terminate();
  }

  #received(data: RawData, isBinary: boolean): void {
    this.#alive();
    if (this.#codec.readyState !== OPEN && this.#error !== undefined) return;
    const message = isBinary ? (data as Buffer) : (data as Buffer).toString('utf8');
    this.#messages.push(message);
    this.#size += message.length;
    if (this.#messages.length >= MOST_MESSAGES || this.#size >= this.#settings.maxMessageSize) this.#codec.pause();
    this.#changed.wake();
  }

  #taken(message: WebSocketMessage): void {
    this.#size -= message.length;
    if (this.#codec.isPaused && this.#messages.length <= MOST_MESSAGES / 2) {
      this.#codec.resume();
      this.#alive();
    }
  }

  #ponged(data: Uint8Array): void {
    this.#alive();
    const payload = String.fromCharCode(...data);
    const settle = this.#pings.get(payload);
    this.#pings.delete(payload);
    settle?.();
  }

  #alive(): void {
    this.#asked = false;
    if (!this.#closed) this.#heartbeat.set(this.#settings.heartbeat);
  }

  #beat(): void {
    // Nothing can be heard while nothing is read.
    if (this.#codec.isPaused) return;
    if (!this.#asked) {
      this.#asked = true;
      this.#codec.ping();
      this.#heartbeat.set(this.#settings.heartbeat / 2);
      return;
    }
    this.#error ??= new ServerTimeoutError(
      `the peer of the WebSocket gave no sign of life within ${this.#settings.heartbeat / 2} ms of the heartbeat's ping`,
      { ...this.#call.details(), code: 'HEARTBEAT', limit: 'idle' },
    );
    this.#codec.terminate();
  }

  #failed(error: Error & { readonly code?: string }): void {
    this.#error ??= this.#translate(error);
    this.#changed.wake();
  }

  #translate(error: Error & { readonly code?: string }): ClientError {
    const details: ErrorDetails = { ...this.#call.details(), code: error.code, cause: error };
    if (error.code !== undefined && TOO_LARGE.has(error.code)) {
      return new LimitExceededError(
        `the peer sent a WebSocket message beyond maxMessageSize (${this.#settings.maxMessageSize} bytes): ${error.message}`,
        details,
      );
    }
    if (error.code?.startsWith('WS_ERR_') || error instanceof RangeError) {
      return new ClientPayloadError(`the peer broke the WebSocket protocol: ${error.message}`, details);
    }
    return new ServerDisconnectedError(`the WebSocket broke: ${error.message}`, details);
  }

  #ended(code: number, reason: Uint8Array): void {
    this.#closed = true;
    this.#closeCode = code;
    this.#closeReason = new TextDecoder().decode(reason);
    this.#heartbeat.stop();
    if (code === 1006) this.#error ??= this.#call.reason() ?? this.#closedError('it broke without a closing handshake');
    for (const settle of this.#pings.values()) settle();
    this.#pings.clear();
    this.#changed.wake();
  }

  #checkOpen(): void {
    if (this.#codec.readyState === OPEN) return;
    throw this.#error ?? this.#closedError('it is closed');
  }

  #closedError(what: string, cause?: Error): ClientConnectionError {
    const how =
      this.#closeCode === undefined
        ? ''
        : ` (${this.#closeCode}${this.#closeReason === '' ? '' : ` ${this.#closeReason}`})`;
    return new ServerDisconnectedError(`the WebSocket cannot be used any more: ${what}${how}`, {
      ...this.#call.details(),
      code: 'WEBSOCKET_CLOSED',
      cause,
    });
  }
}

/** What a WebSocket needs of the call that opened it. */
interface Surroundings {
  /** What an error that happens now has to tell. */
  details(): ErrorDetails;
  /** The error of whoever ended the connection from outside. */
  reason(): unknown;
}

/** Section 7.4 of RFC 6455: the other codes are for the protocol itself. */
function checkClose(code: number, reason: string): void {
  if (code !== 1000 && !(Number.isInteger(code) && code >= 3000 && code <= 4999)) {
    throw new InvalidOptionError(`a WebSocket is closed with the code 1000 or one from 3000 to 4999, not ${code}`);
  }
  if (typeof reason !== 'string' || new TextEncoder().encode(reason).length > 123) {
    throw new InvalidOptionError('the reason for closing a WebSocket is longer than 123 bytes: shorten it');
  }
}

function ignore(): void {}

const OPEN = 1;
/** How many messages wait here before the connection is not read any more. */
const MOST_MESSAGES = 64;
const TOO_LARGE: ReadonlySet<string> = new Set([
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
]);
