/** The servers as resources: each starts where it is acquired, and ends with the scope. */
import { type Operation, type Resource, resource, until } from '@coloop/core';
import type { Closable } from './closable.ts';
import { makeFolder } from './folder.ts';
import { startHttp, startHttps, startTcp } from './http.ts';
import { startNameServer } from './name-server.ts';
import { startProxy } from './proxies/proxy.ts';
import { startServer } from './server.ts';
import { startWebSockets } from './web-sockets.ts';

function* provided<T extends Closable>(
  start: () => Promise<T>,
  provide: (value: T) => Operation<void>,
): Operation<void> {
  // What has started in spite of a cancel is closed as well.
  const running = yield* until(start, { late: (late) => void late.close() });
  try {
    yield* provide(running);
  } finally {
    yield* until(running.close());
  }
}

/** Makes of a start a resource: what has started is closed at the end of the scope. */
export function asResource<A extends readonly unknown[], T extends Closable>(
  start: (...args: A) => Promise<T>,
): (...args: A) => Resource<T> {
  return (...args) => resource((provide) => provided(() => start(...args), provide));
}

/** See `startServer`. */
export const localServer = asResource(startServer);
/** See `startHttp`. */
export const httpServer = asResource(startHttp);
/** See `startHttps`. */
export const httpsServer = asResource(startHttps);
/** See `startTcp`. */
export const tcpServer = asResource(startTcp);
/** See `startWebSockets`. */
export const webSocketServer = asResource(startWebSockets);
/** See `startNameServer`. */
export const nameServer = asResource(startNameServer);
/** See `startProxy`. */
export const httpProxy = asResource(startProxy);
/** See `makeFolder`. */
export const temporaryFolder = asResource(makeFolder);
