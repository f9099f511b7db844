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
  const response = yield* next(request);
  if (response.status < 400) return response;
  try {
    // What it says why is worth a moment, and is no reason to fail otherwise.
    const time = Math.min(EXCERPT_TIME, request.call.remaining() / 2);
    if (response instanceof HttpResponse) yield* attempt(moveOnAfter(time, response.readExcerpt()));
    return response.raiseForStatus();
  } finally {
    response[Symbol.dispose]();
  }
}
