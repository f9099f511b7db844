import { currentTask, type Operation } from '@coloop/core';
import type { Scope } from '@coloop/core/lowlevel';
import type { RequestOptions } from './options.ts';
import type { Response } from './response.ts';
import { Session } from './session.ts';
import { HostOfTask } from './wait.ts';

/** One session per root scope; it is closed with that scope. */
const sessions = new WeakMap<Scope, Session>();

/**
 * Sends one request; connections and cookies are shared by all calls of the same `run` or `createScope`, and end with it.
 *
 * Cancellation: destroys the connection if the request is on one, at once.
 *
 * @param options - `method`, and everything that `session.request` takes
 * @throws InvalidUrlError, InvalidOptionError, ClientConnectionError, ServerTimeoutError and their kin
 * @example
 * ```ts no-run
 * import { run } from '@coloop/core';
 * import { fetch } from '@coloop/http';
 *
 * await run(function* () {
 *   using response = yield* fetch('https://example.com/', { timeout: 5_000 });
 *   console.log(response.status, yield* response.text());
 * });
 * ```
 */
export function fetch(url: string | URL, options: FetchOptions = {}): Operation<Response> {
  return fetchOnce(url, options);
}

/** The options of a request, and its method. */
export type FetchOptions = RequestOptions & { readonly method?: string | undefined };

function* fetchOnce(url: string | URL, options: FetchOptions): Operation<Response> {
  const { method, ...rest } = Object.hasOwn(options, 'method') ? options : { ...options, method: undefined };
  const root = rootScope();
  let session = sessions.get(root);
  if (session === undefined || session.closed) {
    const opened = new Session({}, yield* new HostOfTask(), root);
    root.addRelease(() => opened.close());
    sessions.set(root, opened);
    session = opened;
  }
  return yield* session.request(method ?? 'GET', url, rest);
}

/** The outermost task: what `run` or `createScope` has begun. */
function rootScope(): Scope {
  let task = currentTask();
  while (task.owner !== null) task = task.owner.home as unknown as typeof task;
  return task;
}
