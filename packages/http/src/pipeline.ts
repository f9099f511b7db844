import { type Operation, TimeoutError, timeout } from '@coloop/core';
import type { BodyStream } from './body-stream.ts';
import type { Call, CallStream } from './call.ts';
import { complete, ServerTimeoutError } from './errors.ts';
import type { Middleware, Next, Request } from './request.ts';
import { HttpResponse } from './response.ts';

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
export function* perform<T>(
  call: Call,
  total: number,
  signal: AbortSignal | undefined,
  prepare: () => Request,
  chain: (request: Request, call: Call) => Operation<T>,
): Operation<T> {
  try {
    const request = prepare();
    const result = yield* timeout(total, (deadline) => {
      call.begin(deadline, signal);
      return chain(request, call);
    });
    call.handOver(streamOf(result));
    return result;
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

// What the user's own middleware returns may be none of ours; it may then use whatever was opened.
function streamOf(result: unknown): CallStream | undefined {
  return result instanceof HttpResponse ? (result.stream as BodyStream & CallStream) : undefined;
}
