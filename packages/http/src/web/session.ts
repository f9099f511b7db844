import type { Operation } from '@coloop/core';
import { callOf } from '../call/call.ts';
import { checkChoice, checkNames, own } from '../checks.ts';
import { withCookieHeader } from '../cookies/header.ts';
import { followRedirects } from '../middleware/redirects.ts';
import {
  BASE_SESSION_OPTIONS,
  BaseSession,
  type BaseSessionOptions,
  checkOpened,
  openSession,
  type SessionParts,
} from '../session/base.ts';
import type { SchedulerView } from '../waits.ts';
import { type WebSocketOptions, type WebSocketSettings, webSocketSettings } from '../websocket/options.ts';
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
  readonly http2?: false | undefined;
}

export type { WebSocketRequestOptions } from '../session/base.ts';

const SESSION_OPTIONS: readonly (keyof SessionOptions)[] = [
  ...BASE_SESSION_OPTIONS,
  'credentials',
  'cookieJar',
  'trustEnv',
  'netrc',
  'pool',
  'http2',
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
export class Session extends BaseSession<WebSocket> {
  readonly #kind: WebKind;
  readonly #own: SessionParts<WebSocket>;

  /** @internal Use {@link Session.open}. */
  constructor(
    options: SessionOptions,
    scheduler: SchedulerView,
    kind: WebKind = kindOfPlatform(),
    fetch?: WebFetch,
    parent?: Session,
  ) {
    const made = parent === undefined ? partsOf(options, scheduler, kind, fetch) : parent.#own;
    super(options, made, parent);
    this.#kind = kind;
    this.#own = made;
  }

  /**
   * Opens a session that belongs to the current scope.
   *
   * @throws InvalidOptionError, InvalidUrlError
   */
  static open(options: SessionOptions = {}): Operation<Session> {
    return openSession((scheduler) => new Session(options, scheduler));
  }

  /**
   * A session with other defaults beside the same trace; it ends with this one, or before.
   *
   * The options go over those of this session as those of a request do: headers, cookies, timeouts and limits by name, the
   * rest as a whole; params and middleware are added behind. A relative `baseUrl` stands on the one of this session; one of
   * another origin loses the auth, the params, the cookies and the headers that a redirect to it would lose.
   *
   * @throws InvalidOptionError, InvalidUrlError
   *
   * Source: got's `extend`, ky's `extend`.
   */
  extend(options: BaseSessionOptions = {}): Session {
    return new Session(options, this.#own.scheduler, this.#kind, undefined, this);
  }

  /** Always undefined: the platform keeps the cookies. */
  get cookieJar(): undefined {
    return undefined;
  }

  /** @throws InvalidOptionError always: the connections are the platform's. */
  get pool(): never {
    throw unavailable('session.pool', this.#kind);
  }

  /** @throws InvalidOptionError always: there are no files. */
  *download(): Operation<never> {
    throw unavailable('session.download', this.#kind, 'read response.chunks(), or response.body, and keep what comes.');
  }
}

function readWebSocketOptions(options: WebSocketOptions): WebSocketSettings {
  const advice = 'the platform decides about it; leave it out.';
  const heartbeat = own(options, 'heartbeat');
  if (heartbeat) throw unavailable('heartbeat', 'browser', 'send messages of your own at intervals.', 'session.ws');
  for (const name of ['autoPing', 'compress'] as const) {
    if (own(options, name) === false) throw unavailable(name, 'browser', advice, 'session.ws');
  }
  return webSocketSettings(options);
}

function partsOf(
  options: SessionOptions,
  scheduler: SchedulerView,
  kind: WebKind,
  fetch: WebFetch | undefined,
): SessionParts<WebSocket> {
  checkOpened(scheduler);
  checkNames('Session.open', options, SESSION_OPTIONS);
  const credentials = checkChoice('credentials', own(options, 'credentials'), CREDENTIALS, 'same-origin');
  const transport = new WebTransport(kind, credentials, fetch);
  return {
    scheduler,
    owner: null,
    platform: new WebPlatform(kind),
    names: SESSION_OPTIONS,
    trustEnv: false,
    fallback: null,
    redirects: kind === 'browser' ? [] : [followRedirects],
    signed: (request) => withCookieHeader(request, null),
    last: (request) => transport.send(withCookieHeader(request, null), callOf(request)),
    webSocket: { settings: readWebSocketOptions, open: openWebSocket },
    closed: () => undefined,
  };
}

const CREDENTIALS: readonly RequestCredentials[] = ['omit', 'same-origin', 'include'];
