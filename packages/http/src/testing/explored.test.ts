/** The request path under `explore`: every order of events and every moment of a cancel that it finds. */
import { getEventListeners } from 'node:events';
import { attempt, gather, now, type Operation, random, type Source, sleep, spawn } from '@coloop/core';
import { explore } from '@coloop/core/testing';
import { describe, expect, test } from 'vitest';
import { ClientError, SessionClosedError } from '../errors.ts';
import { Session } from '../node/session.ts';
import type { RequestOptions } from '../request/options.ts';
import type { SimulatedNetwork } from './network.ts';
import { simulation } from './simulation.ts';

function* textOf(session: Session, path: string, options: RequestOptions = {}): Operation<string> {
  const response = yield* session.get(path, { retry: { attempts: 2, delay: 10 }, ...options });
  return yield* response.text();
}

/** After everything that was asked for: no slot is taken, no request waits, and what is open is idle. */
function checkNothingLeft(session: Session, net: SimulatedNetwork): void {
  const { busy, waiting, idle, total } = session.pool.stats;
  expect({ busy, waiting, total, sockets: net.sockets }).toEqual({ busy: 0, waiting: 0, total: idle, sockets: idle });
}

/** DNS, a proxy that asks for a tunnel, TLS, a redirect, a body in chunks: every phase that a request has. */
function* everything(net: SimulatedNetwork): Operation<Session> {
  net.serve('https://api.test', function* (request) {
    if (request.target === '/') return { status: 302, headers: { Location: '/next' }, body: 'go!' };
    yield* request.write('one ');
    yield* sleep(5);
    yield* request.write('two');
    yield* request.end();
    return undefined;
  });
  net.proxy('http://user:password@proxy.test:3128');
  return yield* Session.open({
    baseUrl: 'https://api.test/',
    proxy: 'http://user:password@proxy.test:3128',
    pool: { limit: 1 },
  });
}

describe('a request that is cancelled', () => {
  test('at every suspension point that it has leaves no socket, slot, timer or listener behind', async () => {
    const report = await explore(
      () =>
        simulation(function* (net) {
          const session = yield* everything(net);
          const { signal } = new AbortController();
          const request = spawn(attempt(textOf(session, '/', { signal })), { name: 'request' });
          const result = yield* attempt(request);
          if (result.ok) expect(result.value).toEqual({ ok: true, value: 'one two' });
          // The rest of an unread body is drained for a moment, to save its connection.
          yield* sleep(1_000);
          checkNothingLeft(session, net);
          expect(getEventListeners(signal, 'abort')).toEqual([]);
          // The session works on.
          expect(yield* textOf(session, '/next')).toBe('one two');
        }),
      { seeds: 3, cancel: (task) => task.name === 'request', holdForHost: true },
    );
    expect(report.cancels.found).toBeGreaterThan(20);
    expect(report.cancels.tried).toBe(report.cancels.found);
  });

  test('among others that want the same connection lets each of them get its turn', async () => {
    const report = await explore(
      () =>
        simulation(function* (net) {
          net.serve('http://api.test', function* (request) {
            yield* sleep(10);
            return request.target;
          });
          const session = yield* Session.open({ baseUrl: 'http://api.test/', pool: { limit: 1 } });
          const requests = ['/1', '/2', '/3'].map((path) => spawn(attempt(textOf(session, path)), { name: path }));
          const results = yield* gather(requests.map((request) => attempt(request)));
          for (const [index, result] of results.entries()) {
            if (result.ok) expect(result.value).toEqual({ ok: true, value: `/${index + 1}` });
          }
          yield* sleep(1_000);
          checkNothingLeft(session, net);
          expect(yield* textOf(session, '/last')).toBe('/last');
        }),
      { seeds: 4, cancel: (task) => task.name.startsWith('/'), holdForHost: true },
    );
    expect(report.cancels.tried).toBe(report.cancels.found);
  });

  test('while its body is sent in chunks ends the body, and the task that reads it', async () => {
    const report = await explore(
      () =>
        simulation(function* (net) {
          net.serve('http://api.test', function* (request) {
            const body = yield* request.text();
            yield* sleep(5);
            return body;
          });
          const session = yield* Session.open({ baseUrl: 'http://api.test/' });
          const sent = new Chunks(['one ', 'two ', 'three']);
          const request = spawn(attempt(echoOf(session, sent)), { name: 'request' });
          const result = yield* attempt(request);
          if (result.ok) expect(result.value).toEqual({ ok: true, value: 'one two three' });
          yield* sleep(1_000);
          // Before the request was made there was nothing to close.
          expect(sent.opened).toBe(sent.closed);
          checkNothingLeft(session, net);
        }),
      { seeds: 10, cancel: (task) => task.name === 'request', holdForHost: true },
    );
    expect(report.cancels.tried).toBe(report.cancels.found);
  });

  test('is told at once where only the task that reads its body was cancelled', async () => {
    await explore(
      () =>
        simulation(function* (net) {
          net.serve('http://api.test', (request) => request.text());
          const session = yield* Session.open({ baseUrl: 'http://api.test/' });
          const result = yield* attempt(echoOf(session, new Chunks(['one ', 'two'])));
          if (result.ok) expect(result.value).toBe('one two');
          else expect(result.error).toMatchObject({ code: 'ABORTED' });
          expect(now()).toBeLessThan(1_000);
          checkNothingLeft(session, net);
        }),
      { seeds: 5, cancel: (task) => task.name === 'upload', holdForHost: true },
    );
  });
});

