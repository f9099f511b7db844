/* `cache`: the middleware that answers what may be answered without the server. */
import type { Operation } from '@coloop/core';
import { checkFlag, checkNames, invalidOption, own } from '../checks.ts';
import { markInnermost } from '../request/innermost.ts';
import type { Middleware, Next, Request } from '../request/request.ts';
import type { Response } from '../response/response.ts';
import type { CacheOptions } from './cache-options.ts';
import { HttpCache } from './http-cache.ts';
import { type CacheStore, memoryStore } from './store.ts';

const CACHE_OPTIONS: readonly (keyof CacheOptions)[] = ['store', 'shared'];

/**
 * Keeps responses to GET and HEAD, and gives them again for as long as their server allows it.
 *
 * Wherever it stands among a session's middleware, it sees each hop as it goes out, with its cookies and credentials. A response to
 * a request with Authorization or Cookie is for the same values alone, unless it is `public`. It is kept when its body has come to
 * the end. Stale responses are asked about (ETag, Last-Modified), served meanwhile with `stale-while-revalidate` and if the server
 * fails with `stale-if-error`; what is asked for at once is asked once. Unsafe methods take away what was kept of their URL. Several
 * sessions may share one.
 *
 * Requests with conditions or a Range of their own go past it; `Cache-Control` of a request (`no-cache`, `no-store`, `max-age`,
 * `max-stale`, `min-fresh`, `only-if-cached`) is followed. `session.trace` tells of a hit in the event `response`, as `cache`.
 *
 * @throws InvalidOptionError
 * @example
 * ```ts
 * import { cache, Session } from '@coloop/http';
 * import { simulate } from '@coloop/http/testing';
 *
 * await simulate(function* (net) {
 *   let asked = 0;
 *   net.serve('http://api.test', () => ({ body: `${++asked}`, headers: { 'Cache-Control': 'max-age=60' } }));
 *   const session = yield* Session.open({ middleware: [cache()] });
 *   console.log(yield* session.get('http://api.test/').text()); //> 1
 *   console.log(yield* session.get('http://api.test/').text()); //> 1
 * });
 * ```
 * Source: RFC 9111, RFC 5861.
 */
export function cache(options: CacheOptions = {}): Middleware {
  checkNames('cache', options, CACHE_OPTIONS);
  const shared = checkFlag('cache.shared', own(options, 'shared'), false);
  const kept = new HttpCache(checkStore(own(options, 'store')), shared);
  return markInnermost((request: Request, next: Next): Operation<Response> => kept.through(request, next));
}

function checkStore(store: CacheStore | undefined): CacheStore {
  if (store === undefined) return memoryStore();
  const isStore = typeof store === 'object' && store !== null && typeof store.get === 'function';
  if (isStore && typeof store.set === 'function' && typeof store.delete === 'function') {
    if (typeof store.maxEntrySize === 'number') return store;
  }
  throw invalidOption(
    'cache.store',
    store,
    "give memoryStore(), fileStore('directory'), or get, set, delete and maxEntrySize",
  );
}
