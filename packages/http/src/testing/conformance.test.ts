/**
 * One suite for the simulated and the real server: what holds for both proves the simulated one true.
 */
import { acquire, attempt, gather, type Operation, run, sleep, spawn } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { Session, type SessionOptions } from '../node/session.ts';
import type { Handler } from './handler.ts';
import { simulate } from './simulation.ts';
import { testServer } from './test-server.ts';

interface Place {
  readonly origin: string;
  readonly connections: number;
  readonly accepted: number;
}

type World = <T>(handler: Handler, program: (place: Place) => Operation<T>) => Promise<T>;

const simulated: World = (handler, program) =>
  simulate(function* (net) {
    const host = net.serve('http://api.test', handler);
    return yield* program({
      origin: 'http://api.test',
      get connections() {
        return host.connections;
      },
      get accepted() {
        return host.accepted;
      },
    });
  });

const real: World = (handler, program) =>
  run(function* () {
    return yield* program(yield* acquire(testServer(handler)));
  });

function* open(place: Place, options: SessionOptions = {}): Operation<Session> {
  return yield* Session.open({ baseUrl: `${place.origin}/`, ...options });
}

/** What a caller can tell of a failure, the same wherever it happened. */
function* failureOf(operation: Operation<unknown>): Operation<{ name: string; code: unknown }> {
  const result = yield* attempt(operation);
  if (result.ok) throw new Error('it went well');
  const { name, code } = result.error as Error & { code?: unknown };
  return { name, code };
}

function* textOf(session: Session, path: string): Operation<string> {
  const response = yield* session.get(path);
  return yield* response.text();
}

/** Lets the other side notice what has happened. */
function* eventually(condition: () => boolean): Operation<void> {
  for (let turn = 0; turn < 500 && !condition(); turn++) yield* sleep(5);
  expect(condition()).toBe(true);
}

