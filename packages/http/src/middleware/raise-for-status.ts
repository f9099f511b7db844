import type { Operation } from '@coloop/core';
import type { Next, Request } from '../request.ts';
import type { Response } from '../response.ts';

/**
 * Turns an answer of 400 and above into an error where `raiseForStatus` asks for it.
 *
 * @throws ClientResponseError
 */
export function raiseForStatus(request: Request, next: Next): Operation<Response> {
  return request.options.raiseForStatus ? raise(next(request)) : next(request);
}

function* raise(operation: Operation<Response>): Operation<Response> {
  const response = yield* operation;
  if (response.status < 400) return response;
  try {
    return response.raiseForStatus();
  } catch (error) {
    yield* response.release();
    throw error;
  }
}
