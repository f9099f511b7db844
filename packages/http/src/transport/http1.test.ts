import { gzipSync } from 'node:zlib';
import {
  attempt,
  EventFlag,
  forEach,
  forever,
  moveOnAfter,
  type Operation,
  run,
  type Source,
  sleep,
  spawn,
  type Task,
  tick,
  until,
} from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { eventually, type Running, serve, serveRaw } from '../fixtures/servers.ts';
import type { Middleware, Progress } from '../request.ts';
import type { Response } from '../response.ts';
import { Session } from '../session.ts';

function* pieces(...texts: readonly string[]): Generator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function* later(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces(...texts)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield piece;
  }
}

/** Keeps all that comes, and answers when `done` says so. */
async function recorder(
  done: (text: string) => string | undefined,
): Promise<Running & { readonly text: () => string; readonly closed: () => number }> {
  let text = '';
  let closed = 0;
  const running = await serveRaw((socket) => {
    socket.on('close', () => {
      closed += 1;
    });
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const answer = done(text);
      if (answer !== undefined) socket.write(answer);
    });
  });
  return Object.assign(running, { text: () => text, closed: () => closed });
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('a body', () => {
  test('of known length goes out with it, one of unknown length in chunks', async () => {
    const server = await serve((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
      request.on('end', () => response.end(JSON.stringify({ text, length, coding })));
    });
    await run(function* () {
      const session = yield* Session.open();
      const send = function* (body: () => AsyncGenerator<Uint8Array> | string): Operation<unknown> {
        return yield* (yield* session.post(server.url, { body: body() })).json({ contentType: null });
      };
      expect(yield* send(() => 'hello')).toEqual({ text: 'hello', length: '5' });
      expect(yield* send(() => later('hel', '', 'lo'))).toEqual({ text: 'hello', coding: 'chunked' });
      expect(yield* (yield* session.post(server.url)).json({ contentType: null })).toEqual({ text: '', length: '0' });
      expect(session.pool.stats.created).toBe(1);
    });
  });

  test('that fails is the error of its request, as it is, and the connection is closed', async () => {
    const server = await recorder(() => undefined);
    const mine = new Error('the disk');
    await run(function* () {
      const session = yield* Session.open();
      const body = async function* (): AsyncGenerator<Uint8Array> {
        yield* later('begin');
        throw mine;
      };
      const tried = yield* attempt(session.post(server.url, { body: body() }));
      expect(tried).toEqual({ ok: false, error: mine });
      expect(session.pool.stats.total).toBe(0);
    });
    expect(server.text()).toContain('begin');
    expect(server.text()).not.toContain('\r\n0\r\n');
  });

  test('that cannot be opened a second time is an error that leaves no connection behind', async () => {
    const server = await serve((request, response) => {
      request.resume().on('end', () => response.writeHead(307, { Location: '/again' }).end());
    });
    await run(function* () {
      const session = yield* Session.open();
      let made = 0;
      const body = (): string => {
        made += 1;
        if (made > 1) throw new Error('nothing left');
        return 'once';
      };
      const tried = yield* attempt(session.put(server.url, { body }));
      expect(tried).toMatchObject({ ok: false, error: { message: 'nothing left' } });
      expect(session.pool.stats.total).toBe(session.pool.stats.idle);
    });
  });

  test('is ended at its origin when the request is cancelled', async () => {
    const server = await recorder(() => undefined);
    let ended = false;
    await run(function* () {
      const session = yield* Session.open();
      const body = async function* (): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield* later('x');
        } finally {
          ended = true;
        }
      };
      const task = spawn(session.post(server.url, { body: body() }));
      yield* until(eventually(() => server.text().endsWith('x')));
      yield* task.cancel();
      yield* until(eventually(() => ended));
      expect(ended).toBe(true);
    });
  });

  test('that the server does not want to the end does not keep its answer from the caller', async () => {
    const server = await recorder((text) =>
      text.includes('hel') ? 'HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno' : undefined,
    );
    await run(function* () {
      const session = yield* Session.open();
      const endless = async function* (): AsyncGenerator<Uint8Array> {
        for (;;) yield* later('hello');
      };
      const response = yield* session.post(server.url, { body: endless() });
      expect([response.status, yield* response.text()]).toEqual([413, 'no']);
      yield* sleep(20);
      expect(session.pool.stats.total).toBe(0);
    });
  });

  test('that was answered before it was sent keeps no other request waiting behind it', async () => {
    const server = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.pause().write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
      });
    });
    await run(function* () {
      const session = yield* Session.open();
      const body = Buffer.alloc(30_000_000);
      for (let time = 0; time < 2; time++) {
        const response = yield* session.post(server.url, { body });
        expect(response.status).toBe(413);
      }
      expect(session.pool.stats).toMatchObject({ created: 2, reused: 0 });
    });
  });

  test('is ended at its origin when an answer that has none came before its end', async () => {
    const server = await recorder(() => 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n');
    await run(function* () {
      const session = yield* Session.open();
      const ended = new EventFlag();
      let given = false;
      const body: Source<Uint8Array> = {
        *next() {
          if (given) yield* forever();
          given = true;
          return { done: false, value: new Uint8Array(1) };
        },
        *close() {
          ended.set();
        },
      };
      const response = yield* session.post(server.url, { body });
      expect(response.status).toBe(304);
      yield* ended.wait();
    });
  });

  test.each([
    ['is read', false],
    ['is wanted', true],
  ])('counts as sent, and begins the time for the answer, once it %s', async (_, expect100) => {
    const size = 30_000_000;
    const wanted = new EventFlag();
    const server = await serveRaw((socket) => {
      let taken = 0;
      socket.on('data', (piece) => {
        taken += piece.length;
        if (taken > size) socket.write(OK);
      });
      socket.once('data', () => {
        socket.pause();
        void run(wanted.wait()).then(() => {
          if (expect100) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
          socket.resume();
        });
      });
    });
    const phases: string[] = [];
    await run(function* () {
      const session = yield* Session.open();
      session.trace.on('phase', ({ phase }) => void phases.push(phase));
      const task = spawn(session.post(server.url, { body: Buffer.alloc(size), expect100 }));
      yield* sleep(100);
      expect(phases).toEqual(['connect', 'send']);
      wanted.set();
      expect(yield* (yield* task).text()).toBe('ok');
    });
    expect(phases).toEqual(['connect', 'send', 'headers', 'body']);
  });

  test('reports its progress, up and down', async () => {
    const server = await serve((request, response) => {
      request.resume().on('end', () => response.writeHead(200, { 'Content-Length': 6 }).end('answer'));
    });
    const seen: Progress[] = [];
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.post(server.url, {
        body: 'hello',
        onProgress: (progress) => void seen.push(progress),
      });
      yield* response.bytes();
    });
    expect(seen).toEqual([
      { direction: 'upload', bytes: 5, total: 5 },
      { direction: 'download', bytes: 6, total: 6 },
    ]);
  });
});

