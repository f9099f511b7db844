/* `paginate`: the pages that a server gives one after the other, as a source. */
import { asyncGenerator, type Emit, type Operation, type Source } from '@coloop/core';
import { isOperation, show } from '@coloop/core/lowlevel';
import { checkCallback, checkNames, invalidKind, own } from '../checks.ts';
import { ClientError, InvalidUrlError } from '../errors.ts';
import { atOtherOrigin } from '../middleware/redirects.ts';
import { redactInvalidUrl } from '../redact.ts';
import { REQUEST_OPTIONS, type RequestOptions } from '../request/options.ts';
import type { Middleware } from '../request/request.ts';
import type { Response } from '../response/response.ts';
import { linkOf } from './links.ts';

/** Where the next page is; null and undefined at the last one. */
export type NextPage = string | URL | null | undefined;

/** What `paginate` may be given: the options of each request, and its own. */
export interface PaginateOptions extends RequestOptions {
  /**
   * Says where the page behind a response is, relative to it; it may read the body, which stays readable, and may be an
   * operation. Default: the Link header with `rel="next"`.
   */
  readonly next?: ((response: Response) => NextPage | Operation<NextPage>) | undefined;
}

/** What `paginate` needs of a session. */
export interface PagesSession {
  request(method: string, url: string | URL, options: RequestOptions): Operation<Response>;
}

/**
 * The pages of a list, each when it is asked for: the response of a URL, then of the URL that it names as the next one.
 *
 * A page of another origin, and each one behind it, gets neither credentials nor cookies of the call, nor other headers than a
 * redirect to it. The params are those of the first page. A response that is not read has to be released, as ever.
 *
 * Cancellation: of a `next` loses nothing, the next one gets the page.
 *
 * @throws InvalidOptionError at the call; from `next` the errors of a request, InvalidUrlError for what is no http(s) URL, and
 * ClientError with the code `PAGE_REPEATED` for a URL that was a page before
 * @example
 * ```ts
 * import { forEach } from '@coloop/core';
 * import { paginate, Session } from '@coloop/http';
 * import { simulate } from '@coloop/http/testing';
 *
 * await simulate(function* (net) {
 *   net.serve('http://api.test', ({ target }) =>
 *     target === '/users' ? { json: ['Ada'], headers: { Link: '</users?page=2>; rel="next"' } } : { json: ['Grace'] },
 *   );
 *   const session = yield* Session.open();
 *   yield* forEach(paginate(session, 'http://api.test/users'), function* (page) {
 *     console.log(yield* page.json());
 *     //> [ 'Ada' ]
 *     //> [ 'Grace' ]
 *   });
 * });
 * ```
 * Source: RFC 8288 (Link); got's `paginate`.
 */
export function paginate(session: PagesSession, url: string | URL, options: PaginateOptions = {}): Source<Response> {
  if (typeof session?.request !== 'function') {
    throw invalidKind('The first argument of paginate', session, 'give the session that makes the requests');
  }
  checkNames('paginate', options, [...REQUEST_OPTIONS, 'next']);
  const next = checkCallback('paginate.next', own(options, 'next')) ?? byLink;
  const { next: _, ...request } = options;
  const taken: Taken = { last: null };
  const source = pages({ session, url, next, request, taken });
  return { next: () => taking(source, taken), close: () => source.close() };
}

/** The response that a reader has got last. */
interface Taken {
  last: Response | null;
}

function* taking(source: Source<Response>, taken: Taken): Operation<IteratorResult<Response, void>> {
  const r = yield* source.next();
  if (!r.done) taken.last = r.value;
  return r;
}

function byLink(response: Response): NextPage {
  return linkOf(response.headers.get('link') ?? '', 'next');
}

interface Pages {
  readonly session: PagesSession;
  readonly url: string | URL;
  readonly next: NonNullable<PaginateOptions['next']>;
  readonly request: RequestOptions;
  readonly taken: Taken;
}

const pages = asyncGenerator(function* (
  emit: Emit<Response>,
  { session, url, next, request, taken }: Pages,
): Operation<void> {
  const seen = new Set<string>();
  const steps = own(request, 'middleware') ?? [];
  const place = new PagePlace();
  // Each page goes out as the first one does, and is sent elsewhere on its way.
  const options = { ...request, middleware: Array.isArray(steps) ? [...steps, place.step] : steps };
  for (;;) {
    const response = yield* session.request('GET', url, options);
    try {
      const first = place.url ?? new URL(response.history[0]?.url ?? response.url);
      seen.add(keyOf(first));
      const target = yield* targetOf(response, next);
      if (target !== null && seen.has(keyOf(target))) throw repeated(target);
      yield* emit(response);
      if (target === null) return;
      place.go(target, new URL(response.url));
    } finally {
      if (taken.last !== response) response[Symbol.dispose]();
    }
  }
});

/** Where the request for a page goes. */
class PagePlace {
  url: URL | null = null;
  /** Whether a page was of another origin: what was lost there does not come back. */
  #left = false;

  go(url: URL, from: URL): void {
    this.url = url;
    this.#left ||= url.origin !== from.origin;
  }

  readonly step: Middleware = (request, next) => {
    const { url } = this;
    if (url === null) return next(request);
    if (this.#left || url.origin !== request.url.origin)
      return next(request.with(atOtherOrigin(request, new URL(url))));
    return next(request.with({ url: new URL(url) }));
  };
}

function* targetOf(response: Response, next: Pages['next']): Operation<URL | null> {
  let target = next(response) as unknown;
  if (isOperation(target)) target = yield* target as Operation<unknown>;
  if (target === null || target === undefined) return null;
  const url = urlOf(target, response.url);
  if (url === null) {
    const shown = typeof target === 'string' ? JSON.stringify(redactInvalidUrl(target)) : show(target);
    throw new InvalidUrlError(
      `The page behind ${response.url} is said to be ${shown}: \`next\` has to give an http(s) URL, or null at the last page.`,
    );
  }
  url.username = '';
  url.password = '';
  return url;
}

function urlOf(target: unknown, base: string): URL | null {
  if (typeof target !== 'string' && !(target instanceof URL)) return null;
  try {
    const url = new URL(target, base);
    return /^https?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** What makes two URLs one page: all but the fragment, which no server sees. */
function keyOf({ href, hash }: URL): string {
  return hash === '' ? href : href.slice(0, -hash.length);
}

function repeated(url: URL): ClientError {
  return new ClientError(
    `The next page would be ${url.href}, which was a page before: the pages go in a circle; look at what the server links to, or at \`next\`.`,
    { code: 'PAGE_REPEATED' },
  );
}
