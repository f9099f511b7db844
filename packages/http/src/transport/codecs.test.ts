/* One list of what a client does, over every codec. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { createGunzip, gzipSync } from 'node:zlib';
import { attempt, gather, moveOnAfter, type Operation, run, spawn, type Task, until } from '@coloop/core';
import { CA, makeFolder, type RunningServer } from '@coloop/test-servers';
import { eventually, serve, serveHttp2, serveHttp2Tls } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { DigestAuth } from '../auth/digest.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import { har } from '../recording/har.ts';
import type { Progress } from '../request/request.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

interface Codec {
  readonly version: string;
  readonly serve: (listener: Listener) => Promise<RunningServer>;
  readonly options: SessionOptions;
  /** Whether a request that is cancelled takes its connection along. */
  readonly alone: boolean;
}

const codecs: readonly (readonly [string, Codec])[] = [
  ['HTTP/1.1', { version: 'HTTP/1.1', serve, options: {}, alone: true }],
  [
    'HTTP/2 that is known beforehand',
    {
      version: 'HTTP/2',
      serve: (listener) => serveHttp2(listener as never),
      options: { http2: 'only' },
      alone: false,
    },
  ],
  [
    'HTTP/2 that TLS has chosen',
    {
      version: 'HTTP/2',
      serve: (listener) => serveHttp2Tls(listener as never, { allowHTTP1: true }),
      options: { http2: true, ssl: { ca: CA } },
      alone: false,
    },
  ],
];

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    await new Promise((resolve) => setImmediate(resolve));
    yield new TextEncoder().encode(text);
  }
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield* chunks('x'.repeat(10_000));
}

const echo: Listener = (request, response) => {
  void bodyOf(request).then((text) => {
    const { method, url, headers } = request;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ method, url, headers, text }));
  });
};

/** Never answers, and says how many it has got. */
function silent(): { readonly listener: Listener; readonly count: () => number; readonly ended: () => number } {
  let count = 0;
  let ended = 0;
  const listener: Listener = (request) => {
    count += 1;
    request.once('close', () => {
      ended += 1;
    });
    request.resume();
  };
  return { listener, count: () => count, ended: () => ended };
}