describe('expect100', () => {
  test.each(['whole', 'streamed'])('holds a %s body back until the server wants it', async (kind) => {
    let heldUntilAsked = false;
    const server = await recorder((text) => {
      if (text.includes('hello')) return OK;
      heldUntilAsked = text.includes('expect: 100-continue\r\n\r\n') && text.endsWith('\r\n\r\n');
      return 'HTTP/1.1 100 Continue\r\n\r\n';
    });
    await run(function* () {
      const session = yield* Session.open();
      const body = kind === 'whole' ? 'hello' : later('hello');
      const response = yield* session.post(server.url, { body, expect100: true });
      expect(yield* response.text()).toBe('ok');
    });
    expect(heldUntilAsked).toBe(true);
    if (kind === 'streamed') expect(server.text()).toMatch(/100-continue\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/);
    else expect(server.text()).toMatch(/100-continue\r\n\r\nhello$/);
  });

  test('sends no body where the server refuses it, and uses the connection no more', async () => {
    const server = await recorder(() => 'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n');
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.post(server.url, { body: 'hello', expect100: true });
      expect(response.status).toBe(417);
      yield* response.release();
      expect(session.pool.stats.total).toBe(0);
    });
    expect(server.text()).not.toContain('hello');
  });
});

describe('a response', () => {
  test('that is not read is drained where little is left, and cut off where much is', async () => {
    const server = await serve((request, response) => {
      response.end('x'.repeat(request.url === '/small' ? 50_000 : 5_000_000));
    });
    await run(function* () {
      const session = yield* Session.open();
      const small = yield* session.get(`${server.url}/small`);
      yield* small.release();
      expect(session.pool.stats).toMatchObject({ total: 1, idle: 1 });
      const large = yield* session.get(`${server.url}/large`);
      yield* large.release();
      expect([session.pool.stats.total, large.released]).toEqual([0, true]);
      expect(yield* attempt(large.text())).toMatchObject({ error: { code: 'RELEASED' } });
    });
  });

  test('is held back while nobody reads it', async () => {
    let written = 0;
    const server = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const piece = Buffer.alloc(65_536);
        const pour = (): void => {
          while (written < 100_000_000 && !socket.destroyed) {
            written += piece.length;
            if (!socket.write(piece)) {
              socket.once('drain', pour);
              return;
            }
          }
        };
        pour();
      });
    });
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      yield* sleep(100);
      expect(written).toBeLessThan(30_000_000);
      const chunks = response.chunks();
      let size = 0;
      while (size < 10_000_000) {
        const piece = yield* chunks.next();
        if (!piece.done) size += piece.value.length;
      }
      yield* chunks.close();
    });
  });

  test('is held back also where it comes byte by byte', async () => {
    const count = 100_000;
    const server = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(count)}0\r\n\r\n`);
      });
    });
    await run(function* () {
      const session = yield* Session.open();
      let taken = 0;
      const onProgress = ({ bytes }: Progress): void => {
        taken = bytes;
      };
      const response = yield* session.get(server.url, { onProgress });
      yield* sleep(50);
      expect(taken).toBeLessThan(count / 2);
      expect((yield* response.text()).length).toBe(count);
    });
  });

  describe('that is held back', () => {
    const size = 140_000;
    const heads = [
      ['without a length', 'HTTP/1.1 200 OK\r\n\r\n'],
      ['with a length', `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`],
    ] as const;

    test('can be let go of while a piece of another comes in', async () => {
      const server = await serve((_, response) => response.end('x'.repeat(200_000)));
      await run(function* () {
        const session = yield* Session.open();
        let taken = 0;
        const onProgress = ({ bytes }: Progress): void => {
          taken = bytes;
        };
        const held = yield* session.get(server.url, { onProgress });
        yield* until(eventually(() => taken > 131_072));
        const other = yield* session.get(server.url, { onProgress: () => held[Symbol.dispose]() });
        expect((yield* other.text()).length).toBe(200_000);
      });
    });

    test.each(heads)('and whose connection has ended, %s, is read whole', async (_, head) => {
      const server = await serveRaw((socket) => {
        socket.once('data', () => socket.end(head + 'x'.repeat(size)));
      });
      await run(function* () {
        const session = yield* Session.open();
        const response = yield* session.get(server.url);
        yield* until(eventually(() => session.pool.stats.total === 0));
        expect((yield* response.text()).length).toBe(size);
      });
    });

    test.each(heads)('and cut off, %s, is an error for its reader and for nobody else', async (_, head) => {
      const server = await serveRaw((socket) => {
        socket.once('data', () => socket.write(head + 'x'.repeat(size - 1)));
      });
      await run(function* () {
        const session = yield* Session.open();
        const response = yield* session.get(server.url);
        yield* until(eventually(() => server.open.values().next().value?.writableLength === 0));
        yield* session.close();
        expect(yield* attempt(response.text())).toMatchObject({ error: { name: 'SessionClosedError' } });
      });
    });
  });

  test('can be read by two tasks at once as a whole, and piece by piece by one only', async () => {
    const server = await serve((_, response) => {
      response.write('one ');
      setTimeout(() => response.end('two'), 10);
    });
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const tasks = [spawn(response.text()), spawn(response.text())];
      for (const task of tasks) expect(yield* task).toBe('one two');
      expect(response.released).toBe(true);
      const other = yield* session.get(server.url);
      const chunks = other.chunks();
      yield* chunks.next();
      const waiting = spawn(attempt(chunks.next()));
      yield* sleep(1);
      expect(yield* attempt(chunks.next())).toMatchObject({ error: { code: 'BODY_BUSY' } });
      expect(yield* waiting).toMatchObject({ ok: true });
      expect(yield* attempt(other.text())).toMatchObject({ error: { code: 'BODY_CONSUMED' } });
    });
  });

  test('cannot be taken piece by piece while another task takes it as a whole', async () => {
    const server = await serve((_, response) => {
      response.write('one ');
      setTimeout(() => response.end('two'), 10);
    });
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const whole = spawn(response.text());
      yield* tick();
      expect(() => response.chunks()).toThrow(expect.objectContaining({ code: 'BODY_BUSY' }));
      expect(yield* whole).toBe('one two');
    });
  });

  test('is refused at once where its announced length is over the limit', async () => {
    const server = await serveRaw((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000\r\n\r\nfirst'));
    });
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      expect(yield* attempt(response.bytes())).toMatchObject({ error: { name: 'LimitExceededError' } });
    });
  });

  test.each([1, 1_000, 65_536, 1_000_000])('is put into memory of its reader, with room for %i bytes', async (room) => {
    const body = Buffer.from(Array.from({ length: room === 1 ? 5_000 : 300_000 }, (_, i) => (i * 7919) & 255));
    const server = await serve((request, response) => {
      const gzipped = request.url === '/gzip';
      if (gzipped) response.setHeader('Content-Encoding', 'gzip');
      response.end(gzipped ? gzipSync(body) : body);
    });
    await run(function* () {
      const session = yield* Session.open();
      for (const path of ['/', '/gzip']) {
        const response = yield* session.get(server.url + path);
        const memory = new Uint8Array(room);
        const parts: Uint8Array[] = [];
        for (let got = yield* response.readInto(memory); got > 0; got = yield* response.readInto(memory)) {
          parts.push(memory.slice(0, got));
        }
        expect(Buffer.concat(parts).equals(body)).toBe(true);
        expect(yield* response.readInto(memory)).toBe(0);
        expect(yield* attempt(response.bytes())).toMatchObject({ error: { code: 'BODY_CONSUMED' } });
      }
    });
  });

  test('loses no byte where putting it into memory is cancelled, and is busy for a second reader', async () => {
    const server = await serve((_, response) => {
      response.write('one ');
      setTimeout(() => response.end('two'), 20);
    });
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const memory = new Uint8Array(10);
      expect(yield* response.readInto(memory)).toBe(4);
      const waiting = spawn(attempt(moveOnAfter(1, response.readInto(memory))));
      yield* tick();
      expect(yield* attempt(response.readInto(memory))).toMatchObject({ error: { code: 'BODY_BUSY' } });
      yield* waiting;
      expect(yield* response.readInto(memory)).toBe(3);
      expect(Buffer.from(memory.subarray(0, 3)).toString()).toBe('two');
    });
  });

  test.each([
    ['length', { 'Content-Length': '1000' }],
    ['chunks', {}],
  ])('with %s is no whole body for who reads it while another task lets go of it', async (_, headers) => {
    const server = await serve((_, response) => {
      response.writeHead(200, headers);
      response.write('x'.repeat(500));
      setTimeout(() => response.end('x'.repeat(500)), 20);
    });
    function* inChunks(response: Response): Operation<void> {
      yield* forEach(response.chunks(), () => {});
    }
    await run(function* () {
      const session = yield* Session.open();
      const ways: ((response: Response) => Operation<unknown>)[] = [(response) => response.bytes(), inChunks];
      for (const read of ways) {
        const response = yield* session.get(server.url);
        const reading = spawn(attempt(read(response)));
        yield* sleep(5);
        response[Symbol.dispose]();
        expect(yield* reading).toMatchObject({ ok: false, error: { code: 'RELEASED' } });
      }
    });
  });

  test('that could not be taken whole is the same error for every later reader, and no empty body', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/gzip') response.setHeader('Content-Encoding', 'gzip');
      response.end('x'.repeat(5_000));
    });
    await run(function* () {
      const session = yield* Session.open({ limits: { buffered: 100 } });
      for (const [path, name] of [
        ['/', 'LimitExceededError'],
        ['/gzip', 'DecompressionError'],
      ]) {
        const response = yield* session.get(server.url + path);
        yield* until(eventually(() => response.released));
        for (let again = 0; again < 2; again++) {
          expect(yield* attempt(response.bytes())).toMatchObject({ ok: false, error: { name } });
          expect(yield* attempt(response.text())).toMatchObject({ ok: false, error: { name } });
          expect(() => response.chunks()).toThrow(expect.objectContaining({ name }));
          expect(yield* attempt(response.readInto(new Uint8Array(1)))).toMatchObject({ ok: false, error: { name } });
        }
      }
    });
  });

  test.each(['memory', 'lines', 'chunks'])('that is coded is read by one task at a time, in %s', async (way) => {
    const body = Buffer.from('a line of the body\n'.repeat(150_000));
    const server = await serve((_, response) => {
      response.setHeader('Content-Encoding', 'gzip');
      response.end(gzipSync(body, { level: 0 }));
    });
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const source = way === 'lines' ? response.lines() : way === 'chunks' ? response.chunks() : undefined;
      function* readAll(memory = new Uint8Array(10_000)): Operation<number> {
        let size = 0;
        if (source === undefined) {
          for (let got = yield* response.readInto(memory); got > 0; got = yield* response.readInto(memory)) size += got;
          return size;
        }
        for (let next = yield* source.next(); !next.done; next = yield* source.next()) {
          size += next.value.length + (way === 'lines' ? 1 : 0);
        }
        return size;
      }
      const both = [spawn(attempt(readAll())), spawn(attempt(readAll()))];
      const [first, second] = [yield* both[0] as Task<unknown>, yield* both[1] as Task<unknown>];
      expect(first).toMatchObject({ ok: true, value: body.length });
      expect(second).toMatchObject({ ok: false, error: { code: 'BODY_BUSY' } });
    });
  });

  test('is not at its end where the memory for it was made smaller during the wait', async () => {
    const server = await serve((_, response) => {
      response.flushHeaders();
      setTimeout(() => response.end('one'), 10);
    });
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const Resizable = ArrayBuffer as unknown as new (
        size: number,
        options: { maxByteLength: number },
      ) => ArrayBuffer & { resize(size: number): void };
      const buffer = new Resizable(10, { maxByteLength: 10 });
      const memory = new Uint8Array(buffer);
      const reading = spawn(attempt(response.readInto(memory)));
      yield* tick();
      buffer.resize(0);
      expect(yield* reading).toMatchObject({ ok: false, error: { name: 'InvalidOptionError' } });
      buffer.resize(10);
      expect(yield* response.readInto(memory)).toBe(3);
    });
  });

  test('gives nothing more into memory once it was let go of', async () => {
    const server = await serve((_, response) => response.end('x'.repeat(1_000)));
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const memory = new Uint8Array(10);
      expect(yield* response.readInto(memory)).toBe(10);
      response[Symbol.dispose]();
      expect(yield* attempt(response.readInto(memory))).toMatchObject({ error: { code: 'RELEASED' } });
    });
  });

  test('refuses memory without room, and what is no memory', async () => {
    const server = await serve((_, response) => response.end('body'));
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      expect(() => response.readInto(new Uint8Array(0))).toThrow(/given no room/);
      expect(() => response.readInto('text' as never)).toThrow(/takes a Uint8Array to put bytes into, not string/);
      expect(yield* response.text()).toBe('body');
    });
  });

  test('of which middleware has kept the pieces is not written over by who reads its lines', async () => {
    const body = Buffer.alloc(4_000_000, 'a line\n');
    const server = await serve((_, response) => response.end(body));
    const kept: Uint8Array[] = [];
    const keeping: Middleware = function* (request, next) {
      const response = yield* next(request);
      const { chunks } = response;
      response.chunks = () => {
        const source = chunks.call(response);
        const next = source.next.bind(source);
        source.next = function* () {
          const piece = yield* next();
          if (!piece.done) kept.push(piece.value);
          return piece;
        };
        return source;
      };
      return response;
    };
    await run(function* () {
      const session = yield* Session.open({ middleware: [keeping] });
      const response = yield* session.get(server.url);
      yield* forEach(response.lines(), () => {});
    });
    expect(Buffer.concat(kept).equals(body)).toBe(true);
  });

  test('is a ReadableStream for hosts', async () => {
    const server = await serve((_, response) => response.end('for the host'));
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      expect(yield* until(readHost(response.body))).toBe('for the host');
    });
  });

  test('gives lines, whatever their ends', async () => {
    const server = await serve((_, response) => {
      response.write('one\r\ntw');
      setTimeout(() => response.end('o\n\nlast'), 5);
    });
    await run(function* () {
      const session = yield* Session.open();
      const lines = (yield* session.get(server.url)).lines();
      const seen: string[] = [];
      for (let line = yield* lines.next(); !line.done; line = yield* lines.next()) seen.push(line.value);
      expect(seen).toEqual(['one', 'two', '', 'last']);
    });
  });

  test('checks JSON by its type and its schema', async () => {
    const server = await serve((request, response) => {
      response.setHeader(
        'Content-Type',
        request.url === '/json' ? 'application/problem+json; charset=utf-8' : 'text/html',
      );
      response.end(request.url === '/broken' ? '{"a":' : '{"a":1}');
    });
    await run(function* () {
      const session = yield* Session.open({ baseUrl: server.url });
      expect(yield* (yield* session.get('/json')).json()).toEqual({ a: 1 });
      expect(yield* attempt((yield* session.get('/')).json())).toMatchObject({
        error: { name: 'ContentTypeError', status: 200 },
      });
      expect(yield* (yield* session.get('/')).json({ contentType: null })).toEqual({ a: 1 });
      expect(yield* (yield* session.get('/')).json({ contentType: 'text/html' })).toEqual({ a: 1 });
      expect(yield* attempt((yield* session.get('/broken')).json({ contentType: null }))).toMatchObject({
        error: { code: 'INVALID_JSON' },
      });
      const schema = {
        '~standard': {
          version: 1 as const,
          vendor: 'test',
          validate: (value: unknown) =>
            (value as { a: unknown }).a === 2 ? { value: 'two' } : { issues: [{ message: 'not 2', path: ['a'] }] },
        },
      };
      const tried = yield* attempt((yield* session.get('/json')).json({ schema }));
      expect(tried).toMatchObject({ error: { code: 'SCHEMA', message: expect.stringContaining('a: not 2') } });
    });
  });

  test('of 400 and above is an error where that is asked for', async () => {
    const server = await serve((_, response) => response.writeHead(404, 'Not Here').end('nothing'));
    await run(function* () {
      const session = yield* Session.open({ raiseForStatus: true });
      const tried = yield* attempt(session.get(server.url));
      expect(tried).toMatchObject({ error: { name: 'ClientResponseError', status: 404, request: { method: 'GET' } } });
      const response = yield* session.get(server.url, { raiseForStatus: false });
      expect(() => response.raiseForStatus()).toThrow(/404 Not Here/);
    });
  });
});

async function readHost(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}

describe('session.trace', () => {
  test('tells every phase of every request, its response and its end', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/') response.writeHead(302, { Location: '/x' }).end();
      else response.end('ok');
    });
    const seen: string[] = [];
    await run(function* () {
      const session = yield* Session.open();
      session.trace.on('phase', ({ phase }) => void seen.push(phase));
      session.trace.on('connect', ({ request }) => void seen.push(`to ${request?.url}`));
      session.trace.on('response', ({ status, reused }) => void seen.push(`${status} ${reused}`));
      session.trace.on('end', ({ timing }) => void seen.push(`end ${timing.total > 0}`));
      session.trace.on('failed', ({ error }) => void seen.push(`failed ${(error as Error).name}`));
      yield* (yield* session.get(server.url)).text();
      yield* attempt(session.get('http://127.0.0.1:1/'));
    });
    const first = ['connect', `to ${server.url}/`, 'send', 'headers', 'body', '302 false', 'redirect'];
    const second = ['send', 'headers', 'body', '200 true', 'end true'];
    expect(seen).toEqual([
      ...first,
      ...second,
      'connect',
      'to http://127.0.0.1:1/',
      'failed ClientConnectorError',
      'end true',
    ]);
  });
});
