/** The way to a site: which proxy, which DNS servers, which certificates, how long to wait. */
import type { Operation } from '@coloop/core';
import { createSslContext, Resolver, Session } from '@coloop/http';

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

/** Opens a session; it is closed with the scope that it was opened in. */
export function* openSession(access: Access): Operation<Session> {
  return yield* Session.open({
    headers: { accept: 'text/html, application/xhtml+xml, */*;q=0.5', 'user-agent': 'coloop-site-checker' },
    timeout: { total: access.timeout },
    maxRedirects: 8,
    pool: { limit: access.concurrency, keepAlive: 15_000 },
    ...(access.proxy !== undefined && { proxy: access.proxy }),
    ...(access.nameservers.length > 0 && { resolver: new Resolver({ nameservers: [...access.nameservers] }) }),
    ...(access.ca !== undefined && { ssl: createSslContext({ ca: access.ca }) }),
    ...(access.insecure && { ssl: false as const }),
  });
}
