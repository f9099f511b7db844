/*
 * Opens a WebSocket on Node: a connection, a handshake with cookies and credentials, and what its refusal looks like.
 */
import type { Duplex } from 'node:stream';
import { type Operation, until } from '@coloop/core';
import type { WebSocket as WsSocket } from 'ws';
import { withCookieHeader } from '../cookies/header.ts';
import { WebSocketHandshakeError } from '../errors.ts';
import type { CookieSource, Next, Request } from '../request/request.ts';
import type { Response } from '../response/response.ts';
import { CallbackWait, CurrentScheduler, ignore, type SchedulerView } from '../waits.ts';
import { codecFor, endedBefore, type Handshake, HandshakeAttempt, type HandshakeTerms } from './handshake.ts';
import { handshakeResponse } from './handshake-response.ts';
import type { WebSocketSettings } from './options.ts';
import { type EndedCall, WebSocket } from './websocket.ts';

/** What opening a WebSocket needs of a session. */
export interface WebSocketParts extends EndedCall {
  /** Opens a connection to the request's host, through a tunnel where there is a proxy. */
  connect(request: Request): Operation<Duplex>;
  readonly cookieJar: CookieSource | null;
  /** The error of a limit that has passed now. */
  timeoutError(limit: 'headers', milliseconds: number): unknown;
}

/**
 * Asks a server to speak WebSocket; cookies and credentials go as with any request, redirects are not followed.
 *
 * Cancellation: destroys the connection at once.
 *
 * @param request - a GET of the http(s) URL
 * @throws WebSocketHandshakeError with the server's response if it refuses, and the errors of connecting
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
  const { WebSocket: make } = yield* until(import('ws'));
  const opening = new Opening(make, scheduler, settings, parts);
  const attempt: Next = (signed) => opening.attempt(signed);
  const { auth, headers } = request;
  const signs = auth !== null && !headers.has('authorization');
  const response = yield* signs ? auth.apply(request, attempt) : attempt(request);
  const { codec, why } = opening.last ?? {};
  if (codec !== undefined) return new WebSocket(codec, scheduler, settings, parts);
  const { status } = response;
  throw new WebSocketHandshakeError(
    `${request.url.href} did not become a WebSocket (${why ?? `the server answered ${status}`}): check the address, the credentials and the protocols.`,
    { ...parts.details(), status, headers: response.headers, body: yield* response.text() },
  );
}

/** The handshakes for one WebSocket: several where the server asks for credentials, and the last one counts. */
class Opening {
  last: Handshake | undefined;
  readonly #make: typeof WsSocket;
  readonly #scheduler: SchedulerView;
  readonly #settings: WebSocketSettings;
  readonly #parts: WebSocketParts;

  constructor(make: typeof WsSocket, scheduler: SchedulerView, settings: WebSocketSettings, parts: WebSocketParts) {
    this.#make = make;
    this.#scheduler = scheduler;
    this.#settings = settings;
    this.#parts = parts;
  }

  *attempt(request: Request): Operation<Response> {
    const { cookieJar } = this.#parts;
    const handshake = yield* this.#shakeHands(request);
    this.last = handshake;
    const response = handshakeResponse(handshake, request, this.#scheduler, () => this.#parts.details());
    cookieJar?.receive(response.headers.getSetCookie(), request.url);
    return response;
  }

  *#shakeHands(request: Request): Operation<Handshake> {
    const parts = this.#parts;
    const socket = yield* parts.connect(request);
    request.call.enter('headers');
    const sent = withCookieHeader(request, parts.cookieJar);
    const label = `WebSocket handshake with ${request.url.host}`;
    return yield* new CallbackWait<Handshake>(label, (settle, scheduler) => {
      // It may have broken while the task waited for its turn; nothing tells of that a second time.
      if (socket.destroyed) {
        settle.fail(endedBefore('it was closed', socket.errored, parts.details()));
        return ignore;
      }
      const interim = (rawHeaders: readonly string[]): void => attempt.interimCame(rawHeaders);
      const codec = codecFor(this.#make, sent, this.#settings, socket, scheduler, interim);
      const attempt = new HandshakeAttempt(codec, socket, settle, scheduler, termsOf(request, parts));
      return () => attempt.stop();
    });
  }
}

function termsOf({ options }: Request, parts: WebSocketParts): HandshakeTerms {
  const { headers } = options.timeouts;
  return {
    limits: {
      time: headers,
      bytes: options.limits.headers,
      timeoutError: () => parts.timeoutError('headers', headers),
    },
    details: () => parts.details(),
  };
}
