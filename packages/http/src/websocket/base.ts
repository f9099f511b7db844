/*
 * What a WebSocket is on every platform: a queue of messages that came, how it ended, and the errors about both.
 */
import type { Operation, Source } from '@coloop/core';
import { acquisition, type GivesBack } from '@coloop/core/lowlevel';
import { type ErrorDetails, InvalidOptionError, ServerDisconnectedError } from '../errors.ts';
import { showAs } from '../inspect.ts';
import type { JsonOptions } from '../response/json.ts';
import { Notify } from '../waits.ts';
import { jsonMessage, parsedMessage } from './json.ts';
import type { WebSocketSettings } from './options.ts';

/** A message: text as a string, binary data as bytes. */
export type WebSocketMessage = string | Uint8Array;

/*
 * | state   | meaning                                             | leaves to       |
 * | open    | messages go both ways                               | closing, closed |
 * | closing | one side said close; what had come is still given   | closed          |
 * | closed  | the socket is closed; `closeCode` says how it ended | -               |
 */

/** `readyState` of a codec that takes messages. */
export const OPEN = 1;
/** The code of a connection that ended without a closing handshake: RFC 6455, section 7.1.5. */
export const BROKEN = 1006;

/** What a WebSocket needs of the call that opened it. */
export interface WebSocketCall {
  /** Who has the WebSocket, and how it is given back where nobody gets it. */
  readonly held?: GivesBack | undefined;
  /** What an error that happens now has to tell. */
  details(): ErrorDetails;
}

/** The common part of the two WebSockets; each has the codec of its platform. */
export abstract class BaseWebSocket implements Source<WebSocketMessage> {
  protected readonly settings: WebSocketSettings;
  readonly #call: WebSocketCall;
  readonly #messages: WebSocketMessage[] = [];
  readonly #changed = new Notify();
  #error: unknown;
  #closed = false;
  #closeCode: number | undefined;
  #closeReason = '';

  /** @internal */
  constructor(settings: WebSocketSettings, call: WebSocketCall) {
    this.settings = settings;
    this.#call = call;
  }

  /** The subprotocol that the server chose; empty without one. */
  abstract get protocol(): string;

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
   * @throws ServerDisconnectedError if the connection broke, ServerTimeoutError if the heartbeat stopped,
   * LimitExceededError if a message is too large, ClientPayloadError if the peer breaks the protocol
   */
  *next(): Operation<IteratorResult<WebSocketMessage, void>> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        this.taken(message);
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
   * @throws ServerDisconnectedError if the peer closed instead, and the errors of {@link next}
   */
  *receive(): Operation<WebSocketMessage> {
    const message = yield* this.next();
    if (!message.done) return message.value;
    throw this.closedError('the peer closed it');
  }

  /**
   * The next message as JSON, text or bytes.
   *
   * @throws ClientPayloadError if it is not JSON, or does not match the schema, and the errors of {@link receive}
   */
  *receiveJson<T = unknown>(options: Pick<JsonOptions<T>, 'schema'> = {}): Operation<T> {
    return yield* parsedMessage(yield* this.receive(), options, this.details());
  }

  abstract send(data: string | Uint8Array | ArrayBuffer): Operation<void>;

  /**
   * Sends a value as JSON, in a message of text; the same as `send(JSON.stringify(value))`.
   *
   * @throws InvalidOptionError for what JSON cannot express, at the call, and the errors of `send`
   */
  sendJson(value: unknown): Operation<void> {
    return this.send(jsonMessage(value));
  }

  abstract ping(): Operation<number>;

  abstract close(code?: number, reason?: string): Operation<void>;

  abstract [Symbol.dispose](): void;

  /** @internal */
  get [acquisition](): GivesBack | undefined {
    return this.#call.held;
  }

  // ---- what the codec says ----

  /** How many messages wait for a reader. */
  protected get waiting(): number {
    return this.#messages.length;
  }

  /** Why nothing more comes, apart from a proper end. */
  protected get error(): unknown {
    return this.#error;
  }

  protected received(message: WebSocketMessage): void {
    this.#messages.push(message);
    this.#changed.wake();
  }

  /** The first error is the one that readers get, once they have read what came before it. */
  protected broke(error: unknown): void {
    this.#error ??= error;
    this.#changed.wake();
  }

  /** The connection is closed. */
  protected ended(code: number, reason: string): void {
    this.#closed = true;
    this.#closeCode = code;
    this.#closeReason = reason;
    if (code === BROKEN) this.#error ??= this.closedError('it broke without a closing handshake');
    this.#changed.wake();
  }

  // ---- what the codec is asked ----

  /** What its codec calls the state: 1 is open. */
  protected abstract get readyState(): number;

  /** A message was read. */
  protected taken(_message: WebSocketMessage): void {}

  // ---- what both do in the same way ----

  /**
   * Looks before something is sent.
   *
   * @throws ServerDisconnectedError after the end
   */
  protected checkOpen(): void {
    if (this.readyState === OPEN && !this.#closed) return;
    throw this.#error ?? this.closedError('it is closed');
  }

  /** Waits for the end, without more messages. */
  protected untilClosed(): Operation<void> {
    return this.#changed.until('websocket.close()', () => this.#closed);
  }

  /** Nobody will read the messages that wait. */
  protected dropMessages(): void {
    this.#messages.length = 0;
  }

  static {
    showAs(BaseWebSocket, 'WebSocket', (socket) => socket.#view());
  }

  #view(): object {
    const { protocol, closed, closeCode, closeReason } = this;
    const { request, phase } = this.details();
    const state = closed ? 'closed' : this.readyState === OPEN ? 'open' : 'closing';
    const end = closeCode === undefined ? {} : { closeCode, closeReason };
    return { method: request?.method, url: request?.url, status: 101, phase, state, protocol, ...end };
  }

  protected details(): ErrorDetails {
    return this.#call.details();
  }

  protected closedError(what: string, cause?: Error): ServerDisconnectedError {
    const code = this.#closeCode === undefined ? '' : ` (${`${this.#closeCode} ${this.#closeReason}`.trimEnd()})`;
    return new ServerDisconnectedError(`The WebSocket cannot be used any more: ${what}${code}. Open another one.`, {
      ...this.details(),
      code: 'WEBSOCKET_CLOSED',
      cause,
    });
  }
}

/** @throws InvalidOptionError if it is neither text nor bytes */
export function checkMessage(data: unknown): void {
  if (typeof data === 'string' || data instanceof Uint8Array || data instanceof ArrayBuffer) return;
  throw new InvalidOptionError(
    `A WebSocket sends text or bytes, not ${data === null ? 'null' : `a value of type ${typeof data}`}: use sendJson, or JSON.stringify, for objects.`,
  );
}

/**
 * Looks at what a WebSocket is to be closed with. Section 7.4 of RFC 6455: the other codes are for the protocol itself.
 *
 * @throws InvalidOptionError
 */
export function checkClose(code: number, reason: string): void {
  if (code !== 1000 && !(Number.isInteger(code) && code >= 3000 && code <= 4999)) {
    throw new InvalidOptionError(
      `The code for closing a WebSocket is ${String(code)}: give 1000, or one from 3000 to 4999.`,
    );
  }
  if (typeof reason !== 'string' || new TextEncoder().encode(reason).length > 123) {
    throw new InvalidOptionError('The reason for closing a WebSocket is not a text of at most 123 bytes: shorten it.');
  }
}
