import { run, spawn, type Task, until } from '@coloop/core';
import { eventually, serveRaw } from '@coloop/test-servers/vitest';
import { expect, test } from 'vitest';
import { Resolver } from '../connect/resolver.ts';
import type { Link, Route } from '../connect/route.ts';
import { createSslContext } from '../connect/ssl.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { Checkout, PooledConnection } from './pool.ts';

const checkout: Checkout = {
  queueLimit: Number.POSITIVE_INFINITY,
  connectLimit: Number.POSITIVE_INFINITY,
  ahead: false,
  remaining: () => Number.POSITIVE_INFINITY,
  enter: () => {},
  timeoutError: () => {
    throw new Error('no limit passes');
  },
};

function routeTo(port: number): Route {
  const [hostname, authority] = ['127.0.0.1', `127.0.0.1:${port}`];
  const direct = { proxy: null, tunnel: false, localAddress: undefined, rule: null, proxyRule: null, socketPath: null };
  const [ssl, resolver] = [createSslContext(), new Resolver()];
  const shared = { http2: 'only' as const, gathers: true };
  return {
    key: authority,
    secure: false,
    hostname,
    port,
    authority,
    host: authority,
    ssl,
    resolver,
    ...direct,
    ...shared,
  };
}

/** A connection that does what the test says. */
class Played implements PooledConnection {
  usable = true;
  requests = 1;
  idleSince = 0;
  capacity = 1;
  streams = 1;
  destroyed = false;
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  destroy(): void {
    this.destroyed = true;
    this.#link.base.destroy();
  }
}

function* make(link: Link): Generator<never, Played, never> {
  return new Played(link);
}

test('a connection that refuses a request which was given to it is not closed for those that it serves', async () => {
  const server = await serveRaw(() => {});
  await run(function* () {
    const { inner: pool } = yield* ConnectionPool.open({ limit: 1 });
    const route = routeTo(server.port);
    const first = yield* pool.acquire(route, checkout, make);
    const waiting: Task<Played> = spawn(pool.acquire(route, checkout, make));
    yield* until(eventually(() => pool.stats.waiting === 1));
    first.capacity = 2;
    pool.connectionResized(first);
    // Its place is given to the task that waits, and refused before that has its turn.
    expect(pool.stats).toMatchObject({ waiting: 0, streams: 2 });
    first.usable = false;
    first.capacity = 0;
    pool.connectionResized(first);
    yield* until(eventually(() => pool.stats.waiting === 1));
    expect([first.destroyed, pool.stats.streams]).toEqual([false, 1]);
    first.streams = 0;
    first.destroy();
    pool.connectionGone(first);
    const other = yield* waiting;
    expect(other === first).toBe(false);
  });
});
