import type { Scope } from '@coloop/core/lowlevel';
import { currentNetwork } from '../connect/network.ts';
import type { RequestOperation } from '../session/request-operation.ts';
import { type FetchOptions, fetchOnce } from '../session/shared.ts';
import { Session } from './session.ts';

export type { FetchOptions } from '../session/shared.ts';

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
export function fetch(url: string | URL, options: FetchOptions = {}): RequestOperation {
  return fetchOnce(url, options, open, ownerOfNetwork);
}

function open(...[scheduler, root]: Parameters<Parameters<typeof fetchOnce>[2]>): Session {
  return new Session({}, scheduler, root);
}

/** A simulated network has its own session, which ends with it. */
function ownerOfNetwork(): Scope | undefined {
  return currentNetwork.get()?.owner;
}
