/** The servers for tests: each ends with the test that started it. */
import { afterEach } from 'vitest';
import type { Closable } from './closable.ts';
import { startCanned, startHttp, startHttp2, startHttp2Tls, startHttps, startTcp } from './http.ts';
import { startNameServer } from './name-server.ts';
import { startProxy } from './proxies/proxy.ts';
import { startSocksProxy } from './proxies/socks-proxy.ts';
import { startServer } from './server.ts';
import { startWebSockets } from './web-sockets.ts';

const running: Closable[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

function untilTestEnds<A extends readonly unknown[], T extends Closable>(
  start: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  return async (...args) => {
    const one = await start(...args);
    running.push(one);
    return one;
  };
}

export const serve = untilTestEnds(startHttp);
export const serveTls = untilTestEnds(startHttps);
export const serveHttp2 = untilTestEnds(startHttp2);
export const serveHttp2Tls = untilTestEnds(startHttp2Tls);
export const serveRaw = untilTestEnds(startTcp);
export const serveBytes = untilTestEnds(startCanned);
export const serveWebSockets = untilTestEnds(startWebSockets);
export const serveProxy = untilTestEnds(startProxy);
export const serveSocks = untilTestEnds(startSocksProxy);
export const serveDns = untilTestEnds(startNameServer);
export const serveOn = untilTestEnds(startServer);

/** Waits, in real time, until a condition holds in the world outside of the program. */
export async function eventually(condition: () => boolean): Promise<void> {
  // Real time: this is for conditions that no event tells of.
  for (let turn = 0; turn < 500 && !condition(); turn++) await new Promise((resolve) => setTimeout(resolve, 5));
}
