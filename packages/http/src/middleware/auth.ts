import type { Operation } from '@coloop/core';
import type { Next, Request } from '../request/request.ts';
import type { Response } from '../response/response.ts';

/**
 * Lets the request's `auth` prove who asks, hop by hop; an Authorization header that the caller wrote goes first.
 *
 * Redirects to another origin have taken `auth` away before.
 */
export function authenticate(request: Request, next: Next): Operation<Response> {
  const { auth, headers } = request;
  return auth === null || headers.has('authorization') ? next(request) : auth.apply(request, next);
}
