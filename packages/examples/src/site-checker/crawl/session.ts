/** The way to a site: which proxy, which DNS servers, which certificates, how long to wait. */
import type { Operation } from '@coloop/core';
import { CookieJar, createSslContext, type Next, type Request, Resolver, type Response, Session } from '@coloop/http';
import { USER_AGENT } from '../politeness/robots.ts';
import { UsageError } from '../usage-error.ts';

export interface Access {
  /** With the user and the password in it, if it wants them. */
  readonly proxy: string | undefined;
  /** Asked instead of the system's; none means the system's. */
  readonly nameservers: readonly string[];
  /** Certificates to trust besides the system's, in PEM. */
  readonly ca: string | undefined;
  /** Certificates are not checked at all. */
  readonly insecure: boolean;
  /** For one request, from its call to the end of its body, in milliseconds. */
  readonly timeout: number;
  /** Connections at the same time. */
  readonly concurrency: number;
}

/** To plain http a proxy answers in the place of the site: without its password there is nothing to check. */
function* refuseProxyAnswer(request: Request, next: Next): Operation<Response> {
  const response = yield* next(request);
  if (response.status !== 407) return response;
  yield* response.release();
  throw new UsageError('The proxy refused the name and password that --proxy gives it (407)');
}

/** Opens a session; it is closed with the scope that it was opened in. */
export function* openSession(access: Access): Operation<Session> {
  return yield* Session.open({
    headers: { accept: 'text/html, application/xhtml+xml, */*;q=0.5', 'user-agent': USER_AGENT },
    timeout: { total: access.timeout },
    // Each hop is an address of its own: asked for once, whichever page leads to it, and only if it may be.
    redirect: 'manual',
    // Some sites lead in a circle until the visitor brings their cookie, also those that are named by an IP address.
    cookieJar: new CookieJar({ unsafeIp: true }),
    middleware: [refuseProxyAnswer],
    pool: { limit: access.concurrency, keepAlive: 15_000 },
    ...(access.proxy !== undefined && { proxy: access.proxy }),
    ...(access.nameservers.length > 0 && { resolver: new Resolver({ nameservers: [...access.nameservers] }) }),
    ...(access.ca !== undefined && { ssl: createSslContext({ ca: access.ca }) }),
    ...(access.insecure && { ssl: false as const }),
  });
}
