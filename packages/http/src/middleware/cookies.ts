import type { Operation } from '@coloop/core';
import { withCookieHeader } from '../cookie-line.ts';
import type { CookieSource, Middleware, Next, Request } from '../request.ts';
import type { Response } from '../response.ts';

/**
 * Sends the jar's cookies and those of the call with every hop, and puts into the jar what the answers set.
 *
 * It belongs inside of the redirects: each hop gets the cookies of its own URL.
 */
export function cookiesOf(jar: CookieSource | null): Middleware {
  return (request, next) => withCookies(jar, request, next);
}

function* withCookies(jar: CookieSource | null, request: Request, next: Next): Operation<Response> {
  const response = yield* next(withCookieHeader(request, jar));
  jar?.receive(response.headers.getSetCookie(), request.url);
  return response;
}
