/* The chain of middleware, and what becomes of a call at its end: a result with its body, or an error. */
import { TimeoutError } from '@coloop/core';
import { complete, ServerTimeoutError } from '../errors.ts';
import type { Middleware, Next } from '../request/request.ts';
import { HttpResponse } from '../response/response.ts';
import type { BodyStream } from '../response/stream.ts';
import type { CallStream, OpenCall } from './call.ts';

/**
 * Puts middleware before the last step; the first one sees the request first and the response last.
 *
 * The composition is made once per session: a request costs calls, no closures.
 */
export function compose(middleware: readonly Middleware[], last: Next): Next {
  return middleware.reduceRight<Next>((next, step) => (request) => step(request, next), last);
}

/** The error that the user gets: the reason why the call was ended from outside, or the limit that passed, or the error itself. */
export function errorOf(error: unknown, call: OpenCall): unknown {
  // A total limit, a closed session and an aborted signal all end the same scope; the call knows which it was.
  if (error instanceof TimeoutError && !(error instanceof ServerTimeoutError) && call.expired) {
    return call.ended ? call.reason : call.totalError();
  }
  return complete(error, call.details());
}

/**
 * The body that goes to the user with a result.
 *
 * @returns undefined for what middleware of the user made; it may then use all that the call opened
 */
export function streamOf(result: unknown): CallStream | undefined {
  return result instanceof HttpResponse ? (result.stream as BodyStream & CallStream) : undefined;
}
