import type { Operation } from '@coloop/core';
import { withCookieHeader } from '../cookie-line.ts';
import type { CookieSource, Middleware, Next, Request } from '../request.ts';
import { HttpResponse, type Response } from '../response.ts';

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
  if (jar !== null) receive(jar, response, request.url);
  return response;
}

// Most answers set no cookie, and building the web's Headers to find that out costs more than all the rest of this
// step.
function receive(jar: CookieSource, response: Response, url: URL): void {
  const lines =
    response instanceof HttpResponse ? response.rawHeaders.getAll('set-cookie') : response.headers.getSetCookie();
  if (lines.length > 0) jar.receive(lines, url);
}
