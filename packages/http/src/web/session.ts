import { defer, type Operation } from '@coloop/core';
import { callOf } from '../call/call.ts';
import { perform } from '../call/pipeline.ts';
import { checkChoice, checkNames, own } from '../checks.ts';
import { withCookieHeader } from '../cookies/header.ts';
import { followRedirects } from '../middleware/redirects.ts';
import type { RequestOptions } from '../request/options.ts';
import {
  BASE_SESSION_OPTIONS,
  BaseSession,
  type BaseSessionOptions,
  checkOpened,
  httpUrl,
  type SessionParts,
  split,
} from '../session/base.ts';
import { CurrentScheduler, type SchedulerView } from '../waits.ts';
import { WEBSOCKET_OPTIONS, type WebSocketOptions, webSocketSettings } from '../websocket/options.ts';
import type { WebFetch } from './exchange.ts';
import { kindOfPlatform, unavailable, type WebKind, WebPlatform } from './platform.ts';
import { WebTransport } from './transport.ts';
import { openWebSocket, type WebSocket } from './websocket.ts';

/** What a session in a browser or an edge runtime is opened with; what they cannot do is refused by name. */
export interface SessionOptions extends BaseSessionOptions {
  /**
   * Whose cookies a browser sends along: 'same-origin' (default), 'include' for every origin, 'omit' for none.
   *
   * Source: the Fetch standard, section 2.2.5 ("credentials mode").
   */
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
  readonly cookieJar?: false | undefined;
  readonly trustEnv?: false | undefined;
  readonly netrc?: false | undefined;
  readonly pool?: undefined;
}

/** What a WebSocket may be given: the options of its handshake, and its own. */
export type WebSocketRequestOptions = Omit<RequestOptions, 'compress'> & WebSocketOptions;

const SESSION_OPTIONS: readonly (keyof SessionOptions)[] = [
  ...BASE_SESSION_OPTIONS,
  'credentials',
  'cookieJar',
  'trustEnv',
  'netrc',
  'pool',
];

/**
 * Requests that share defaults, over the platform's `fetch`.
 *
 * It belongs to the scope that opened it and is closed with it; any task of the same scheduler may use it. In browsers,
 * connections, cookies and redirects are the browser's: `response.history` is empty there, and `response.url` is where
 * it ended. `timeout.headers` runs from the call of the platform's fetch.
 *
 * @example
 * ```ts no-run
 * const session = yield* Session.open({ baseUrl: 'https://api.example/', timeout: 10_000 });
 * using response = yield* session.get('/users', { params: { page: 2 } });
 * const users = yield* response.json();
 * ```
 *
 * Source of the semantics: aiohttp's ClientSession; the Fetch standard.
 */
export class Session extends BaseSession {
  readonly #kind: WebKind;

  /** @internal Use {@link Session.open}. */
  constructor(options: SessionOptions, scheduler: SchedulerView, kind: WebKind = kindOfPlatform(), fetch?: WebFetch) {
    super(options, partsOf(options, scheduler, kind, fetch));
    this.#kind = kind;
  }

  /**
   * Opens a session that belongs to the current scope.
   *
   * @throws InvalidOptionError, InvalidUrlError
   */
  static open(options: SessionOptions = {}): Operation<Session> {
    return open(options);
  }

  /** Always undefined: the platform keeps the cookies. */
  get cookieJar(): undefined {
    return undefined;
  }

  /** @throws InvalidOptionError always: the connections are the platform's. */
  get pool(): never {
    throw unavailable('session.pool', this.#kind);
  }

  /**
   * Opens a WebSocket of the platform; `ws:`, `wss:`, `http:` and `https:` URLs are taken, and relative ones with a base.
   *
   * Cancellation: closes it at once.
   *
   * @throws InvalidOptionError if it is asked for what the platform's WebSocket cannot do (headers, auth, heartbeat);
   * WebSocketHandshakeError if it does not come about
   */
  ws(url: string | URL, options: WebSocketRequestOptions = {}): Operation<WebSocket> {
    return webSocket(this, url, options);
  }

  /** @throws InvalidOptionError always: there are no files. */
  *download(): Operation<never> {
    throw unavailable('session.download', this.#kind, 'read response.chunks(), or response.body, and keep what comes.');
  }
}

function* open(options: SessionOptions): Operation<Session> {
  const session = new Session(options, yield* new CurrentScheduler());
  defer(() => session.close());
  return session;
}

function* webSocket(session: Session, url: string | URL, options: WebSocketRequestOptions): Operation<WebSocket> {
  const [mine, request] = split<WebSocketOptions, Omit<RequestOptions, 'compress'>>(
    'session.ws',
    options,
    WEBSOCKET_OPTIONS,
  );
  checkWebSocket(mine);
  const settings = webSocketSettings(mine);
  return yield* perform(session, 'GET', httpUrl(url), request, true, (made, call) =>
    openWebSocket(made, settings, call),
  );
}

function checkWebSocket(options: WebSocketOptions): void {
  const advice = 'the platform decides about it; leave it out.';
  const heartbeat = own(options, 'heartbeat');
  if (heartbeat) throw unavailable('heartbeat', 'browser', 'send messages of your own at intervals.', 'session.ws');
  for (const name of ['autoPing', 'compress'] as const) {
    if (own(options, name) === false) throw unavailable(name, 'browser', advice, 'session.ws');
  }
}

function partsOf(
  options: SessionOptions,
  scheduler: SchedulerView,
  kind: WebKind,
  fetch: WebFetch | undefined,
): SessionParts {
  checkOpened(scheduler);
  checkNames('Session.open', options, SESSION_OPTIONS);
  const credentials = checkChoice('credentials', own(options, 'credentials'), CREDENTIALS, 'same-origin');
  const transport = new WebTransport(kind, credentials, fetch);
  return {
    scheduler,
    platform: new WebPlatform(kind),
    names: SESSION_OPTIONS,
    trustEnv: false,
    fallback: null,
    redirects: kind === 'browser' ? [] : [followRedirects],
    last: (request) => transport.send(withCookieHeader(request, null), callOf(request)),
    closed: () => undefined,
  };
}

const CREDENTIALS: readonly RequestCredentials[] = ['omit', 'same-origin', 'include'];