describe.each(codecs)('over %s', (_, { serve: start, options, version, alone }) => {
  function* open(server: RunningServer, more: SessionOptions = {}): Operation<Session> {
    return yield* Session.open({ baseUrl: server.url, ...options, ...more });
  }

  test('every method, and headers of every kind, arrive as they were meant', async () => {
    const server = await start(echo);
    await run(function* () {
      const session = yield* open(server, { cookies: { a: '1' } });
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE']) {
        const seen = yield* session
          .request(method, '/path?q=1#x', { headers: { 'X-Many': ['1', '2'], 'X-Latin': 'é', Authorization: 'mine' } })
          .json();
        expect(seen).toMatchObject({
          method,
          url: '/path?q=1',
          headers: { 'x-many': '1, 2', 'x-latin': 'é', authorization: 'mine', cookie: 'a=1', 'user-agent': 'coloop' },
        });
      }
      expect(session.pool.stats).toMatchObject({ created: 1, total: 1, idle: 1, streams: 0, reused: 6 });
    });
  });

  test('a Host of the caller stands for the host of the URL', async () => {
    const server = await start((request, response) => {
      response.end(request.headers.host ?? (request as unknown as { authority: string }).authority);
    });
    await run(function* () {
      const session = yield* open(server);
      expect(yield* session.get('/', { headers: { Host: 'other.test:99' } }).text()).toBe('other.test:99');
      expect(yield* session.get('/').text()).toBe(new URL(server.url).host);
    });
  });

  test('bodies of every kind arrive whole', async () => {
    const server = await start(echo);
    await run(function* () {
      const session = yield* open(server);
      const send = function* (body: SessionOptions): Operation<{ text: string; headers: Record<string, string> }> {
        return yield* session.post('/', body).json<{ text: string; headers: Record<string, string> }>();
      };
      expect((yield* send({ json: { a: 1 } })).text).toBe('{"a":1}');
      expect((yield* send({ form: { a: 'b' } })).headers['content-length']).toBe('3');
      expect((yield* send({ body: chunks('hel', '', 'lo') })).text).toBe('hello');
      expect((yield* send({ body: '' })).text).toBe('');
      expect((yield* send({ body: chunks() })).text).toBe('');
      const large = 'x'.repeat(3_000_000);
      expect((yield* send({ body: large })).text === large).toBe(true);
      expect(session.pool.stats.created).toBe(1);
    });
  });

  test('a body that is compressed on its way says so', async () => {
    const server = await start((request, response) => {
      response.setHeader('X-Coding', request.headers['content-encoding'] ?? '');
      request.pipe(createGunzip()).pipe(response);
    });
    await run(function* () {
      const session = yield* open(server);
      const response = yield* session.post('/', { body: 'packed', compress: 'gzip' });
      expect([response.headers.get('x-coding'), yield* response.text()]).toEqual(['gzip', 'packed']);
    });
  });

  test('a response is decoded, and its cookies go along with the next request', async () => {
    const server = await start((request, response) => {
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      response.setHeader('Content-Encoding', 'gzip');
      response.end(gzipSync(request.headers.cookie ?? 'none'));
    });
    await run(function* () {
      // The jar keeps nothing of hosts that are addresses.
      const session = yield* open(server, { baseUrl: server.url.replace('127.0.0.1', 'localhost') });
      const first = yield* session.get('/');
      expect(first.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      expect(yield* first.text()).toBe('none');
      expect(yield* session.get('/').text()).toBe('a=1; b=2');
    });
  });

  test('redirects are followed, and a POST becomes a GET', async () => {
    const server = await start((request, response) => {
      if (request.url === '/end') echo(request, response);
      else request.resume().on('end', () => response.writeHead(303, { Location: '/end' }).end());
    });
    await run(function* () {
      const session = yield* open(server);
      const response = yield* session.post('/begin', { body: chunks('x') });
      expect([response.url, response.history.length]).toEqual([`${server.url}/end`, 1]);
      expect(yield* response.json()).toMatchObject({ method: 'GET', text: '' });
    });
  });

  test('statuses are asked again with `retry`, and thrown with `raiseForStatus`', async () => {
    let asked = 0;
    const server = await start((_request, response) => {
      asked += 1;
      response.writeHead(asked < 3 ? 503 : 404).end('no');
    });
    await run(function* () {
      const session = yield* open(server, { retry: { attempts: 5, delay: 0 }, raiseForStatus: true });
      const tried = yield* attempt(session.get('/'));
      expect(tried).toMatchObject({ ok: false, error: { status: 404, request: { attempts: 3 } } });
    });
  });

  test('a challenge for a digest is met', async () => {
    const server = await start((request, response) => {
      const { authorization } = request.headers;
      if (authorization === undefined) {
        response.setHeader('WWW-Authenticate', 'Digest realm="r", nonce="n", algorithm=MD5');
        response.writeHead(401).end();
        return;
      }
      const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
      const expected = md5(`${md5('u:r:p')}:n:${md5('POST:/secret')}`);
      request.resume().on('end', () => response.end(String(authorization.includes(expected))));
    });
    await run(function* () {
      const session = yield* open(server, { auth: new DigestAuth('u', 'p') });
      expect(yield* session.post('/secret', { json: 1 }).text()).toBe('true');
    });
  });

  test('trailers come behind the body', async () => {
    const server = await start((_request, response) => {
      response.setHeader('Trailer', 'X-Sum');
      response.write('body');
      response.addTrailers({ 'X-Sum': '42' });
      response.end();
    });
    await run(function* () {
      const session = yield* open(server);
      const response = yield* session.get('/');
      expect(yield* response.text()).toBe('body');
      expect(response.trailers?.get('x-sum')).toBe('42');
    });
  });

  test('responses without a body leave the connection to the next request', async () => {
    const server = await start((request, response) => {
      response.writeHead(Number(request.url?.slice(1)), { 'Content-Length': '5' });
      response.end(request.method === 'HEAD' || request.url !== '/200' ? undefined : 'hello');
    });
    await run(function* () {
      const session = yield* open(server);
      expect(yield* session.head('/200').text()).toBe('');
      expect(yield* session.get('/304').text()).toBe('');
      expect(yield* session.get('/200').text()).toBe('hello');
    });
  });

  test('each limit of time ends the request in its phase', async () => {
    const server = await start((request, response) => {
      if (request.url === '/body') response.write('begin');
    });
    await run(function* () {
      const session = yield* open(server);
      const cases = [
        ['/', { headers: 20 }, 'headers'],
        ['/', { total: 20 }, 'total'],
        ['/body', { idle: 20 }, 'idle'],
        ['/body', { total: 20 }, 'total'],
      ] as const;
      for (const [path, timeout, limit] of cases) {
        const tried = yield* attempt(session.get(path, { timeout }).text());
        expect(tried).toMatchObject({ ok: false, error: { name: 'ServerTimeoutError', limit } });
      }
      expect(session.pool.stats).toMatchObject({ streams: 0, busy: 0 });
    });
  });

  test('a head that is too large is refused', async () => {
    const server = await start((request, response) => {
      response.setHeader('X-Large', 'x'.repeat(request.url === '/' ? 3_000 : 10));
      response.end('ok');
    });
    await run(function* () {
      const session = yield* open(server, { limits: { headers: 2_000 } });
      expect(yield* attempt(session.get('/'))).toMatchObject({ ok: false, error: { name: 'LimitExceededError' } });
      expect(yield* session.get('/small').text()).toBe('ok');
    });
  });

  test('a request that is cancelled before its head ends at the server, too', async () => {
    const { listener, count, ended } = silent();
    const server = await start(listener);
    await run(function* () {
      const session = yield* open(server);
      const task: Task<unknown> = spawn(session.post('/', { body: endless() }));
      yield* until(eventually(() => count() === 1));
      yield* task.cancel();
      yield* until(eventually(() => ended() === 1));
      expect([ended(), session.pool.stats.busy]).toEqual([1, 0]);
      expect(session.pool.stats.total).toBe(alone ? 0 : 1);
    });
  });

  test('a body that is left unread ends at the server, too, and others go on', async () => {
    let closed = 0;
    const server = await start((request, response) => {
      if (request.url === '/small') {
        response.end('ok');
        return;
      }
      response.once('close', () => {
        closed += 1;
      });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(60_000)));
        response.once('drain', more);
      };
      more();
    });
    await run(function* () {
      const session = yield* open(server);
      {
        using response = yield* session.get('/endless');
        const source = response.chunks();
        expect((yield* source.next()).done).toBe(false);
        expect(yield* session.get('/small').text()).toBe('ok');
      }
      yield* until(eventually(() => closed === 1));
      expect(closed).toBe(1);
      expect(session.pool.stats).toMatchObject({ busy: 0, streams: 0 });
    });
  });

  test('a slow reader gets every byte of a large body', async () => {
    const large = Buffer.alloc(8_000_000);
    for (let at = 0; at < large.length; at += 1) large[at] = (at * 7 + (at >> 12)) & 0xff;
    const server = await start((_request, response) => response.end(large));
    await run(function* () {
      const session = yield* open(server);
      const response = yield* session.get('/');
      const hash = createHash('sha256');
      const source = response.chunks();
      for (let chunk = yield* source.next(); !chunk.done; chunk = yield* source.next()) {
        hash.update(chunk.value);
        yield* until(new Promise((resolve) => setImmediate(resolve)));
      }
      expect(hash.digest('hex')).toBe(createHash('sha256').update(large).digest('hex'));
    });
  });

  test('progress is told in both directions, and an error of its listener is the error of the request', async () => {
    const server = await start(echo);
    await run(function* () {
      const session = yield* open(server);
      const seen: Progress[] = [];
      const onProgress = (progress: Progress): void => void seen.push(progress);
      yield* session.post('/', { body: 'x'.repeat(200_000), onProgress }).text();
      const last = (direction: string): Progress | undefined =>
        seen.filter((each) => each.direction === direction).at(-1);
      expect(last('upload')).toMatchObject({ bytes: 200_000, total: 200_000 });
      expect(last('download')?.bytes).toBeGreaterThan(200_000);
      const mine = new Error('mine');
      const fails = (): never => {
        throw mine;
      };
      expect(yield* attempt(session.post('/', { body: 'x', onProgress: fails }))).toEqual({ ok: false, error: mine });
    });
  });

  test('the trace and the recording tell phases, sizes and the version', async () => {
    const server = await start(echo);
    await run(function* () {
      const session = yield* open(server);
      const phases: string[] = [];
      let sizes: unknown;
      session.trace.on('phase', ({ phase }) => void phases.push(phase));
      session.trace.on('end', (event) => {
        sizes = event.sizes;
      });
      const recording = har(session);
      const text = yield* session.post('/', { body: 'four' }).text();
      expect(phases.slice(-3)).toEqual(['send', 'headers', 'body']);
      expect(sizes).toEqual({ sent: 4, received: text.length });
      const [entry] = recording.stop().log.entries;
      expect(entry?.response).toMatchObject({ status: 200, httpVersion: version, bodySize: text.length });
    });
  });

  test('`Expect: 100-continue` holds the body back until the server wants it', async () => {
    const server = await start(echo);
    await run(function* () {
      const session = yield* open(server);
      expect(yield* session.post('/', { body: 'wanted', expect100: true }).json()).toMatchObject({
        text: 'wanted',
        headers: { expect: '100-continue' },
      });
    });
  });

  test('a response that comes before the body was sent reaches the caller', async () => {
    const server = await start((_request, response) => response.writeHead(413).end('no'));
    await run(function* () {
      const session = yield* open(server);
      const response = yield* session.post('/', { body: endless() });
      expect([response.status, yield* response.text()]).toEqual([413, 'no']);
      yield* until(eventually(() => session.pool.stats.busy === 0));
      expect(session.pool.stats).toMatchObject({ busy: 0, streams: 0 });
    });
  });

  test('a body that fails is the error of its request, as it is', async () => {
    const { listener, ended } = silent();
    const server = await start(listener);
    await run(function* () {
      const session = yield* open(server);
      const mine = new Error('the disk');
      const body = async function* (): AsyncGenerator<Uint8Array> {
        yield* chunks('begin');
        throw mine;
      };
      expect(yield* attempt(session.post('/', { body: body() }))).toEqual({ ok: false, error: mine });
      yield* until(eventually(() => ended() === 1));
      expect(session.pool.stats).toMatchObject({ busy: 0, streams: 0 });
    });
  });

  test('a Content-Length that the body does not have is an error', async () => {
    const { listener } = silent();
    const server = await start(listener);
    await run(function* () {
      const session = yield* open(server);
      const tried = yield* attempt(session.post('/', { body: chunks('abc'), headers: { 'Content-Length': '10' } }));
      expect(tried).toMatchObject({ ok: false, error: { name: 'ContentLengthError' } });
    });
  });

  test('events and files come as they do elsewhere', async () => {
    const folder = await makeFolder({});
    const server = await start((request, response) => {
      if (request.url === '/events') {
        response.setHeader('Content-Type', 'text/event-stream');
        response.write('data: one\n\n');
        return;
      }
      response.setHeader('Content-Length', '5');
      response.end('file!');
    });
    try {
      await run(function* () {
        const session = yield* open(server);
        const events = session.events('/events');
        expect((yield* events.next()).value).toMatchObject({ data: 'one' });
        yield* events.close();
        const file = join(folder.path, 'file');
        yield* session.download('/file', file);
        expect(yield* until(readFile(file, 'utf8'))).toBe('file!');
      });
    } finally {
      await folder.close();
    }
  });

  test('a session that is closed ends its requests, and their connections', async () => {
    const { listener, count } = silent();
    const server = await start(listener);
    await run(function* () {
      const session = yield* open(server);
      const tasks: Task<unknown>[] = [1, 2, 3].map(() => spawn(attempt(session.get('/'))));
      yield* until(eventually(() => count() === 3));
      yield* session.close();
      for (const task of tasks) expect(yield* task).toMatchObject({ error: { name: 'SessionClosedError' } });
      expect(session.pool.stats).toMatchObject({ total: 0, sockets: 0, streams: 0, waiting: 0 });
    });
  });

  test('a signal, and a limit around the request, end it', async () => {
    const { listener, ended } = silent();
    const server = await start(listener);
    await run(function* () {
      const session = yield* open(server);
      const controller = new AbortController();
      const task: Task<unknown> = spawn(attempt(session.get('/', { signal: controller.signal })));
      yield* moveOnAfter(20, session.get('/'));
      controller.abort();
      expect(yield* task).toMatchObject({ ok: false, error: { name: 'AbortError' } });
      yield* until(eventually(() => ended() === 2));
      expect(session.pool.stats.busy).toBe(0);
    });
  });

  test('hundreds of requests at once keep to the limits of connections, and all are served', async () => {
    const server = await start((_request, response) => response.end('ok'));
    await run(function* () {
      const session = yield* open(server, { pool: { limit: 4, maxRequests: 50 } });
      const texts = yield* gather(Array.from({ length: 400 }, () => session.get('/').text()));
      expect(texts).toEqual(Array(400).fill('ok'));
      expect(session.pool.stats.total).toBeLessThanOrEqual(4);
      expect(session.pool.stats).toMatchObject({ waiting: 0, streams: 0 });
    });
    expect(server.accepted).toBeGreaterThanOrEqual(8);
  });
});
