/* The session on Node: over its own connections, with the jar's cookies, with downloads and WebSockets. */
import { currentTask, type Operation } from '@coloop/core';
import type { Scope } from '@coloop/core/lowlevel';
import { NetrcAuth } from '../auth/netrc.ts';
import { callOf } from '../call/call.ts';
import { checkFlag, checkNames, invalidOption, own } from '../checks.ts';
import { withCookieHeader } from '../cookies/header.ts';
import { CookieJar } from '../cookies/jar.ts';
import { DOWNLOAD_OPTIONS, type DownloadOptions, type DownloadResult, download } from '../download/download.ts';
import { RequestHeaders } from '../headers.ts';
import { followRedirects } from '../middleware/redirects.ts';
import { ConnectionPool } from '../pool/connection-pool.ts';
import { Pool, type PoolStats } from '../pool/pool.ts';
import type { PoolOptions } from '../pool/pool-options.ts';
import { type HandedIn, handedIn, passOn } from '../request/body/handed-in.ts';
import type { Http2Choice } from '../request/connection-options.ts';
import type { RequestOptions } from '../request/options.ts';
import type { Response } from '../response/response.ts';
import {
  BASE_SESSION_OPTIONS,
  BaseSession,
  type BaseSessionOptions,
  checkOpened,
  openSession,
  type SessionParts,
  split,
} from '../session/base.ts';
import { WireTransport } from '../transport/transport.ts';
import type { SchedulerView } from '../waits.ts';
import { openWebSocket } from '../websocket/open.ts';
import { webSocketSettings } from '../websocket/options.ts';
import type { WebSocket } from '../websocket/websocket.ts';
import { NodePlatform } from './platform.ts';

export type { EventsRequestOptions, WebSocketRequestOptions } from '../session/base.ts';

/** What a session is opened with: defaults for its requests, and what they share. */
export interface SessionOptions extends BaseSessionOptions {
  /** Default a new jar; false for none. */
  readonly cookieJar?: CookieJar | false | undefined;
  /** Whether HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are read. Default false. */
  readonly trustEnv?: boolean | undefined;
  /** Takes credentials from a netrc file: true for the usual one, or its path. */
  readonly netrc?: boolean | string | undefined;
  /** A pool that is shared, or settings for the session's own. */
  readonly pool?: ConnectionPool | PoolOptions | undefined;
  /**
   * Whether HTTP/2 is spoken: `true` with servers that choose it in their TLS handshake; `'only'` in any case, also with
   * `http:` URLs, whose servers must be known to speak it. Default false.
   *
   * Many requests share one connection then. WebSockets go over HTTP/1.1.
   */
  readonly http2?: boolean | 'only' | undefined;
}

/** What a download may be given: the options of its requests, and its own. */
export type DownloadRequestOptions = Omit<RequestOptions, 'onProgress'> & DownloadOptions;

const SESSION_OPTIONS: readonly (keyof SessionOptions)[] = [
  ...BASE_SESSION_OPTIONS,
  'cookieJar',
  'trustEnv',
  'netrc',
  'pool',
  'http2',
];

/**
 * Requests that share defaults, cookies and connections.
 *
 * It belongs to the scope that opened it and is closed with it; any task of the same scheduler may use it.
 *
 * @example
 * ```ts no-run
 * const session = yield* Session.open({ baseUrl: 'https://api.example/', timeout: 10_000 });
 * using response = yield* session.get('/users', { params: { page: 2 } });
 * const users = yield* response.json();
 * ```
 *
 * Source of the semantics: aiohttp's ClientSession.
 */
export class Session extends BaseSession<WebSocket> {
  readonly #own: NodeParts;

