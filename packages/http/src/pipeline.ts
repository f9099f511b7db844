import { type Operation, TimeoutError, timeout } from '@coloop/core';
import type { Call } from './call.ts';
import { complete, ServerTimeoutError } from './errors.ts';
import type { Middleware, Next, Request } from './request.ts';
import type { BodyStream, Response } from './response.ts';

/**
 * Puts middleware before the last step; the first one sees the request first and the response last.
 *
 * The composition is made once per session: a request costs calls, no closures.
 */
export function compose(middleware: readonly Middleware[], last: Next): Next {
  return middleware.reduceRight<Next>((next, step) => (request) => step(request, next), last);
}

/**
 * Takes one call of the user through the pipeline, under its total limit, and lets go of all that it opened.
 *
 * Cancellation: destroys what was opened, at once; the middleware's own cleanup runs first.
 *
 * @param prepare - makes the request; its errors come before anything is sent
 */
export function* perform(
  call: Call,
  total: number,
  signal: AbortSignal | undefined,
  prepare: () => Request,
  chain: Next,
): Operation<Response> {
  try {
    const request = prepare();
    const response = yield* timeout(total, (deadline) => {
      call.begin(deadline, signal);
      return chain(request);
    });
    call.handOver(streamOf(response));
    return response;
  } catch (error) {
    const seen = errorOf(error, call);
    call.failed(seen);
    throw seen;
  }
}

/** What the user gets: the reason of whoever ended the call from outside, or the limit that passed, or the error itself. */
function errorOf(error: unknown, call: Call): unknown {
  // A total limit, a closed session and an aborted signal all end the same scope; the call knows which it was.
  if (error instanceof TimeoutError && !(error instanceof ServerTimeoutError) && call.expired) {
    return call.reason ?? call.totalError();
  }
  return complete(error, call.details());
}

// A response of the user's own middleware may be none of ours.
function streamOf(response: Response): BodyStream | undefined {
  return 'stream' in response ? (response.stream as BodyStream) : undefined;
}
