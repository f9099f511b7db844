import { attempt, gather, run, spawn, type Task, until } from '@coloop/core';
import { eventually } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { ClientError, ClientPayloadError, LimitExceededError, ServerDisconnectedError } from '../errors.ts';
import { Session } from '../node/session.ts';
import type { Response } from '../response/response.ts';
import {
  data,
  type Frame,
  field,
  frame,
  goaway,
  headers,
  OK,
  okay,
  promise,
  reset,
  serveFrames,
  settings,
  TYPES,
} from './frames.fixture.ts';

const REFUSED_STREAM = 7;
const CANCEL = 8;
const ENHANCE_YOUR_CALM = 11;

function* chunks(...texts: readonly string[]): Generator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function* stream(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  yield* chunks(...texts);
}

describe('GOAWAY', () => {
  test('in a burst: what the server did not look at is sent again on another connection', async () => {
    const seen: number[] = [];
    const server = await serveFrames({
      request: (socket, id, connection) => {
        seen[connection] = (seen[connection] ?? 0) + 1;
        // The first connection takes three requests, and says so when it has ten.
        if (connection > 0 || id <= 5) socket.write(okay(id));
        else if (id === 19) socket.write(goaway(5));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const texts = yield* gather(Array.from({ length: 10 }, () => session.post(server.url, { json: 1 }).text()));
      expect(texts).toEqual(Array(10).fill('ok'));
      expect(session.pool.stats).toMatchObject({ created: 2, total: 1, streams: 0 });
    });
    expect(seen).toEqual([10, 7]);
  });

  test('lets the requests that the server has taken end, and sends new ones elsewhere', async () => {
    let first: { end: () => void } | undefined;
    const server = await serveFrames({
      request: (socket, id, connection) => {
        if (connection > 0) {
          socket.write(okay(id));
          return;
        }
        socket.write(Buffer.concat([headers(id), data(id, 'a'), goaway(id)]));
        first = { end: () => socket.write(data(id, 'b', true)) };
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const slow = yield* session.get(server.url);
      yield* until(eventually(() => session.pool.stats.total === 1));
      expect(yield* session.get(server.url).text()).toBe('ok');
      expect(session.pool.stats).toMatchObject({ created: 2, streams: 1 });
      first?.end();
      expect(yield* slow.text()).toBe('ab');
      yield* until(eventually(() => session.pool.stats.total === 1));
      expect(session.pool.stats).toMatchObject({ total: 1, idle: 1, streams: 0 });
    });
  });

  test('that comes while requests are given their turn leaves those that are under way alone', async () => {
    let first: { write: (bytes: Buffer) => unknown } | undefined;
    const server = await serveFrames({
      connected: (socket) => socket.write(settings(2)),
      request: (socket, id, connection) => {
        if (connection > 0) {
          socket.write(okay(id));
          return;
        }
        first = socket;
        if (id === 1) socket.write(Buffer.concat([headers(id), data(id, 'a')]));
        // The response frees its slot for a request that waits, and the server is not to be asked any more.
        else socket.write(Buffer.concat([okay(id), goaway(id)]));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only', pool: { limit: 2 } });
      const slow = yield* session.get(server.url);
      const texts = yield* gather(Array.from({ length: 5 }, () => session.get(server.url).text()));
      expect(texts).toEqual(Array(5).fill('ok'));
      first?.write(data(1, 'b', true));
      expect(yield* slow.text()).toBe('ab');
      expect(session.pool.stats).toMatchObject({ created: 2, streams: 0, waiting: 0 });
    });
  });

  test('for ever ends in an error, after a bounded number of attempts', async () => {
    const server = await serveFrames({ request: (socket) => socket.write(goaway(0)) });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const tried = yield* attempt(session.get(server.url));
      expect(tried).toMatchObject({ ok: false, error: { code: 'GOAWAY', request: { attempts: 6 } } });
      expect(tried.ok ? undefined : tried.error).toBeInstanceOf(ServerDisconnectedError);
    });
    expect(server.accepted).toBe(6);
  });

  test('while no request is under way closes the connection without a word', async () => {
    const server = await serveFrames({
      request: (socket, id) => {
        socket.write(okay(id));
        socket.write(goaway(id, ENHANCE_YOUR_CALM));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      for (let time = 1; time <= 3; time++) {
        expect(yield* session.get(server.url).text()).toBe('ok');
        yield* until(eventually(() => session.pool.stats.sockets === 0));
      }
      expect(session.pool.stats).toMatchObject({ created: 3, total: 0 });
    });
  });

  test('ENHANCE_YOUR_CALM: what was not looked at is sent again, what was may have been done', async () => {
    const server = await serveFrames({
      request: (socket, id, connection) => {
        if (connection > 0) socket.write(okay(id));
        else if (id === 3) socket.write(goaway(1, ENHANCE_YOUR_CALM));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const [first, second] = yield* gather([
        attempt(session.post(server.url, { json: 1 }).text()),
        attempt(session.post(server.url, { json: 2 }).text()),
      ]);
      expect(first).toMatchObject({ ok: false, error: { name: 'ServerDisconnectedError' } });
      expect(second).toEqual({ ok: true, value: 'ok' });
    });
  });
});

describe('REFUSED_STREAM', () => {
  test('is asked again, on the same connection', async () => {
    let refused = 0;
    const server = await serveFrames({
      request: (socket, id) => {
        refused += 1;
        socket.write(refused <= 3 ? reset(id, REFUSED_STREAM) : okay(id));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const sent = yield* session.post(server.url, { body: 'once more' });
      expect(yield* sent.text()).toBe('ok');
      expect(session.pool.stats).toMatchObject({ created: 1, reused: 3 });
    });
  });

  test('in a storm ends every request with an error, and leaves nothing behind', async () => {
    let asked = 0;
    const server = await serveFrames({
      request: (socket, id) => {
        asked += 1;
        socket.write(reset(id, REFUSED_STREAM));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const tried = yield* gather(Array.from({ length: 200 }, () => attempt(session.get(server.url))));
      for (const each of tried) expect(each).toMatchObject({ ok: false, error: { code: 'REFUSED_STREAM' } });
      expect(session.pool.stats).toMatchObject({ created: 2, total: 2, idle: 2, streams: 0, waiting: 0 });
    });
    expect(asked).toBe(200 * 6);
  });

  test('of a request whose stream was begun is BODY_SPENT', async () => {
    const server = await serveFrames({
      request: () => {},
      other: (socket, { type, stream: id }: Frame) => {
        if (type === TYPES.data) socket.write(reset(id, REFUSED_STREAM));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const tried = yield* attempt(session.post(server.url, { body: stream('abc') }));
      expect(tried).toMatchObject({ ok: false, error: { code: 'BODY_SPENT', name: 'ClientPayloadError' } });
      const made = yield* attempt(session.post(server.url, { body: () => stream('abc') }));
      expect(made).toMatchObject({ ok: false, error: { code: 'REFUSED_STREAM', request: { attempts: 6 } } });
    });
  });
});

describe('a cancel', () => {
  test('is RST_STREAM, and the connection and its other requests live', async () => {
    const resets: number[] = [];
    const ids: number[] = [];
    const server = await serveFrames({
      request: (socket, id) => {
        ids.push(id);
        if (id > 3) socket.write(okay(id));
      },
      other: (socket, { type, stream: id, payload }) => {
        if (type !== TYPES.reset) return;
        resets.push(id, payload.readUInt32BE(0));
        socket.write(okay(3));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const task: Task<Response> = spawn(session.get(server.url));
      yield* until(eventually(() => ids.length === 1));
      const other: Task<string> = spawn(session.get(server.url).text());
      yield* until(eventually(() => ids.length === 2));
      yield* task.cancel();
      expect(yield* other).toBe('ok');
      expect(yield* session.get(server.url).text()).toBe('ok');
      expect(session.pool.stats).toMatchObject({ created: 1, streams: 0 });
    });
    expect(resets).toEqual([1, CANCEL]);
  });

  test('of many requests at once leaves the connection usable', async () => {
    let asked = 0;
    const server = await serveFrames({
      request: (socket, id) => {
        asked += 1;
        if (id > 200) socket.write(okay(id));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const tasks: Task<Response>[] = Array.from({ length: 100 }, () => spawn(session.get(server.url)));
      yield* until(eventually(() => asked === 100));
      for (const task of tasks) yield* task.cancel();
      expect(session.pool.stats).toMatchObject({ streams: 0, idle: 1 });
      expect(yield* session.get(server.url).text()).toBe('ok');
      expect(session.pool.stats.created).toBe(1);
    });
  });
});

describe('SETTINGS', () => {
  test('that come late are waited for, and then kept to', async () => {
    let most = 0;
    let now = 0;
    let late: (() => void) | undefined;
    const server = await serveFrames({
      connected: (socket) => {
        late = () => socket.write(settings(2));
      },
      request: (socket, id) => {
        now += 1;
        most = Math.max(most, now);
        setImmediate(() => {
          now -= 1;
          socket.write(okay(id));
        });
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only', pool: { limit: 1 } });
      const tasks: Task<string>[] = Array.from({ length: 20 }, () => spawn(session.get(server.url).text()));
      yield* until(eventually(() => late !== undefined && session.pool.stats.waiting === 19));
      expect([most, session.pool.stats.total]).toEqual([0, 1]);
      late?.();
      for (const task of tasks) expect(yield* task).toBe('ok');
      expect(session.pool.stats).toMatchObject({ created: 1, streams: 0 });
    });
    expect(most).toBe(2);
  });

  test('that never come are a limit of connecting', async () => {
    const server = await serveFrames({ connected: () => {}, request: () => {} });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only', timeout: { connect: 30 } });
      const tried = yield* attempt(session.get(server.url));
      expect(tried).toMatchObject({ ok: false, error: { name: 'ServerTimeoutError', limit: 'connect' } });
      yield* until(eventually(() => session.pool.stats.sockets === 0));
      expect(session.pool.stats.total).toBe(0);
    });
  });

  test('of a server that speaks HTTP/1.1 are missed with advice', async () => {
    const { serve } = await import('@coloop/test-servers/vitest');
    const server = await serve((_, response) => response.end('no'));
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const tried = yield* attempt(session.get(server.url));
      expect(tried).toMatchObject({ ok: false, error: { name: 'ClientConnectorError', code: 'HTTP2' } });
      expect(String(tried.ok ? '' : tried.error)).toContain("without http2: 'only'");
    });
  });

  test('that are lowered and raised move the limit of what is under way', async () => {
    let socketOf: { write: (bytes: Buffer) => unknown } | undefined;
    const ids: number[] = [];
    const server = await serveFrames({
      request: (socket, id) => {
        socketOf = socket;
        ids.push(id);
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only', pool: { limit: 1 } });
      const one: Task<string> = spawn(session.get(server.url).text());
      yield* until(eventually(() => ids.length === 1));
      // The ping tells when the settings have come.
      socketOf?.write(settings(1));
      const two: Task<string> = spawn(session.get(server.url).text());
      yield* until(eventually(() => session.pool.stats.waiting === 1 || ids.length === 2));
      socketOf?.write(settings(5));
      yield* until(eventually(() => ids.length === 2));
      for (const id of ids) socketOf?.write(okay(id));
      expect([yield* one, yield* two]).toEqual(['ok', 'ok']);
    });
  });
});

describe('a response', () => {
  const broken: readonly (readonly [string, (id: number) => Buffer, object])[] = [
    [
      'whose body is cut off by a reset that says nothing is wrong',
      (id) => Buffer.concat([headers(id), data(id, 'abc'), reset(id, 0)]),
      { code: 'TRUNCATED' },
    ],
    [
      'whose body is cut off by a reset',
      (id) => Buffer.concat([headers(id), data(id, 'abc'), reset(id, CANCEL)]),
      { code: 'TRUNCATED' },
    ],
    [
      'with fewer bytes than it announces',
      (id) => Buffer.concat([headers(id, Buffer.concat([OK, field('content-length', '10')])), data(id, 'abc', true)]),
      { name: 'ContentLengthError' },
    ],
    [
      'with more bytes than it announces',
      (id) => Buffer.concat([headers(id, Buffer.concat([OK, field('content-length', '1')])), data(id, 'abc', true)]),
      // Newer versions of the platform end the connection for it.
      { phase: 'body' },
    ],
    [
      'with a name in upper case',
      (id) => headers(id, Buffer.concat([OK, field('X-A', 'b')]), true),
      { code: 'INVALID_RESPONSE' },
    ],
    [
      'with a field of HTTP/1.1',
      (id) => headers(id, Buffer.concat([OK, field('transfer-encoding', 'chunked')]), true),
      { code: 'INVALID_RESPONSE' },
    ],
    [
      'that is reset before its head',
      (id) => reset(id, 2),
      { code: 'INTERNAL_ERROR', name: 'ServerDisconnectedError' },
    ],
    ['that is cancelled by the server', (id) => reset(id, CANCEL), { code: 'CANCEL', name: 'ServerDisconnectedError' }],
    ['that is wanted over HTTP/1.1', (id) => reset(id, 13), { code: 'HTTP_1_1_REQUIRED' }],
    ['that is pushed although no push is allowed', promise, { code: 'INVALID_RESPONSE' }],
  ];
  test.each(broken)('%s is an error, and the next request is served', async (_, bytes, expected) => {
    let asked = 0;
    const server = await serveFrames({
      request: (socket, id) => {
        asked += 1;
        socket.write(asked === 1 ? bytes(id) : okay(id));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const tried = yield* attempt(session.get(server.url).text());
      expect(tried).toMatchObject({ ok: false, error: expected });
      expect(tried.ok ? undefined : tried.error).toBeInstanceOf(ClientError);
      expect(yield* session.get(server.url).text()).toBe('ok');
      expect(session.pool.stats.streams).toBe(0);
    });
  });

  test('that ends with its connection is truncated, or was never given', async () => {
    const server = await serveFrames({
      request: (socket, id) => {
        if (id === 1) socket.write(Buffer.concat([headers(id), data(id, 'abc')]));
        else socket.destroy();
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const response = yield* session.get(server.url);
      const other = yield* attempt(session.post(server.url, { json: 1 }));
      expect(other).toMatchObject({ ok: false, error: { name: 'ServerDisconnectedError' } });
      const tried = yield* attempt(response.text());
      expect(tried).toMatchObject({ ok: false, error: { code: 'TRUNCATED' } });
      expect(tried.ok ? undefined : tried.error).toBeInstanceOf(ClientPayloadError);
      yield* until(eventually(() => session.pool.stats.sockets === 0));
      expect(session.pool.stats).toMatchObject({ total: 0, streams: 0 });
    });
  });

  test('whose connection ends after it is whole stays whole', async () => {
    const server = await serveFrames({
      request: (socket, id) => {
        socket.write(headers(id));
        for (let left = 40; left > 0; left--) socket.write(data(id, 'x'.repeat(16_000), left === 1));
        socket.end();
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const response = yield* session.get(server.url);
      yield* until(eventually(() => session.pool.stats.sockets === 0));
      expect((yield* response.bytes()).length).toBe(640_000);
    });
  });
});

describe('a flood', () => {
  const floods: readonly (readonly [string, (id: number) => Buffer, object])[] = [
    ['of pings', () => Buffer.concat(Array(5_000).fill(frame(TYPES.ping, 0, 0, Buffer.alloc(8)))), LimitExceededError],
    ['of settings', () => Buffer.concat(Array(5_000).fill(settings(100))), LimitExceededError],
    [
      'of continuations',
      (id) =>
        Buffer.concat([frame(TYPES.headers, 0, id, OK), ...Array(50).fill(frame(TYPES.more, 0, id, field('a', 'b')))]),
      LimitExceededError,
    ],
    [
      'of header lines that take a byte each',
      (id) => {
        // One field of 4,000 bytes into the dynamic table, and then its index again and again.
        const large = Buffer.concat([
          Buffer.from([0x40, 1]),
          Buffer.from('a'),
          Buffer.from([0x7f, 0xa1, 0x1e]),
          Buffer.alloc(4_000, 'x'),
        ]);
        return headers(id, Buffer.concat([OK, large, Buffer.alloc(10_000, 0xbe)]), true);
      },
      LimitExceededError,
    ],
    [
      'of interim responses',
      (id) => {
        const hint = headers(
          id,
          Buffer.concat([Buffer.from([0x08, 3]), Buffer.from('103'), field('link', 'x'.repeat(100))]),
        );
        return Buffer.concat([...Array(5_000).fill(hint), okay(id)]);
      },
      LimitExceededError,
    ],
    [
      'of bytes in one head',
      (id) => headers(id, Buffer.concat([OK, ...Array(140).fill(field('a', 'x'.repeat(100)))]), true),
      LimitExceededError,
    ],
  ];
  test.each(floods)('%s ends the request, and the next one is served', async (_, bytes, type) => {
    let asked = 0;
    const server = await serveFrames({
      request: (socket, id) => {
        asked += 1;
        socket.write(asked === 1 ? bytes(id) : okay(id));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only', limits: { headers: 10_000 } });
      const tried = yield* attempt(session.get(server.url));
      expect(tried.ok ? undefined : tried.error).toBeInstanceOf(type);
      expect(yield* session.get(server.url).text()).toBe('ok');
    });
  });
});

describe('a body that is held back by `expect100`', () => {
  const answer = (status: string): Buffer => Buffer.concat([Buffer.from([0x08, 3]), Buffer.from(status)]);

  test('goes out with 100, and not at all with another status', async () => {
    const sent: string[] = [];
    const server = await serveFrames({
      request: (socket, id) => {
        socket.write(id === 1 ? headers(id, answer('100')) : headers(id, answer('417'), true));
      },
      other: (socket, { type, flags, stream: id, payload }) => {
        if (type !== TYPES.data) return;
        sent.push(payload.toString());
        if ((flags & 1) === 1) socket.write(okay(id));
      },
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only' });
      const post = (): ReturnType<Session['post']> => session.post(server.url, { body: 'wanted', expect100: true });
      expect(yield* post().text()).toBe('ok');
      const refused = yield* post();
      expect([refused.status, yield* refused.text()]).toEqual([417, '']);
      expect(session.pool.stats).toMatchObject({ created: 1, streams: 0 });
    });
    expect(sent.join('')).toBe('wanted');
  });
});

describe('a window', () => {
  test('of zero stalls an upload no longer than timeout.idle', async () => {
    const server = await serveFrames({
      // SETTINGS_INITIAL_WINDOW_SIZE
      connected: (socket) => socket.write(frame(TYPES.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]))),
      request: () => {},
    });
    await run(function* () {
      const session = yield* Session.open({ http2: 'only', timeout: { idle: 40 } });
      const tried = yield* attempt(session.post(server.url, { body: 'never taken' }));
      expect(tried).toMatchObject({ ok: false, error: { name: 'ServerTimeoutError', limit: 'idle' } });
      expect(session.pool.stats).toMatchObject({ streams: 0, idle: 1 });
    });
  });
});
