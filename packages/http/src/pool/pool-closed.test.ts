// Real time: no event tells that a server has seen what it does not answer.
import type { Socket } from 'node:net';
import { attempt, type Operation, run, spawn, type Task, until } from '@coloop/core';
import { CA } from '@coloop/test-servers';
import { eventually, serveRaw, serveTls } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { SessionClosedError } from '../errors.ts';
import { Session } from '../node/session.ts';
import { ConnectionPool } from './connection-pool.ts';

/** A server that takes requests and answers none but those for `/body`, of which it sends a part. */
async function slow(): Promise<{ url: string; seen: () => number }> {
  let seen = 0;
  const { url } = await serveRaw((socket: Socket) => {
    socket.once('data', (data) => {
      seen += 1;
      if (data.toString().startsWith('GET /body')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    });
  });
  return { url, seen: () => seen };
}

type Asking = (session: Session, url: string) => Operation<unknown>;

describe('a pool that is closed says so to what is under way', () => {
  const ways: readonly (readonly [string, Asking])[] = [
    ['a request without its response', (session, url) => session.get(url)],
    ['a body on its way', (session, url) => session.get(`${url}/body`).text()],
    ['a handshake', (session, url) => session.ws(url)],
  ];
  test.each(ways)('%s', async (_, ask) => {
    const { url, seen } = await slow();
    await run(function* () {
      const pool = yield* ConnectionPool.open({ limit: 1 });
      const session = yield* Session.open({ pool, retry: { attempts: 3, delay: 0 } });
      const task: Task<unknown> = spawn(attempt(ask(session, url)));
      yield* until(eventually(() => seen() === 1));
      const queued: Task<unknown> = spawn(attempt(session.get(url)));
      yield* until(eventually(() => session.pool.stats.waiting === 1));
      yield* pool.close();
      for (const each of [task, queued]) {
        const tried = (yield* each) as { error?: unknown };
        expect(tried.error).toBeInstanceOf(SessionClosedError);
      }
      expect(seen()).toBe(1);
      expect(yield* attempt(session.get(url))).toMatchObject({ error: { name: 'SessionClosedError' } });
    });
  });

  test('a request over TLS', async () => {
    let seen = 0;
    const server = await serveTls(() => {
      seen += 1;
    });
    await run(function* () {
      const pool = yield* ConnectionPool.open();
      const session = yield* Session.open({ pool, ssl: { ca: CA } });
      const task: Task<unknown> = spawn(attempt(session.get(server.url)));
      yield* until(eventually(() => seen === 1));
      yield* pool.close();
      expect(yield* task).toMatchObject({ error: { name: 'SessionClosedError' } });
    });
  });

  test('a connection that is being opened', async () => {
    // It never says a word, so TLS waits.
    const server = await serveRaw(() => {});
    await run(function* () {
      const pool = yield* ConnectionPool.open();
      const session = yield* Session.open({ pool });
      const task: Task<unknown> = spawn(attempt(session.get(server.url.replace('http', 'https'))));
      yield* until(eventually(() => server.open.size === 1));
      yield* pool.close();
      expect(yield* task).toMatchObject({ error: { name: 'SessionClosedError' } });
    });
  });
});
