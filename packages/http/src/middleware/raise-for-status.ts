import { attempt, moveOnAfter, type Operation } from '@coloop/core';
import { EXCERPT_TIME } from '../limits.ts';
import type { Next, Request } from '../request/request.ts';
import { HttpResponse, type Response } from '../response/response.ts';

/**
 * Turns a response of 400 and above into an error where `raiseForStatus` asks for it; it shows the beginning of the body.
 *
 * @throws ClientResponseError
 */
export function raiseForStatus(request: Request, next: Next): Operation<Response> {
  return request.options.raiseForStatus ? raise(request, next) : next(request);
}

function* raise(request: Request, next: Next): Operation<Response> {
  return yield* raised(yield* next(request), request.call.remaining() / 2);
}

/**
 * Throws for a status of 400 and above, and releases that response; any other is returned.
 *
 * @param time - the most that the beginning of the body may take, in milliseconds
 * @throws ClientResponseError
 */
export function* raised(response: Response, time: number = EXCERPT_TIME): Operation<Response> {
  if (response.status < 400) return response;
  try {
    // What it says why is worth a moment, and is no reason to fail otherwise.
    const longest = Math.min(EXCERPT_TIME, time);
    if (response instanceof HttpResponse) yield* attempt(moveOnAfter(longest, response.readExcerpt()));
    return response.raiseForStatus();
  } finally {
    response[Symbol.dispose]();
  }
}
