/*
 * The handshake of a WebSocket on Node: asks a server over one connection, and says what came of it.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket as WsSocket } from 'ws';
import { explainTls, isTlsFailure } from '../connect/tls-advice.ts';
import {
  type ClientError,
  ClientSslError,
  complete,
  type ErrorDetails,
  LimitExceededError,
  ServerDisconnectedError,
  SessionClosedError,
} from '../errors.ts';
import { EXCERPT_SIZE, EXCERPT_TIME } from '../limits.ts';
import type { Request } from '../request/request.ts';
import { LineList } from '../response/header-lines.ts';
import type { ResponseHead } from '../response/response.ts';
import { type SchedulerView, type Settle, Timer } from '../waits.ts';
import type { WebSocketSettings } from './options.ts';

// What is made here, and what is meant for a proxy: the handshake goes to the server, through a tunnel where there is one.
const NOT_SENT: ReadonlySet<string> = new Set([
  'proxy-authorization',
  'connection',
  'upgrade',
  'accept-encoding',
  'content-length',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
]);

/** What came of one handshake. */
export class Handshake {
  readonly head: ResponseHead;
  /** Undefined where it was refused. */
  readonly codec: WsSocket | undefined;
  /** The beginning of a refusal's body. */
  readonly body: Uint8Array;
  readonly why: string | undefined;

  constructor(response: IncomingMessage, codec: WsSocket | undefined, body: Uint8Array, why?: string) {
    const { statusCode = 0, statusMessage = '', rawHeaders } = response;
    this.head = { status: statusCode, reason: statusMessage, lines: new LineList(rawHeaders) };
    this.codec = codec;
    this.body = body;
    this.why = why;
  }
}

/** What holds for a handshake. */
export interface HandshakeTerms {
  readonly limits: {
    /** For the head of the response, in milliseconds. */
    readonly time: number;
    /** For the same, in bytes. */
    readonly bytes: number;
    timeoutError(): unknown;
  };
  readonly details: () => ErrorDetails;
}

/** One handshake on its way; it settles once. */
export class HandshakeAttempt {
  readonly #codec: WsSocket;
  readonly #socket: Duplex;
  readonly #settle: Settle<Handshake>;
  readonly #details: () => ErrorDetails;
  readonly #timer: Timer;
  /** Rings if the head of the response does not come in time. */
  readonly #headTimer: Timer;
  readonly #mostBytes: number;
  /** What of the limit the interim responses have taken. */
  #interimBytes = 0;
  readonly #excerpt: Buffer[] = [];
  #excerptSize = 0;
  /** The response that upgrades. */
  #response: IncomingMessage | undefined;
  /** The response that does not. */
  #refusal: IncomingMessage | undefined;

