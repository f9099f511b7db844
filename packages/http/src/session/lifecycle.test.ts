import {
  attempt,
  forever,
  gather,
  type Operation,
  run,
  Scheduler,
  type Source,
  sleep,
  spawn,
  TimeoutError,
  timeout,
  until,
} from '@coloop/core';
import type { RunningServer } from '@coloop/test-servers';
import { CA } from '@coloop/test-servers';
import { eventually, serve, serveDns, serveProxy, serveRaw, serveTls } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { Resolver } from '../connect/resolver.ts';
import {
  ClientConnectionError,
  ClientError,
  ServerTimeoutError,
  SessionClosedError,
  type TimeoutLimit,
} from '../errors.ts';
import { fetch } from '../node/fetch.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import { ConnectionPool } from '../pool/connection-pool.ts';
import type { RequestOptions } from '../request/options.ts';
import { simulate } from '../testing/simulation.ts';
import type { Phase } from '../timing.ts';

/** Host handles and timers that would keep the process alive, beside those of the test's own servers. */
const handles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => /TCPSocketWrap|TLSWrap|Timeout|Immediate|GETADDRINFO|QUERY/i.test(kind));

function* readAll(session: Session, url: string, options: RequestOptions = {}): Operation<string> {
  const response = yield* session.get(url, options);
  return yield* response.text();
}

