import type { RequestOperation } from '../session/request-operation.ts';
import { type FetchOptions, fetchOnce } from '../session/shared.ts';
import { Session } from './session.ts';

/**
 * Sends one request with the platform's fetch, under the deadlines and limits of this client.
 *
 * Cancellation: aborts it, at once.
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
export function fetch(url: string | URL, options: FetchOptions = {}): RequestOperation {
  return fetchOnce(url, options, open);
}

function open(...[scheduler]: Parameters<Parameters<typeof fetchOnce>[2]>): Session {
  return new Session({}, scheduler);
}