  /** @param codec - made by {@link codecFor} in this very turn: it has told nothing yet */
  constructor(
    codec: WsSocket,
    socket: Duplex,
    settle: Settle<Handshake>,
    scheduler: SchedulerView,
    { limits, details }: HandshakeTerms,
  ) {
    this.#codec = codec;
    this.#socket = socket;
    this.#settle = settle;
    this.#details = details;
    this.#timer = new Timer(scheduler, () => this.#refuse());
    this.#headTimer = new Timer(scheduler, () => this.#fail(limits.timeoutError()));
    this.#headTimer.set(limits.time);
    this.#mostBytes = limits.bytes;
    codec.on('upgrade', (response) => {
      this.#response = response;
      this.#headTimer.stop();
    });
    // Not "once": what comes between the handshake and the first listener of the WebSocket must find one.
    codec.on('error', (error) => this.#failed(error));
    codec.once('open', () => this.#opened());
    codec.once('unexpected-response', (_: ClientRequest, refusal: IncomingMessage) => this.#refusalCame(refusal));
  }

  /** No task waits for it any more. */
  stop(): void {
    this.#timer.stop();
    this.#headTimer.stop();
    this.#codec.terminate();
    this.#socket.destroy();
  }

  #opened(): void {
    // Nothing is read until the WebSocket listens: a first message may have come with the handshake.
    this.#codec.pause();
    const response = this.#response;
    if (response !== undefined && this.#isTooLong(response)) return;
    if (response !== undefined && !this.#settle.wake(new Handshake(response, this.#codec, NO_BYTES)))
      this.#codec.terminate();
  }

  /** An interim response came, of which a server may send any number. */
  interimCame(rawHeaders: readonly string[]): void {
    this.#interimBytes += new LineList(rawHeaders).size;
    if (this.#interimBytes > this.#mostBytes) this.#fail(this.#tooLong());
  }

  #isTooLong({ rawHeaders }: IncomingMessage): boolean {
    if (this.#interimBytes + new LineList(rawHeaders).size <= this.#mostBytes) return false;
    this.#fail(this.#tooLong());
    return true;
  }

  #tooLong(): LimitExceededError {
    return new LimitExceededError(
      `The server sent more than ${this.#mostBytes} bytes of head in answer to the handshake: raise limits.headers if it means well.`,
      this.#details(),
    );
  }

  #fail(error: unknown): void {
    this.stop();
    this.#settle.fail(error);
  }

  #failed(error: Error & { readonly code?: string }): void {
    this.#headTimer.stop();
    this.#socket.destroy();
    if (error.code === 'HPE_HEADER_OVERFLOW') {
      this.#fail(this.#tooLong());
      return;
    }
    if (this.#refusal !== undefined) this.#refuse();
    else if (this.#response !== undefined) {
      this.#settle.wake(new Handshake(this.#response, undefined, NO_BYTES, error.message));
    } else this.#settle.fail(endedBefore(error.message, error, this.#details()));
  }

  #refusalCame(refusal: IncomingMessage): void {
    this.#headTimer.stop();
    if (this.#isTooLong(refusal)) return;
    this.#refusal = refusal;
    refusal.on('data', (chunk: Buffer) => {
      this.#excerpt.push(chunk);
      this.#excerptSize += chunk.length;
      if (this.#excerptSize >= EXCERPT_SIZE) this.#refuse();
    });
    refusal.once('close', () => this.#refuse());
    refusal.once('error', () => this.#refuse());
    this.#timer.set(EXCERPT_TIME);
  }

  #refuse(): void {
    const refusal = this.#refusal;
    if (refusal === undefined) return;
    this.#timer.stop();
    this.#socket.destroy();
    const body = Buffer.concat(this.#excerpt).subarray(0, EXCERPT_SIZE);
    this.#settle.wake(new Handshake(refusal, undefined, body));
  }
}

/** The framing library's socket for a request, on a connection that is open. */
export function codecFor(
  make: typeof WsSocket,
  request: Request,
  settings: WebSocketSettings,
  socket: Duplex,
  scheduler: SchedulerView,
  interimCame: (rawHeaders: readonly string[]) => void,
): WsSocket {
  return new make(request.url.href.replace(/^http/, 'ws').replace(/#.*$/, ''), [...settings.protocols], {
    // A tunnel was read by hand and stands still since; nothing comes before the request is written.
    createConnection: () => socket.resume(),
    headers: headerRecord(request),
    maxPayload: settings.maxMessageSize,
    perMessageDeflate: settings.compress,
    autoPong: settings.autoPing,
    followRedirects: false,
    // Zero would be the platform's own limit.
    maxHeaderSize: Math.min(Math.max(request.options.limits.headers, 1), MAX_HEADER_SIZE),
    finishRequest: (sent: ClientRequest) => {
      sent.on('information', ({ rawHeaders }) => interimCame(rawHeaders));
      sent.end();
    },
    generateMask: (mask) => void scheduler.entropy(mask),
  } as ConstructorParameters<typeof WsSocket>[2]);
}

const NO_BYTES = new Uint8Array(0);
/** What the platform can count to. */
const MAX_HEADER_SIZE = 2 ** 30;

/** The error of a connection that ended in the middle of a handshake. */
export function endedBefore(why: string, cause: Error | null | undefined, details: ErrorDetails): ClientError {
  if (cause instanceof SessionClosedError) return complete(cause, details);
  if (isTlsFailure(cause)) {
    return new ClientSslError(`TLS failed before the WebSocket was open: ${explainTls(cause, 'origin')}`, {
      ...details,
      code: cause.code,
      cause,
    });
  }
  return new ServerDisconnectedError(`The connection ended before the WebSocket was open (${why}): try again.`, {
    ...details,
    cause,
  });
}

// Duplicates become lists, which the platform writes as so many lines.
function headerRecord(request: Request): Record<string, string | string[]> {
  const record = Object.create(null) as Record<string, string | string[]>;
  const names = new Map<string, string>();
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase();
    if (NOT_SENT.has(lower)) continue;
    const first = names.get(lower) ?? name;
    names.set(lower, first);
    const before = record[first];
    record[first] = before === undefined ? value : [before, value].flat();
  }
  return record;
}