/** A site behind everything there is: an own nameserver, a proxy, TLS, a redirect, a slow body, cookies. */
async function everything(): Promise<{ options: SessionOptions; url: string; servers: RunningServer[] }> {
  const site = await serveTls((request, response) => {
    if (request.url === '/') {
      response.writeHead(302, { Location: '/next', 'Set-Cookie': 'a=b', 'Content-Length': '3' }).end('go!');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.write('one');
    setImmediate(() => response.end('two'));
  });
  const proxy = await serveProxy('user:pass');
  const dns = await serveDns({ 'proxy.test': ['127.0.0.1'] });
  return {
    servers: [site, proxy],
    url: `https://site.test:${site.port}/`,
    options: {
      resolver: new Resolver({ nameservers: [dns.address] }),
      proxy: `http://user:pass@proxy.test:${proxy.port}`,
      ssl: { ca: CA },
      retry: { attempts: 2 },
    },
  };
}

describe('a cancelled request', () => {
  test('leaves nothing behind, at whatever point it was cancelled', async () => {
    const { options, url, servers } = await everything();
    const reached = new Set<Phase>();
    for (let point = 0; ; point++) {
      let seen = 0;
      const finished = await run(function* () {
        const session = yield* Session.open(options);
        const task = spawn(attempt(readAll(session, url)), { name: 'request' });
        session.trace.on('phase', ({ phase }) => {
          if (seen++ !== point) return;
          reached.add(phase);
          task.cancel('the test');
        });
        const result = yield* attempt(task);
        if (result.ok) {
          expect(result.value).toMatchObject({ ok: true, value: 'onetwo' });
          return true;
        }
        expect(task.status).toBe('cancelled');
        expect(session.pool.stats).toMatchObject({ waiting: 0 });
        expect(session.pool.stats.total).toBe(session.pool.stats.idle);
        return false;
      });
      if (finished) break;
      await eventually(() => servers.every((server) => server.open.size === 0));
      expect(servers.map((server) => server.open.size)).toEqual([0, 0]);
    }
    expect([...reached].sort()).toEqual([
      'body',
      'connect',
      'dns',
      'headers',
      'prepare',
      'proxy',
      'redirect',
      'send',
      'tls',
    ]);
  });

  test('while it waits for a connection leaves the queue, and the next one gets its turn', async () => {
    await simulate(function* (net) {
      const host = net.serve('http://api.test', function* ({ target }) {
        yield* sleep(20);
        return target;
      });
      const session = yield* Session.open({ baseUrl: 'http://api.test/', pool: { limit: 1 } });
      const [, second, third] = ['/1', '/2', '/3'].map((path) => spawn(attempt(readAll(session, path))));
      yield* sleep(5);
      expect(session.pool.stats.waiting).toBe(2);
      yield* (second as NonNullable<typeof second>).cancel();
      expect(session.pool.stats.waiting).toBe(1);
      expect(yield* third as NonNullable<typeof third>).toMatchObject({ value: '/3' });
      expect(host.accepted).toBe(1);
    });
  });

  test('while its body is read keeps what was read for the next reader', async () => {
    await simulate(function* (net) {
      net.host('api.test').listen(80, function* (connection) {
        yield* connection.readUntil('\r\n\r\n');
        yield* connection.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc');
        yield* sleep(40);
        yield* connection.write('def');
      });
      const session = yield* Session.open();
      const response = yield* session.get('http://api.test/');
      const first = yield* attempt(timeout(10, response.text()));
      expect(first).toMatchObject({ ok: false });
      expect(yield* response.text()).toBe('abcdef');
    });
  });

  test('by its signal throws the reason of the signal, before and after the head', async () => {
    await simulate(function* (net) {
      net.serve('http://silent.test', () => forever());
      net.serve('http://half.test', function* (request) {
        yield* request.start(200, { 'Content-Length': '6' });
        yield* request.write('abc');
        yield* forever();
      });
      const abortLater = function* (controller: AbortController, reason: string): Operation<void> {
        yield* sleep(10);
        controller.abort(new Error(reason));
      };
      const session = yield* Session.open();
      const early = new AbortController();
      spawn(abortLater(early, 'early'));
      expect(yield* attempt(session.get('http://silent.test/', { signal: early.signal }))).toMatchObject({
        error: { message: 'early' },
      });
      const late = new AbortController();
      const response = yield* session.get('http://half.test/', { signal: late.signal });
      spawn(abortLater(late, 'late'));
      expect(yield* attempt(response.text())).toMatchObject({ error: { message: 'late' } });
      expect(yield* attempt(session.get('http://half.test/', { signal: AbortSignal.abort('never') }))).toMatchObject({
        error: 'never',
      });
      expect(session.pool.stats.total).toBe(0);
    });
  });
});

describe('a limit', () => {
  const silent = (): Promise<RunningServer> => serveRaw(() => {});
  const after = (bytes: string): Promise<RunningServer> =>
    serveRaw((socket) => {
      socket.once('data', () => socket.write(bytes));
    });

  async function failureOf(url: string, options: SessionOptions): Promise<ServerTimeoutError> {
    const result = await run(function* () {
      const session = yield* Session.open(options);
      const tried = yield* attempt(readAll(session, url));
      // Between two redirects the connection is idle, and stays.
      expect(session.pool.stats.busy).toBe(0);
      return tried;
    });
    expect(result.ok).toBe(false);
    return (result as { error: ServerTimeoutError }).error;
  }

  const cases: [phase: Phase, limit: TimeoutLimit, set: () => Promise<{ url: string; options: SessionOptions }>][] = [
    [
      'dns',
      'connect',
      async () => {
        const dns = await serveDns({ 'silent.test': [] });
        return { url: 'http://silent.test/', options: { resolver: new Resolver({ nameservers: [dns.address] }) } };
      },
    ],
    ['proxy', 'connect', async () => ({ url: 'https://site.test/', options: { proxy: (await silent()).url } })],
    ['tls', 'connect', async () => ({ url: (await silent()).url.replace('http', 'https'), options: {} })],
    ['headers', 'headers', async () => ({ url: (await silent()).url, options: {} })],
    [
      'body',
      'idle',
      async () => ({ url: (await after('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')).url, options: {} }),
    ],
  ];
  test.each(cases)('that passes in the phase %s says so, for total and for %s', async (phase, limit, set) => {
    for (const key of ['total', limit] as const) {
      const { url, options } = await set();
      const error = await failureOf(url, { ...options, timeout: { [key]: 100 } });
      expect(error).toBeInstanceOf(ServerTimeoutError);
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toBeInstanceOf(ClientConnectionError);
      expect(error).toBeInstanceOf(ClientError);
      expect(error).toMatchObject({ phase, limit: key, code: 'TIMEOUT' });
      expect(error.message).toContain(`timeout.${key} (100 ms)`);
      expect(error.timing?.[phase]).toBeGreaterThan(0);
      expect(error.timing?.total).toBeGreaterThanOrEqual(99);
      expect(error.cause).toBeUndefined();
    }
  });

  test('that passes in the queue says so', async () => {
    await simulate(function* (net) {
      net.serve('http://silent.test', () => forever());
      const session = yield* Session.open({ pool: { limitPerHost: 1 } });
      const holder = spawn(attempt(session.get('http://silent.test/')));
      yield* sleep(5);
      for (const key of ['queue', 'total']) {
        const tried = yield* attempt(session.get('http://silent.test/', { timeout: { [key]: 20 } }));
        expect(tried).toMatchObject({ error: { phase: 'queue', limit: key } });
      }
      expect(session.pool.stats.waiting).toBe(0);
      yield* holder.cancel();
    });
  });

  // Real time: how much of an upload the buffers of a real socket take is what this limit has to cope with.
  test('is kept for an upload that the peer does not take, not for one that is slow to be made or taken', async () => {
    const stalled = await serveRaw((socket) => socket.pause());
    const slow = await serveRaw((socket) => {
      let left = 8_000_000;
      socket.on('data', (chunk: Buffer) => {
        left -= chunk.length - (left === 8_000_000 ? chunk.indexOf('\r\n\r\n') + 4 : 0);
        socket.pause();
        setTimeout(() => socket.resume(), 2);
        if (left === 0) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    });
    const quick = await serve((request, response) => request.resume().on('end', () => response.end('ok')));
    const chunks = (count: number, size: number, ms: number): Source<Uint8Array> => {
      let left = count;
      return {
        *next() {
          yield* sleep(ms);
          return left-- > 0 ? { done: false, value: new Uint8Array(size) } : { done: true, value: undefined };
        },
        *close() {},
      };
    };
    await run(function* () {
      const session = yield* Session.open({ timeout: { idle: 200 } });
      const bodies = [Buffer.alloc(50_000_000), chunks(1_000, 65_536, 0)];
      for (const body of bodies) {
        const tried = yield* attempt(session.post(stalled.url, { body }));
        expect(tried).toMatchObject({ ok: false, error: { limit: 'idle', phase: 'send' } });
      }
      const post = function* (url: string, body: Uint8Array | Source<Uint8Array>): Operation<string> {
        return yield* (yield* session.post(url, { body })).text();
      };
      expect(yield* post(slow.url, Buffer.alloc(8_000_000))).toBe('ok');
      expect(yield* post(quick.url, chunks(3, 10, 300))).toBe('ok');
    });
  });

  test('for the head ends with it also where the request had a body that was written at once', async () => {
    await simulate(function* (net) {
      net.serve('http://api.test', function* (request) {
        yield* request.write('one');
        yield* sleep(200);
        yield* request.write('two');
      });
      const session = yield* Session.open({ timeout: { idle: 10_000, headers: 100 } });
      for (let i = 0; i < 2; i++) {
        const response = yield* session.post('http://api.test/', { body: 'small' });
        expect(yield* response.text()).toBe('onetwo');
      }
    });
  });

  test('that passes in the queue names responses that nobody reads', async () => {
    const server = await serve((_, response) => response.end('x'.repeat(1_000_000)));
    await run(function* () {
      const session = yield* Session.open({ pool: { limit: 2 } });
      yield* session.get(server.url);
      yield* session.get(server.url);
      const tried = yield* attempt(session.get(server.url, { timeout: { queue: 20 } }));
      expect(tried).toMatchObject({
        error: {
          message: expect.stringContaining('held by 2 responses that were neither read to the end nor released'),
        },
      });
    });
  });

  test('of the whole covers redirects and retries', async () => {
    await simulate(function* (net) {
      net.serve('http://loop.test', function* () {
        yield* sleep(10);
        return { status: 302, headers: { Location: '/' } };
      });
      const session = yield* Session.open({ timeout: 300, maxRedirects: 100 });
      const tried = yield* attempt(readAll(session, 'http://loop.test/'));
      expect(tried).toMatchObject({ ok: false, error: { limit: 'total' } });
      const { error } = tried as { error: ServerTimeoutError };
      expect(error.request?.attempts).toBeGreaterThan(1);
    });
  });

  test('does not count for a body that the user is slow to read, unless it is the total', async () => {
    await simulate(function* (net) {
      net.serve('http://api.test', function* (request) {
        for (let sent = 0; sent < 1_000_000; sent += 50_000) yield* request.write('x'.repeat(50_000));
      });
      const session = yield* Session.open();
      const response = yield* session.get('http://api.test/', { timeout: { idle: 300, total: null } });
      yield* sleep(500);
      expect((yield* response.bytes()).length).toBe(1_000_000);
      const limited = yield* session.get('http://api.test/', { timeout: 300 });
      yield* sleep(500);
      const tried = yield* attempt(limited.bytes());
      expect(tried).toMatchObject({ error: { limit: 'total' } });
    });
  });

  test('around request and body is core’s timeout()', async () => {
    const server = await after('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    await run(function* () {
      const session = yield* Session.open();
      const tried = yield* attempt(timeout(30, readAll(session, server.url)));
      expect(tried).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
    });
  });
});

describe('closing', () => {
  test('ends requests in every state with an error that says why, and leaves no handle', async () => {
    let asked = 0;
    const server = await serve((request, response) => {
      asked += 1;
      if (request.url === '/half') response.write('half');
      if (request.url === '/quick') response.end('quick');
    });
    const before = handles().length;
    await run(function* () {
      const session = yield* Session.open({ baseUrl: server.url, pool: { limit: 3 } });
      const half = yield* session.get('/half');
      yield* readAll(session, '/quick');
      const tasks = ['/never', '/never', '/queued'].map((path) => spawn(attempt(session.get(path))));
      const reader = spawn(attempt(half.text()));
      yield* until(eventually(() => asked === 4 && session.pool.stats.waiting === 1));
      yield* session.close();
      expect(session.pool.stats).toMatchObject({ total: 0, sockets: 0, waiting: 0 });
      for (const task of [...tasks, reader]) {
        expect((yield* task) as { error: unknown }).toMatchObject({ ok: false, error: { name: 'SessionClosedError' } });
      }
      expect(yield* attempt(session.get('/quick'))).toMatchObject({ error: { name: 'SessionClosedError' } });
    });
    await eventually(() => server.open.size === 0 && handles().length <= before);
    expect(server.open.size).toBe(0);
    expect(handles().length).toBeLessThanOrEqual(before);
  });

  test('by several tasks at once returns to each of them', async () => {
    const silent = await serveRaw(() => {});
    const slow = await serve((_, response) => void response.write('begin'));
    await run(function* () {
      const pool = yield* ConnectionPool.open();
      const session = yield* Session.open({ pool });
      const response = yield* session.get(slow.url);
      const asked = spawn(attempt(session.get(silent.url)));
      yield* until(eventually(() => silent.open.size === 1));
      for (const close of [() => response.release(), () => session.close(), () => pool.close()]) {
        yield* gather([close(), close(), close()]);
      }
      expect(yield* asked).toMatchObject({ ok: false, error: { name: 'SessionClosedError' } });
    });
  });

  test('happens by itself at the end of the scope, also when it fails', async () => {
    const server = await serve((_, response) => response.write('half'));
    const failed = run(function* () {
      const session = yield* Session.open();
      yield* session.get(server.url);
      throw new Error('the program');
    });
    await expect(failed).rejects.toThrow('the program');
    await eventually(() => server.open.size === 0);
    expect(server.open.size).toBe(0);
  });

  test('of a shared pool is left to the task that opened it', async () => {
    const server = await serve((_, response) => response.end('ok'));
    await run(function* () {
      const pool = yield* ConnectionPool.open({ limit: 2 });
      for (let index = 0; index < 3; index++) {
        const session = yield* Session.open({ pool });
        yield* readAll(session, server.url);
        yield* session.close();
      }
      expect(pool.stats).toMatchObject({ created: 1, reused: 2, idle: 1 });
      yield* pool.close();
      expect(pool.stats.sockets).toBe(0);
      const session = yield* Session.open({ pool });
      const tried = yield* attempt(readAll(session, server.url));
      expect((tried as { error: unknown }).error).toBeInstanceOf(SessionClosedError);
    });
    expect(server.accepted).toBe(1);
  });

  test('of a session that shares its pool ends its own requests only', async () => {
    await simulate(function* (net) {
      net.serve('http://api.test', function* ({ target }) {
        if (target === '/never') yield* forever();
        yield* sleep(30);
        return 'slow';
      });
      const pool = yield* ConnectionPool.open();
      const [mine, other] = [yield* Session.open({ pool }), yield* Session.open({ pool })];
      const task = spawn(readAll(other, 'http://api.test/slow'));
      const never = spawn(attempt(readAll(mine, 'http://api.test/never')));
      yield* sleep(5);
      yield* mine.close();
      expect(yield* never).toMatchObject({ error: { name: 'SessionClosedError' } });
      expect(yield* task).toBe('slow');
    });
  });
});

test('a response that nobody read or released is reported when its session closes, with the event leak', async () => {
  const server = await serve((_, response) => response.write('half'));
  const leaks: (string | undefined)[] = [];
  await run(
    function* () {
      const session = yield* Session.open();
      session.trace.on('leak', ({ request, place }) => void leaks.push(request?.url, place));
      yield* session.get(server.url);
      yield* session.close();
    },
    { scheduler: new Scheduler({ debug: true }) },
  );
  expect(leaks[0]).toBe(`${server.url}/`);
  expect(leaks[1]).toContain('lifecycle.test.ts');
});

describe('fetch', () => {
  test('shares one session per run, and ends it with the run', async () => {
    const server = await serve((request, response) => response.end(request.headers.cookie ?? ''));
    await run(function* () {
      for (let index = 0; index < 3; index++) yield* (yield* fetch(server.url)).text();
      yield* spawn(fetchText(server.url));
      expect((yield* fetch(server.url, { method: 'POST', json: [1] })).status).toBe(200);
    });
    expect(server.accepted).toBe(1);
    await eventually(() => server.open.size === 0);
    expect(server.open.size).toBe(0);
    await run(fetchText(server.url));
    expect(server.accepted).toBe(2);
  });
});

function* fetchText(url: string): Operation<string> {
  return yield* (yield* fetch(url)).text();
}

test('a hundred requests that are cancelled at random leave a pool that works', async () => {
  await simulate(function* (net) {
    net.serve('http://api.test', function* ({ target }) {
      yield* sleep(Number(target.slice(1)) % 7 || 0);
      return target;
    });
    const session = yield* Session.open({ baseUrl: 'http://api.test/', pool: { limit: 4 } });
    const tasks = Array.from({ length: 100 }, (_, index) => spawn(attempt(readAll(session, `/${index}`))));
    for (const [index, task] of tasks.entries()) {
      if (index % 3 !== 0) continue;
      yield* sleep(1);
      yield* task.cancel();
    }
    for (const [index, task] of tasks.entries()) {
      const result = yield* attempt(task);
      if (index % 3 !== 0) expect(result).toMatchObject({ ok: true, value: { ok: true, value: `/${index}` } });
    }
    expect(session.pool.stats.waiting).toBe(0);
    expect(session.pool.stats.total).toBe(session.pool.stats.idle);
    expect(yield* gather(['/a', '/b'].map((path) => readAll(session, path)))).toEqual(['/a', '/b']);
  });
});