describe('a session that is closed', () => {
  test('at any moment ends what is under way, in every order, and every request says why', async () => {
    await explore(
      () =>
        simulation(function* (net) {
          const session = yield* everything(net);
          const requests = ['/', '/next'].map((path) => spawn(attempt(textOf(session, path))));
          const when = Math.floor(random() * 40);
          yield* sleep(when);
          yield* session.close();
          expect(net.sockets).toBe(0);
          for (const request of requests) {
            const result = yield* request;
            if (result.ok) expect(result.value).toBe('one two');
            else expect(result.error, `closed after ${when} ms`).toBeInstanceOf(SessionClosedError);
          }
        }),
      { seeds: 60, holdForHost: true },
    );
  });
});

describe('a server that does anything at any time', () => {
  test('never leaves a request without an end, nor the pool with anything', async () => {
    await explore(
      () =>
        simulation(
          function* (net) {
            net.host('api.test').listen(80, function* (connection) {
              while ((yield* connection.readUntil('\r\n\r\n')) !== undefined) {
                yield* connection.write(ANSWER.slice(0, random() * 2 * ANSWER.length));
                yield* sleep(random() * 300);
                const fate = random();
                if (fate < 0.2) connection.reset();
                else if (fate < 0.3) connection.silence();
                else if (fate < 0.5) return;
              }
            });
            const session = yield* Session.open({
              baseUrl: 'http://api.test/',
              timeout: { headers: 400, idle: 400, total: 5_000 },
              pool: { limit: 2 },
            });
            const results = yield* gather(Array.from({ length: 6 }, () => attempt(textOf(session, '/'))));
            for (const result of results) {
              if (result.ok) expect(result.value).toBe('hello');
              else expect(result.error).toBeInstanceOf(ClientError);
            }
            yield* sleep(1_000);
            checkNothingLeft(session, net);
          },
          { jitter: 3 },
        ),
      { seeds: 60, holdForHost: true },
    );
  });
});

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

function* echoOf(session: Session, body: Chunks): Operation<string> {
  const response = yield* session.post('/', { body: () => body.open() });
  return yield* response.text();
}

/** A body in chunks that counts its readers. */
class Chunks {
  opened = 0;
  closed = 0;
  readonly #chunks: readonly string[];

  constructor(chunks: readonly string[]) {
    this.#chunks = chunks;
  }

  open(): Source<Uint8Array> {
    this.opened += 1;
    return new OnePass([...this.#chunks], () => {
      this.closed += 1;
    });
  }
}

class OnePass implements Source<Uint8Array> {
  readonly #chunks: string[];
  readonly #closed: () => void;
  #over = false;

  constructor(chunks: string[], closed: () => void) {
    this.#chunks = chunks;
    this.#closed = closed;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    yield* sleep(5);
    const chunk = this.#chunks.shift();
    return chunk === undefined ? { done: true, value: undefined } : { done: false, value: Buffer.from(chunk) };
  }

  *close(): Operation<void> {
    if (!this.#over) this.#closed();
    this.#over = true;
  }
}
