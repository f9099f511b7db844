import { EventEmitter } from 'node:events';
import { gzipSync } from 'node:zlib';
import { attempt, forEach, type Operation, run, sleep, spawn, type Task, tick, until } from '@coloop/core';
import type { RunningServer } from '@coloop/test-servers';
import { eventually, serve, serveRaw } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import type { ClientResponseError } from '../errors.ts';
import { Session } from '../node/session.ts';
import type { Middleware, Progress } from '../request/request.ts';
import type { Response } from './response.ts';

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
        const chunk = Buffer.alloc(65_536);
        const pour = (): void => {
          while (written < 100_000_000 && !socket.destroyed) {
            written += chunk.length;
            if (!socket.write(chunk)) {
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
      // Real time: that a server is held back shows only by what it has not written after a while.
      yield* sleep(100);
      expect(written).toBeLessThan(30_000_000);
      const chunks = response.chunks();
      let size = 0;
      while (size < 10_000_000) {
        const chunk = yield* chunks.next();
        if (!chunk.done) size += chunk.value.length;
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
      // Real time: that a server is held back shows only by what was not taken after a while.
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

    test('can be released while a chunk of another comes in', async () => {
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

  test('can be read by two tasks at once as a whole, and chunk by chunk by one only', async () => {
    const { server, finish } = await serveInTwo('one ', 'two');
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const tasks = [spawn(response.text()), spawn(response.text())];
      yield* tick();
      finish();
      for (const task of tasks) expect(yield* task).toBe('one two');
      expect(response.released).toBe(true);
      const other = yield* session.get(server.url);
      const chunks = other.chunks();
      yield* chunks.next();
      const waiting = spawn(attempt(chunks.next()));
      yield* tick();
      expect(yield* attempt(chunks.next())).toMatchObject({ error: { code: 'BODY_BUSY' } });
      finish();
      expect(yield* waiting).toMatchObject({ ok: true });
      expect(yield* attempt(other.text())).toMatchObject({ error: { code: 'BODY_CONSUMED' } });
    });
  });

  test('cannot be taken chunk by chunk while another task takes it as a whole', async () => {
    const { server, finish } = await serveInTwo('one ', 'two');
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const whole = spawn(response.text());
      yield* tick();
      expect(() => response.chunks()).toThrow(expect.objectContaining({ code: 'BODY_BUSY' }));
      finish();
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
    const { server, finish } = await serveInTwo('one ', 'two');
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const memory = new Uint8Array(10);
      expect(yield* response.readInto(memory)).toBe(4);
      const waiting = spawn(response.readInto(memory));
      yield* tick();
      expect(yield* attempt(response.readInto(memory))).toMatchObject({ error: { code: 'BODY_BUSY' } });
      yield* waiting.cancel();
      finish();
      expect(yield* response.readInto(memory)).toBe(3);
      expect(Buffer.from(memory.subarray(0, 3)).toString()).toBe('two');
    });
  });

  test.each([
    ['length', { 'Content-Length': '1000' }],
    ['chunks', {}],
  ])('with %s is not a whole body for a task that reads it while another task releases it', async (_, headers) => {
    const { server, finish } = await serveInTwo('x'.repeat(500), 'x'.repeat(500), headers);
    function* inChunks(response: Response): Operation<void> {
      yield* forEach(response.chunks(), () => {});
    }
    await run(function* () {
      const session = yield* Session.open();
      const ways: ((response: Response) => Operation<unknown>)[] = [(response) => response.bytes(), inChunks];
      for (const read of ways) {
        const response = yield* session.get(server.url);
        const reading = spawn(attempt(read(response)));
        yield* tick();
        response[Symbol.dispose]();
        finish();
        expect(yield* reading).toMatchObject({ ok: false, error: { code: 'RELEASED' } });
      }
    });
  });

  test('that could not be taken whole is the same error for every later reader, and never an empty body', async () => {
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
    const rest = new EventEmitter();
    const server = await serve((_, response) => {
      response.flushHeaders();
      rest.once('send', () => response.end('one'));
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
      rest.emit('send');
      expect(yield* reading).toMatchObject({ ok: false, error: { name: 'InvalidOptionError' } });
      buffer.resize(10);
      expect(yield* response.readInto(memory)).toBe(3);
    });
  });

  test('gives nothing more into memory once it was released', async () => {
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

  test('refuses memory without room, and what is not memory', async () => {
    const server = await serve((_, response) => response.end('body'));
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      expect(() => response.readInto(new Uint8Array(0))).toThrow(/has no room: give memory of at least one byte/);
      expect(() => response.readInto('text' as never)).toThrow(/is of type string: give a Uint8Array/);
      expect(yield* response.text()).toBe('body');
    });
  });

  test('of which middleware has kept the chunks is not written over by a reader of its lines', async () => {
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
          const chunk = yield* next();
          if (!chunk.done) kept.push(chunk.value);
          return chunk;
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
    const rest = new EventEmitter();
    const server = await serve((_, response) => {
      response.write('one\r\ntw');
      rest.once('send', () => response.end('o\n\nlast'));
    });
    await run(function* () {
      const session = yield* Session.open();
      const lines = (yield* session.get(server.url)).lines();
      const seen: string[] = [];
      for (let line = yield* lines.next(); !line.done; line = yield* lines.next()) {
        seen.push(line.value);
        rest.emit('send');
      }
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
    const server = await serve((_, response) => {
      response.writeHead(404, 'Not Here').write('nothing ');
      setImmediate(() => response.end(`here${'!'.repeat(5_000)}`));
    });
    const silent = await serve((_, response) => response.writeHead(500).flushHeaders());
    await run(function* () {
      const session = yield* Session.open({ raiseForStatus: true });
      const tried = yield* attempt(session.get(server.url));
      expect(tried).toMatchObject({ error: { name: 'ClientResponseError', status: 404, request: { method: 'GET' } } });
      const { body } = (tried as unknown as { error: ClientResponseError }).error;
      expect([body.slice(0, 14), body.length]).toEqual(['nothing here!!', 1_024]);
      expect(yield* attempt(session.get(silent.url))).toMatchObject({ error: { status: 500, body: '' } });
      expect(yield* attempt(session.get(silent.url, { timeout: 300 }))).toMatchObject({ error: { status: 500 } });
      const response = yield* session.get(server.url, { raiseForStatus: false });
      expect(() => response.raiseForStatus()).toThrow(/404 Not Here/);
      const read = yield* session.get(server.url, { raiseForStatus: false });
      yield* read.text();
      expect(() => read.raiseForStatus()).toThrow(expect.objectContaining({ body }));
    });
  });
});

/** A server that sends the second part of its last response when it is told to. */
async function serveInTwo(
  first: string,
  second: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ server: RunningServer; finish: () => void }> {
  let finish = (): void => {};
  const server = await serve((_, response) => {
    response.writeHead(200, headers).write(first);
    finish = () => void response.end(second);
  });
  return { server, finish: () => finish() };
}

async function readHost(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new globalThis.Response(stream).text();
}
