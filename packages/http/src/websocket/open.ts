import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Operation, until } from '@coloop/core';
import type { WebSocket as Codec } from 'ws';
import { withCookieHeader } from '../cookies/header.ts';
import { type ErrorDetails, ServerDisconnectedError, WebSocketHandshakeError } from '../errors.ts';
import type { CookieSource, Next, Request } from '../request/request.ts';
import type { Response } from '../response/response.ts';
import { CallbackWait, CurrentScheduler, type SchedulerView, type Settle, Timer } from '../waits.ts';
import type { WebSocketSettings } from './options.ts';
import { WebSocket } from './websocket.ts';

/** What opening a WebSocket needs of a session. */
export interface WebSocketParts {
  /** Opens a connection to the request's host, through a tunnel where there is a proxy. */
  connect(request: Request): Operation<Duplex>;
  readonly cookieJar: CookieSource | null;
  /** What an error that happens now has to tell. */
  details(): ErrorDetails;
  /** The error of whoever ended the connection from outside: the session, a signal. */
  reason(): unknown;
}

/**
 * Asks a server to speak WebSocket; cookies and credentials go as with any request, redirects are not followed.
 *
 * Cancellation: destroys the connection at once.
 *
 * @param request - a GET of the http(s) URL
 * @throws WebSocketHandshakeError with the server's answer where it refuses, and the errors of connecting
 *
 * Source: RFC 6455, section 4.
 */
export function* openWebSocket(
  request: Request,
  settings: WebSocketSettings,
  parts: WebSocketParts,
): Operation<WebSocket> {
  const scheduler = yield* new CurrentScheduler();
  // Loaded here: most programs speak no WebSocket, and it brings the platform's HTTP client and server with it.
  const { WebSocket: codec } = yield* until(import('ws'));
  const attempt: Next = (signed) => shakeHands(codec, signed, settings, parts);
  const { auth, headers } = request;
  const signs = auth !== null && !headers.has('authorization');
  const answer = (yield* signs ? auth.apply(request, attempt) : attempt(request)) as unknown as Handshake;
  if (answer.codec !== undefined) return new WebSocket(answer.codec, scheduler, settings, parts);
  throw new WebSocketHandshakeError(
    `${request.url.href} did not become a WebSocket: ${answer.why ?? `the server answered ${answer.status}`}`,
    { ...parts.details(), status: answer.status, headers: answer.headers, body: answer.body },
  );
}

/** What came of one handshake, with as much of a response as cookies and credentials look at. */
class Handshake {
  readonly status: number;
  readonly headers: Headers;
  readonly codec: Codec | undefined;
  readonly body: string;
  readonly why: string | undefined;

  constructor(answer: IncomingMessage, codec: Codec | undefined, body: string, why?: string) {
    this.status = answer.statusCode ?? 0;
    this.headers = headersOf(answer);
    this.codec = codec;
    this.body = body;
    this.why = why;
  }

  *release(): Operation<void> {
    this.codec?.terminate();
  }

  [Symbol.dispose](): void {
    this.codec?.terminate();
  }
}

function* shakeHands(
  codec: typeof Codec,
  request: Request,
  settings: WebSocketSettings,
  parts: WebSocketParts,
): Operation<Response> {
  const socket = yield* parts.connect(request);
  request.call.enter('headers');
  const sent = withCookieHeader(request, parts.cookieJar);
  const handshake = yield* new CallbackWait<Handshake>(
    `WebSocket handshake with ${request.url.host}`,
    (settle, scheduler) => begin(codec, sent, settings, socket, settle, scheduler, parts),
  );
  parts.cookieJar?.receive(handshake.headers.getSetCookie(), request.url);
  return handshake as unknown as Response;
}

function begin(
  make: typeof Codec,
  request: Request,
  settings: WebSocketSettings,
  socket: Duplex,
  settle: Settle<Handshake>,
  scheduler: SchedulerView,
  parts: WebSocketParts,
): () => void {
  const ended = (why: string, cause: Error | null | undefined): ServerDisconnectedError =>
    new ServerDisconnectedError(`the connection ended before the WebSocket was open: ${why}`, {
      ...parts.details(),
      cause,
    });
  // It may have broken while the task waited for its turn; nothing tells of that a second time.
  if (socket.destroyed) {
    settle.fail(ended('it was closed', socket.errored));
    return ignore;
  }
  const codec = new make(request.url.href.replace(/^http/, 'ws').replace(/#.*$/, ''), [...settings.protocols], {
    // A tunnel was read by hand and stands still since; nothing comes before the request is written.
    createConnection: () => socket.resume(),
    headers: headerRecord(request),
    maxPayload: settings.maxMessageSize,
    perMessageDeflate: settings.compress,
    autoPong: settings.autoPing,
    followRedirects: false,
    generateMask: (mask) => void scheduler.entropy(mask),
  } as ConstructorParameters<typeof Codec>[2]);
  const timer = new Timer(scheduler, () => finish?.());
  let finish: (() => void) | undefined;
  let answer: IncomingMessage | undefined;
  codec.on('upgrade', (upgraded) => {
    answer = upgraded;
  });
  // Not "once": what comes between the handshake and the first listener of the WebSocket must find one.
  codec.on('error', (error) => {
    socket.destroy();
    if (finish !== undefined) finish();
    else if (answer !== undefined) settle.wake(new Handshake(answer, undefined, '', error.message));
    else settle.fail(ended(error.message, error));
  });
  codec.once('open', () => {
    // Nothing is read until the WebSocket listens: a first message may have come with the handshake.
    codec.pause();
    if (answer !== undefined && !settle.wake(new Handshake(answer, codec, ''))) codec.terminate();
  });
  codec.once('unexpected-response', (_: ClientRequest, refusal: IncomingMessage) => {
    finish = (): void => {
      timer.stop();
      socket.destroy();
      settle.wake(new Handshake(refusal, undefined, Buffer.concat(heard).toString('utf8').slice(0, EXCERPT)));
    };
    const heard: Buffer[] = [];
    let size = 0;
    refusal.on('data', (piece: Buffer) => {
      heard.push(piece);
      size += piece.length;
      if (size >= EXCERPT) finish?.();
    });
    refusal.once('close', finish);
    refusal.once('error', finish);
    timer.set(EXCERPT_TIME);
  });
  return () => {
    timer.stop();
    codec.terminate();
    socket.destroy();
  };
}

function ignore(): void {}

/** How much of a refusal's body is kept, in bytes, and how long it is waited for. */
const EXCERPT = 1_024;
const EXCERPT_TIME = 250;

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

function headersOf(answer: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    try {
      headers.append(answer.rawHeaders[i] as string, answer.rawHeaders[i + 1] as string);
    } catch {
      // What the web's Headers refuses is of no use to the caller either.
    }
  }
  return headers;
}
