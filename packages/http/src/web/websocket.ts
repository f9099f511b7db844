import { type Operation, type Source, sleep } from '@coloop/core';
import type { CallStream, OpenCall } from '../call/call.ts';
import {
  type ClientError,
  type ErrorDetails,
  InvalidOptionError,
  LimitExceededError,
  ServerDisconnectedError,
  WebSocketHandshakeError,
} from '../errors.ts';
import type { Request } from '../request/request.ts';
import { CallbackWait, Notify, Timer } from '../waits.ts';
import type { WebSocketSettings } from '../websocket/options.ts';

/** A message: text as a string, binary data as bytes. */
export type WebSocketMessage = string | Uint8Array;

/**
 * Opens a WebSocket of the platform.
 *
 * Cancellation: closes it at once.
 *
 * @throws InvalidOptionError for headers and credentials, which the platform does not send; WebSocketHandshakeError
 * where it does not come about, for whatever reason: the platform does not tell
 *
 * Source: the WebSockets standard.
 */
export function* openWebSocket(request: Request, settings: WebSocketSettings, call: OpenCall): Operation<WebSocket> {
  call.request = request;
  checkPlain(request);
  call.attempts += 1;
  call.enter('connect');
  const url = request.url.href.replace(/^http/, 'ws').replace(/#.*$/, '');
  const codec = new globalThis.WebSocket(url, [...settings.protocols]);
  codec.binaryType = 'arraybuffer';
  const socket = new WebSocket(codec, settings, call);
  call.addStream(socket);
  yield* new CallbackWait<void>(`WebSocket handshake with ${request.url.host}`, (settle) => {
    socket.whenDecided((open) => {
      if (open) settle.wake(undefined);
      else settle.fail(refused(request, call));
    });
    return () => socket.abort(undefined);
  });
  return socket;
}

function checkPlain(request: Request): void {
  const [header] = [...request.headers].find(([name]) => name.toLowerCase() !== 'accept') ?? [];
  const what = request.auth !== null ? 'auth' : request.cookies !== null ? 'cookies' : header && `headers.${header}`;
  if (what === undefined) return;
  throw new InvalidOptionError(
    `session.ws: ${what} cannot be had from the platform's WebSocket, which sends no headers of ours: give it as null here, and put a token into the URL, the protocols or the first message.`,
    { code: 'NOT_AVAILABLE' },
  );
}

function refused(request: Request, call: OpenCall): WebSocketHandshakeError {
  return new WebSocketHandshakeError(
    `${request.url.href} did not become a WebSocket, and the platform does not say why: check the address, the protocols and whether the server allows this origin.`,
    { ...call.details(), status: 0, headers: new Headers() },
  );
}

/**
 * A conversation in messages over one connection: a source of what comes, and a place to send to.
 *
 * The platform reads without being asked: messages that nobody takes gather here.
 *
 * @example
 * ```ts no-run
 * const socket = yield* session.ws('wss://example.com/chat');
 * yield* socket.send('hello');
 * yield* forEach(socket, (message) => console.log(message));
 * yield* socket.close();
 * ```
 *
 * Source: the WebSockets standard; the words of aiohttp's ClientWebSocketResponse.
 */
export class WebSocket implements Source<WebSocketMessage>, CallStream {
  readonly #codec: globalThis.WebSocket;
  readonly #settings: WebSocketSettings;
  readonly #call: OpenCall;
  readonly #messages: WebSocketMessage[] = [];
  readonly #changed = new Notify();
  #decided: ((open: boolean) => void) | undefined;
  #error: unknown;
  #closed = false;
  #closeCode: number | undefined;
  #closeReason = '';

  /** @internal */
  constructor(codec: globalThis.WebSocket, settings: WebSocketSettings, call: OpenCall) {
    this.#codec = codec;
    this.#settings = settings;
    this.#call = call;
    codec.addEventListener('open', () => this.#decide(true));
    codec.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#received(data));
    codec.addEventListener('close', ({ code, reason }) => this.#ended(code, reason));
  }

  /** The subprotocol that the server chose; empty without one. */
  get protocol(): string {
    return this.#codec.protocol;
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
   * @throws ServerDisconnectedError where the connection broke, LimitExceededError for too large a message
   */
  *next(): Operation<IteratorResult<WebSocketMessage, void>> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return { done: false, value: message };
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
   * Sends a message, and waits while much of what was sent lies with the platform.
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
    this.#codec.send(data as string | BufferSource);
    // The platform has no event for it.
    while (this.#codec.bufferedAmount > HIGH_WATER && !this.#closed) yield* sleep(5);
    if (this.#error !== undefined) throw this.#error;
  }

  /** @throws InvalidOptionError always: the platform pings by itself, if at all. */
  *ping(): Operation<number> {
    throw new InvalidOptionError(
      "websocket.ping() cannot be had from the platform's WebSocket: send a message of your own and wait for its answer.",
      { code: 'NOT_AVAILABLE' },
    );
  }

  /**
   * Closes: says so, and waits for the peer to say so too (`closeTimeout` at most).
   *
   * Cancellation: leaves the rest to the platform.
   *
   * @param code - 1000, or 3000 to 4999
   * @param reason - 123 bytes at most
   * @throws InvalidOptionError for another code or a longer reason
   */
  *close(code = 1000, reason = ''): Operation<void> {
    if (this.#closed) return;
    try {
      this.#codec.close(code, reason);
    } catch (cause) {
      throw new InvalidOptionError(
        `a WebSocket is closed with the code 1000 or one from 3000 to 4999 and at most 123 bytes of reason, not ${code}`,
        { cause },
      );
    }
    this.#messages.length = 0;
    const timer = new Timer(this.#call.scheduler, () => this.#ended(1006, ''));
    timer.set(this.#settings.closeTimeout);
    try {
      yield* this.#changed.until('websocket.close()', () => this.#closed);
    } finally {
      timer.stop();
    }
  }

  /** Closes without waiting, unless it is closed. */
  [Symbol.dispose](): void {
    this.abort(undefined);
  }

  /** @internal */
  abort(error: unknown): void {
    if (this.#closed) return;
    if (error !== undefined) this.#error ??= error;
    this.#codec.close();
    this.#ended(1006, '');
  }

  /** @internal */
  closeNowait(): void {
    this.abort(undefined);
  }

  /** @internal Whether it opened. */
  whenDecided(decided: (open: boolean) => void): void {
    this.#decided = decided;
  }

  #decide(open: boolean): void {
    const decided = this.#decided;
    this.#decided = undefined;
    decided?.(open);
  }

  #received(data: unknown): void {
    if (this.#closed) return;
    const message = typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer);
    if (message.length > this.#settings.maxMessageSize) {
      const { maxMessageSize } = this.#settings;
      this.abort(
        new LimitExceededError(
          `the peer sent a WebSocket message of ${message.length} bytes, beyond maxMessageSize (${maxMessageSize} bytes)`,
          this.#details(),
        ),
      );
      return;
    }
    this.#messages.push(message);
    this.#changed.wake();
  }

  #ended(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closeCode = code;
    this.#closeReason = reason;
    if (code === 1006) this.#error ??= this.#closedError('it broke without a closing handshake');
    this.#decide(false);
    this.#changed.wake();
    this.#call.streamEnded(this);
  }

  #checkOpen(): void {
    if (this.#codec.readyState === OPEN && !this.#closed) return;
    throw this.#error ?? this.#closedError('it is closed');
  }

  #details(): ErrorDetails {
    return this.#call.details();
  }

  #closedError(what: string): ClientError {
    const code = this.#closeCode === undefined ? '' : ` (${this.#closeCode} ${this.#closeReason}`.trimEnd().concat(')');
    return new ServerDisconnectedError(`the WebSocket cannot be used any more: ${what}${code}`, {
      ...this.#details(),
      code: 'WEBSOCKET_CLOSED',
    });
  }
}

const OPEN = 1;
/** How many bytes may lie with the platform before a sender waits. */
const HIGH_WATER = 1_048_576;
