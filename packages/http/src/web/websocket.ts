/*
 * The WebSocket of browsers and edge runtimes: the platform's own, which reads, pings and closes by its own rules.
 */
import { type Operation, sleep } from '@coloop/core';
import type { CallStream, OpenCall } from '../call/call.ts';
import { InvalidOptionError, LimitExceededError, WebSocketHandshakeError } from '../errors.ts';
import type { Request } from '../request/request.ts';
import { CallbackWait, Timer } from '../waits.ts';
import { BaseWebSocket, BROKEN, checkClose, checkMessage } from '../websocket/base.ts';
import type { WebSocketSettings } from '../websocket/options.ts';

/** How many bytes may lie with the platform before a sender waits. */
const HIGH_WATER = 1_048_576;

/**
 * Opens a WebSocket of the platform.
 *
 * Cancellation: closes it at once.
 *
 * @throws InvalidOptionError if there are headers or credentials, which the platform does not send;
 * WebSocketHandshakeError if it does not come about, for whatever reason: the platform does not tell
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
    `The platform's WebSocket cannot send ${what}: give it as null to session.ws, and put a token into the URL, the protocols or the first message.`,
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
 * The platform reads without being asked: messages that no task takes gather here.
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
export class WebSocket extends BaseWebSocket implements CallStream {
  readonly #codec: globalThis.WebSocket;
  readonly #call: OpenCall;
  #decided: ((open: boolean) => void) | undefined;

  /** @internal */
  constructor(codec: globalThis.WebSocket, settings: WebSocketSettings, call: OpenCall) {
    super(settings, call);
    this.#codec = codec;
    this.#call = call;
    codec.addEventListener('open', () => this.#decide(true));
    codec.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#messageCame(data));
    codec.addEventListener('close', ({ code, reason }) => this.#socketClosed(code, reason));
  }

  get protocol(): string {
    return this.#codec.protocol;
  }

  /**
   * Sends a message, and waits while much of what was sent lies with the platform.
   *
   * Cancellation: the message may have been sent.
   *
   * @throws InvalidOptionError if the message is neither text nor bytes; ServerDisconnectedError after the end
   */
  *send(data: string | Uint8Array | ArrayBuffer): Operation<void> {
    checkMessage(data);
    this.checkOpen();
    this.#codec.send(data as string | BufferSource);
    // The platform has no event for it.
    while (this.#codec.bufferedAmount > HIGH_WATER && !this.closed) yield* sleep(5);
    if (this.error !== undefined) throw this.error;
  }

  /** @throws InvalidOptionError always: the platform pings by itself, if at all. */
  *ping(): Operation<number> {
    throw new InvalidOptionError(
      "The platform's WebSocket has no websocket.ping(): send a message of your own and wait for the reply.",
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
   * @throws InvalidOptionError if the code is another one or the reason longer
   */
  *close(code = 1000, reason = ''): Operation<void> {
    checkClose(code, reason);
    if (this.closed) return;
    this.#codec.close(code, reason);
    this.dropMessages();
    const timer = new Timer(this.#call.scheduler, () => this.#socketClosed(BROKEN, ''));
    timer.set(this.settings.closeTimeout);
    try {
      yield* this.untilClosed();
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
    if (this.closed) return;
    if (error !== undefined) this.broke(error);
    this.#codec.close();
    this.#socketClosed(BROKEN, '');
  }

  /** @internal */
  closeNowait(): void {
    this.abort(undefined);
  }

  /** @internal Whether it opened. */
  whenDecided(decided: (open: boolean) => void): void {
    this.#decided = decided;
  }

  protected get readyState(): number {
    return this.#codec.readyState;
  }

  #decide(open: boolean): void {
    const decided = this.#decided;
    this.#decided = undefined;
    decided?.(open);
  }

  #messageCame(data: unknown): void {
    if (this.closed) return;
    const message = typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer);
    const { maxMessageSize } = this.settings;
    if (message.length <= maxMessageSize) {
      this.received(message);
      return;
    }
    this.abort(
      new LimitExceededError(
        `The peer sent a WebSocket message of ${message.length} bytes, beyond maxMessageSize (${maxMessageSize} bytes): raise it if the peer means well.`,
        this.details(),
      ),
    );
  }

  #socketClosed(code: number, reason: string): void {
    if (this.closed) return;
    this.ended(code, reason);
    this.#decide(false);
    this.#call.streamEnded(this);
  }
}