describe.each([
  ['simulated', simulated],
  ['real', real],
] as const)('a %s server', (_, world) => {
  test('gets method, target, headers and body, and sends status, headers and body', async () => {
    const handler: Handler = function* (request) {
      const text = yield* request.text();
      return {
        status: 201,
        headers: {
          'X-Seen': `${request.method} ${request.target} ${request.headers.get('x-mine')}`,
          'Set-Cookie': ['a=1', 'b=2'],
        },
        body: text.toUpperCase(),
      };
    };
    await world(handler, function* (place) {
      const session = yield* open(place);
      const response = yield* session.put('/a%20b?c=d', { body: 'grüße', headers: { 'X-Mine': 'yes' } });
      expect([response.status, response.reason]).toEqual([201, 'Created']);
      expect(response.headers.get('x-seen')).toBe('PUT /a%20b?c=d yes');
      expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      expect(yield* response.text()).toBe('GRÜSSE');
    });
  });

  test('takes a body in chunks, with and without being asked first, and sends one', async () => {
    const handler: Handler = function* (request) {
      const bytes = yield* request.bytes();
      yield* request.start(200, { 'Content-Type': 'text/plain' });
      for (let at = 0; at < bytes.length; at += 3) yield* request.write(bytes.subarray(at, at + 3));
    };
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one ');
      yield Buffer.from('two ');
      yield Buffer.from('three');
    }
    await world(handler, function* (place) {
      const session = yield* open(place);
      for (const expect100 of [false, true]) {
        const response = yield* session.post('/', { body: chunks, expect100 });
        expect(yield* response.text()).toBe('one two three');
      }
    });
  });

  test('answers HEAD, 204 and 304 without a body and keeps the connection', async () => {
    const handler: Handler = (request) => ({ status: Number(request.target.slice(1)), body: 'a body' });
    await world(handler, function* (place) {
      const session = yield* open(place);
      const seen: unknown[] = [];
      for (const [method, status] of [
        ['HEAD', 200],
        ['GET', 204],
        ['GET', 304],
        ['GET', 200],
      ] as const) {
        const response = yield* session.request(method, `/${status}`);
        seen.push([response.status, yield* response.text()]);
      }
      expect(seen).toEqual([
        [200, ''],
        [204, ''],
        [304, ''],
        [200, 'a body'],
      ]);
      expect(place.accepted).toBe(1);
    });
  });

  test('serves one request after the other on a connection, and many connections at once', async () => {
    const handler: Handler = function* (request) {
      yield* sleep(5);
      return String(request.connection);
    };
    await world(handler, function* (place) {
      const session = yield* open(place);
      for (let turn = 0; turn < 3; turn++) expect(yield* textOf(session, '/')).toBe('1');
      const numbers = yield* gather([textOf(session, '/'), textOf(session, '/'), textOf(session, '/')]);
      expect([...numbers].sort()).toEqual(['1', '2', '3']);
      expect(place.connections).toBe(3);
      expect(session.pool.stats).toMatchObject({ created: 3, reused: 3, idle: 3 });
      yield* session.close();
      yield* eventually(() => place.connections === 0);
    });
  });

  test('closes the connection where it is told to', async () => {
    const handler: Handler = (request) => ({ headers: { Connection: 'close' }, body: String(request.connection) });
    await world(handler, function* (place) {
      const session = yield* open(place);
      expect([yield* textOf(session, '/'), yield* textOf(session, '/')]).toEqual(['1', '2']);
    });
  });

  test('breaks before, in the middle of and after a body', async () => {
    const handler: Handler = function* (request) {
      if (request.target === '/before') request.reset();
      else if (request.target === '/hang-up') request.hangUp();
      else if (request.target === '/length') {
        yield* request.start(200, { 'Content-Length': '10' });
        yield* request.write('12345');
        yield* sleep(10);
        request.hangUp();
      } else if (request.target === '/chunks') {
        yield* request.write('12345');
        yield* sleep(10);
        request.reset();
      }
    };
    await world(handler, function* (place) {
      const session = yield* open(place);
      expect(yield* failureOf(textOf(session, '/before'))).toEqual({
        name: 'ServerDisconnectedError',
        code: 'ECONNRESET',
      });
      expect(yield* failureOf(textOf(session, '/hang-up'))).toMatchObject({ name: 'ServerDisconnectedError' });
      expect(yield* failureOf(textOf(session, '/length'))).toMatchObject({ name: 'ContentLengthError' });
      expect(yield* failureOf(textOf(session, '/chunks'))).toEqual({ name: 'ClientPayloadError', code: 'TRUNCATED' });
    });
  });

  test('cancels a handler whose client has gone', async () => {
    let cancelled = 0;
    const handler: Handler = function* () {
      try {
        yield* sleep(60_000);
      } finally {
        cancelled++;
      }
    };
    await world(handler, function* (place) {
      const session = yield* open(place);
      const request = spawn(attempt(textOf(session, '/')));
      yield* eventually(() => place.connections === 1);
      yield* sleep(20);
      yield* request.cancel();
      yield* eventually(() => cancelled === 1 && place.connections === 0);
    });
  });

  test('makes a client that does not read wait, and sends all once it reads', async () => {
    const chunk = new Uint8Array(65_536).fill(120);
    const handler: Handler = function* (request) {
      for (let turn = 0; turn < 40; turn++) yield* request.write(chunk);
    };
    await world(handler, function* (place) {
      const session = yield* open(place);
      const response = yield* session.get('/');
      yield* sleep(20);
      const bytes = yield* response.bytes();
      expect(bytes.length).toBe(40 * chunk.length);
    });
  });

  test('fails its test where a handler fails, and breaks the connection', async () => {
    const handler: Handler = () => {
      throw new Error('the handler is wrong');
    };
    const failure = world(handler, function* (place) {
      const session = yield* open(place);
      expect(yield* failureOf(textOf(session, '/'))).toMatchObject({ name: 'ServerDisconnectedError' });
    });
    await expect(failure).rejects.toThrow('the handler is wrong');
  });

  test('is not reached on a port that no server listens on', async () => {
    await world(
      () => 'here',
      function* (place) {
        const session = yield* open(place);
        const elsewhere = new URL(place.origin);
        elsewhere.port = '1';
        expect(yield* failureOf(textOf(session, elsewhere.href))).toEqual({
          name: 'ClientConnectorError',
          code: 'ECONNREFUSED',
        });
      },
    );
  });
});