  /** @internal Use {@link Session.open}. */
  constructor(options: SessionOptions, scheduler: SchedulerView, owner?: Scope, parent?: Session) {
    const made = parent === undefined ? partsOf(options, scheduler, owner) : parent.#own;
    super(options, made, parent);
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
   * A session with other defaults beside the same connections, cookies and trace; it ends with this one, or before.
   *
   * The options go over those of this session as those of a request do: headers, cookies, timeouts and limits by name, the
   * rest as a whole; params and middleware are added behind. A relative `baseUrl` stands on the one of this session; one of
   * another origin loses the auth, the params, the cookies and the headers that a redirect to it would lose.
   *
   * @throws InvalidOptionError, InvalidUrlError
   * @example
   * ```ts
   * import { Session } from '@coloop/http';
   * import { simulate } from '@coloop/http/testing';
   *
   * await simulate(function* (net) {
   *   net.serve('http://api.test', (request) => request.target);
   *   const session = yield* Session.open({ baseUrl: 'http://api.test/', params: { key: 'k' } });
   *   const users = session.extend({ baseUrl: 'users/', timeout: 5_000 });
   *   console.log(yield* users.get('1').text()); //> /users/1?key=k
   * });
   * ```
   * Source: got's `extend`, ky's `extend`.
   */
  extend(options: BaseSessionOptions = {}): Session {
    return new Session(options, this.#own.scheduler, undefined, this);
  }

  /** The jar; undefined if the session keeps no cookies. */
  get cookieJar(): CookieJar | undefined {
    return this.#own.cookieJar ?? undefined;
  }

  /** The connections at the moment. */
  get pool(): { readonly stats: PoolStats } {
    return this.#own.pool;
  }

  /**
   * Brings a file to the disk; a broken connection, and a later call for the same URL and file, go on where it ended.
   *
   * Cancellation: keeps what came in `file.part`.
   *
   * @throws ClientResponseError for a response that brings no file, ClientError if the disk fails, and the errors of a request.
   */
  download(url: string | URL, file: string, options: DownloadRequestOptions = {}): Operation<DownloadResult> {
    return Session.#downloading(this, url, file, options);
  }

  static *#downloading(
    session: Session,
    url: string | URL,
    file: string,
    options: DownloadRequestOptions,
    handed: HandedIn | null = handedIn(options, true),
  ): Operation<DownloadResult> {
    try {
      const [mine, request] = split<DownloadOptions, RequestOptions>('session.download', options, DOWNLOAD_OPTIONS);
      const given = RequestHeaders.from(own(request, 'headers'));
      // The ranges are those of the bytes on the disk, so no coding may be decoded on the way.
      const open = (headers: Readonly<Record<string, string>>): Operation<Response> => {
        const all = given.merge(RequestHeaders.from(headers));
        return session.requestEndless(url, passOn(handed, { ...request, headers: all, decompress: false }));
      };
      return yield* download(open, String(url), file, mine);
    } finally {
      if (handed !== null) yield* handed.close();
    }
  }
}

/** What a session on Node is made of. */
interface NodeParts extends SessionParts<WebSocket> {
  readonly pool: Pool;
  readonly cookieJar: CookieJar | null;
}

function partsOf(options: SessionOptions, scheduler: SchedulerView, owner: Scope | undefined): NodeParts {
  checkOpened(scheduler);
  checkNames('Session.open', options, SESSION_OPTIONS);
  const given = own(options, 'pool');
  const shared = given instanceof ConnectionPool;
  const pool = shared ? given.inner : new Pool(given ?? {}, scheduler);
  const cookieJar = jarOf(own(options, 'cookieJar'));
  const scope = owner ?? currentTask().innermostOwner;
  const transport = new WireTransport(pool, scope, cookieJar, http2Of(own(options, 'http2')));
  return {
    scheduler,
    owner: scope,
    platform: new NodePlatform(),
    names: SESSION_OPTIONS,
    trustEnv: checkFlag('trustEnv', own(options, 'trustEnv'), false),
    fallback: netrcOf(own(options, 'netrc')),
    redirects: [followRedirects],
    signed: (request) => withCookieHeader(request, cookieJar),
    last: (request) => transport.send(request, callOf(request)),
    webSocket: {
      settings: webSocketSettings,
      open: (request, settings, call) =>
        openWebSocket(request, settings, {
          connect: (signed) => transport.connect(signed, call),
          cookieJar,
          held: call,
          details: () => call.details(),
          timeoutError: (limit, milliseconds) => call.timeoutError(limit, milliseconds),
          reason: () => call.reason,
        }),
    },
    closed: () => (shared ? undefined : pool.close()),
    pool,
    cookieJar,
  };
}

function jarOf(option: CookieJar | false | undefined): CookieJar | null {
  if (option === false) return null;
  if (option === undefined) return new CookieJar();
  if (option instanceof CookieJar) return option;
  throw invalidOption('cookieJar', option, 'give new CookieJar(), or false for a session without cookies');
}

function http2Of(option: SessionOptions['http2']): Http2Choice {
  if (option === undefined || option === true || option === false || option === 'only') return option ?? false;
  throw invalidOption('http2', option, "give true, false, or 'only' for servers that speak nothing else");
}

function netrcOf(option: boolean | string | undefined): NetrcAuth | null {
  if (option === undefined || option === false) return null;
  return new NetrcAuth(option === true ? undefined : option);
}
