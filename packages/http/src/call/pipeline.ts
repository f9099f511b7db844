import { type Operation, TimeoutError, timeout } from '@coloop/core';
import { complete, ServerTimeoutError } from '../errors.ts';
import type { RequestOptions } from '../request/options.ts';
import type { Middleware, Next, Request } from '../request/request.ts';
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

/** What a session is to its calls. */
export interface Caller {
  /** Begins a call; its errors come before there is one. */
  newCall(options: RequestOptions, endless: boolean): OpenCall;
  /** Makes the call's request; its errors come before anything is sent. */
  prepare(method: string, url: string | URL, options: RequestOptions, call: OpenCall): Request;
}

/**
 * Takes one call of the user through the pipeline, under its total limit, and lets go of all that it opened.
 *
 * Cancellation: destroys what was opened, at once; the middleware's own cleanup runs first.
 *
 * It is the call's only frame around the chain: what a call that waits holds is copied by the collector, and counts.
 *
 * @param endless - whether what comes has no end by itself, and so no total limit unless the call has its own
 * @param chain - what becomes of the request
 */
export function* perform<T>(
  session: Caller,
  method: string,
  url: string | URL,
  options: RequestOptions,
  endless: boolean,
  chain: (request: Request, call: OpenCall) => Operation<T>,
): Operation<T> {
  const call = session.newCall(options, endless);
  try {
    const request = session.prepare(method, url, options, call);
    const result = yield* timeout(call.total, (deadline) => {
      call.begin(deadline);
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
function errorOf(error: unknown, call: OpenCall): unknown {
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
