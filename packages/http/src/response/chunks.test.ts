import { EventEmitter } from 'node:events';
import { runInNewContext } from 'node:vm';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { attempt, type Operation, run, type Source, sleep, spawn, tick, timeout, until } from '@coloop/core';
import type { RunningServer } from '@coloop/test-servers';
import { eventually, serve, serveBytes, serveRaw } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { Session } from '../node/session.ts';
import type { Middleware } from '../request/request.ts';
import type { Response } from './response.ts';

const httpChunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

const responseOf = (body: Uint8Array, coding = 'identity'): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);

function* readAll<T>(source: Source<T>): Operation<T[]> {
  const all: T[] = [];
  for (let r = yield* source.next(); !r.done; r = yield* source.next()) all.push(r.value);
  return all;
}

/** Sends a head and four chunks, one every 20 ms. */
// Real time: each chunk has to come in a read of its own, and the server cannot know when the client reads.
function serveChunks(): Promise<RunningServer> {
  return serveRaw((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\nAAAA');
      const rest = ['BBBB', 'CCCC', 'DDDD'];
      const timer = setInterval(() => {
        const chunk = rest.shift();
        if (chunk === undefined || socket.destroyed) clearInterval(timer);
        else socket.write(chunk);
      }, 20);
    });
  });
}

describe('the chunks of a body', () => {
  // Real time: small chunks have to come in many reads, and the server cannot know when the client reads.
  test('are memory of their own each, and may be handed to a worker', async () => {
    const chunked = await serveBytes(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'ABC'.replace(/./g, (c) => httpChunk(c.repeat(5_000)))}0\r\n\r\n`,
    );
    const coded = await serveBytes(responseOf(gzipSync(Buffer.alloc(15_000, 'text')), 'gzip'));
    const small = await serveRaw((socket) => {
      const chunks = [responseOf(Buffer.alloc(15_000)).subarray(0, -14_900), ...Array(149).fill(Buffer.alloc(100))];
      socket.setNoDelay(true).once('data', () => {
        const timer = setInterval(() => {
          const chunk = chunks.shift();
          if (chunk === undefined) clearInterval(timer);
          else socket.write(chunk);
        }, 0);
      });
    });
    await run(function* () {
      const session = yield* Session.open();
      for (const { url } of [chunked, coded, small]) {
        const chunks = (yield* session.get(url)).chunks();
        yield* sleep(20);
        let size = 0;
        for (let chunk = yield* chunks.next(); !chunk.done; chunk = yield* chunks.next()) {
          size += chunk.value.length;
          structuredClone(chunk.value.buffer, { transfer: [chunk.value.buffer as ArrayBuffer] });
          expect(chunk.value.length).toBe(0);
        }
        expect(size).toBe(15_000);
      }
    });
  });

  test('of a body that was read whole may be changed without changing it', async () => {
    const server = await serve((_, response) => response.end('x'.repeat(1_000)));
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      yield* response.bytes();
      const chunk = yield* response.chunks().next();
      if (!chunk.done) chunk.value.fill(0);
      expect(yield* response.text()).toBe('x'.repeat(1_000));
    });
  });

  test('come without a hole where a progress callback ends the request or releases the response', async () => {
    const server = await serveChunks();
    const endings: ((abort: AbortController, response: Response) => void)[] = [
      (abort) => abort.abort(),
      (_, response) => response[Symbol.dispose](),
    ];
    for (const end of endings) {
      await run(function* () {
        const session = yield* Session.open();
        const abort = new AbortController();
        let open: Response | undefined;
        let bytes = 0;
        const response: Response = yield* session.get(server.url, {
          signal: abort.signal,
          onProgress: (progress) => {
            bytes = progress.bytes;
            if (bytes === 12 && open !== undefined) end(abort, open);
          },
        });
        open = response;
        const chunks = response.chunks();
        yield* until(eventually(() => bytes >= 12));
        expect((yield* attempt(chunks.next())).ok).toBe(false);
        expect((yield* attempt(response.readInto(new Uint8Array(16)))).ok).toBe(false);
      });
    }
  });

  test('are done for a reader that comes after a close, and not for one that was reading then', async () => {
    const plain = await serveRaw((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nline\nline\nli'));
    });
    const coded = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n');
        socket.write(gzipSync(Buffer.alloc(1_000)).subarray(0, 10));
      });
    });
    await run(function* () {
      const session = yield* Session.open();
      for (const { url } of [plain, coded]) {
        const chunks = (yield* session.get(url)).chunks();
        if (url === plain.url) yield* chunks.next();
        const reading = spawn(attempt(chunks.next()));
        yield* tick();
        yield* chunks.close();
        expect(yield* reading).toMatchObject({ ok: false, error: { code: 'RELEASED' } });
        expect(yield* chunks.next()).toEqual({ done: true, value: undefined });
      }
      const lines = (yield* session.get(plain.url)).lines();
      expect(yield* lines.next()).toEqual({ done: false, value: 'line' });
      yield* lines.close();
      expect(yield* lines.next()).toEqual({ done: true, value: undefined });
    });
  });

  test('of a coded body end with the response, as those of any other', async () => {
    const server = await serveBytes(responseOf(gzipSync(Buffer.alloc(2_000_000)), 'gzip'));
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const chunks = response.chunks();
      yield* chunks.next();
      yield* response.release();
      expect(yield* attempt(chunks.next())).toMatchObject({ error: { code: 'RELEASED' } });
    });
  });

  test('do not hold the connection where something follows the end of their coding', async () => {
    const padded = Buffer.concat([gzipSync(Buffer.alloc(1_000, 97)), Buffer.alloc(400_000)]);
    const server = await serveRaw((socket) => socket.on('data', () => socket.write(responseOf(padded, 'gzip'))));
    const ways: ((response: Response) => Operation<number>)[] = [
      function* (response) {
        return (yield* response.bytes()).length;
      },
      function* (response) {
        return Buffer.concat(yield* readAll(response.chunks())).length;
      },
      function* (response) {
        const memory = new Uint8Array(300);
        let size = 0;
        for (let got = yield* response.readInto(memory); got > 0; got = yield* response.readInto(memory)) size += got;
        return size;
      },
    ];
    await run(function* () {
      const session = yield* Session.open({ pool: { limit: 1 } });
      for (const read of ways) {
        const response = yield* timeout(20_000, session.get(server.url));
        expect(yield* read(response)).toBe(1_000);
        expect(response.released).toBe(true);
      }
    });
  });

  test.each([
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['gzip', gzipSync],
  ])('end with their coding, %s, also where the connection goes on after it', async (coding, compress) => {
    const body = Buffer.concat([compress(Buffer.alloc(1_000)), Buffer.alloc(10)]).toString('latin1');
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const server = await serveRaw((socket) => {
      socket.once('data', () => socket.write(Buffer.from(head + httpChunk(body), 'latin1')));
    });
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      expect(Buffer.concat(yield* timeout(20_000, readAll(response.chunks()))).length).toBe(1_000);
      expect(response.released).toBe(true);
    });
  });

  test('keep the connection where little is left of many', async () => {
    const rest = new EventEmitter();
    const server = await serveRaw((socket) => {
      socket.on('data', () => {
        const bytes = responseOf(Buffer.alloc(300_000));
        socket.write(bytes.subarray(0, -1_000));
        rest.once('send', () => socket.write(bytes.subarray(-1_000)));
      });
    });
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      for (let size = 0; size < 299_000; ) size += yield* response.readInto(new Uint8Array(299_000 - size));
      const releasing = spawn(response.release());
      yield* tick();
      rest.emit('send');
      yield* releasing;
      expect(session.pool.stats).toMatchObject({ total: 1, idle: 1 });
    });
  });

  test('were released with a response that middleware asked for and did not return', async () => {
    const unfinished: (() => void)[] = [];
    const server = await serveRaw((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123456789');
        unfinished.push(() => void socket.write('abcdefghij'));
      });
    });
    let first: Response | undefined;
    const twice: Middleware = function* (request, next) {
      first = yield* next(request);
      return yield* next(request);
    };
    await run(function* () {
      const session = yield* Session.open({ middleware: [twice] });
      const second = yield* session.get(server.url);
      for (const finish of unfinished) finish();
      expect(yield* second.text()).toBe('0123456789abcdefghij');
      yield* until(eventually(() => session.pool.stats.busy === 0));
      const response = first as Response;
      const ways: (() => Operation<unknown>)[] = [
        () => response.bytes(),
        () => response.text(),
        () => response.json({ contentType: null }),
        function* () {
          return yield* response.chunks().next();
        },
      ];
      for (const read of ways) {
        expect(yield* attempt(read())).toMatchObject({ error: { code: 'RELEASED' } });
      }
    });
  });
});

describe('a body that was read whole', () => {
  test('stays readable after the release, into memory too', async () => {
    const server = await serve((_, response) => response.end('whole'));
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      yield* response.bytes();
      yield* response.release();
      const memory = new Uint8Array(10);
      expect(yield* response.readInto(memory)).toBe(5);
      expect(yield* response.readInto(memory)).toBe(0);
      expect(Buffer.concat(yield* readAll(response.chunks())).toString()).toBe('whole');
    });
  });

  test('is an error once its memory was given away', async () => {
    // So large that it is in no pool of the platform's, which refuses to give memory away.
    const server = await serve((_, response) => response.end('x'.repeat(300_000)));
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      const bytes = yield* response.bytes();
      structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
      expect(yield* attempt(response.text())).toMatchObject({ error: { code: 'BODY_CONSUMED' } });
    });
  });
});

describe('a body that cannot be read whole', () => {
  const broken = gzipSync(Buffer.alloc(300_000, 'text')).subarray(0, 300);
  const kinds: [string, Uint8Array, string, number][] = [
    ['truncated coding', broken, 'gzip', 1e9],
    ['false coding', Buffer.alloc(100_000, 'x'), 'gzip', 1e9],
    ['unknown coding', Buffer.from('body'), 'compress', 1e9],
    ['too large body', gzipSync(Buffer.alloc(300_000)), 'gzip', 1_000],
  ];
  test.each(kinds)('for a %s gives the same error to every reader', async (_, body, coding, decompressed) => {
    const server = await serveRaw((socket) => socket.once('data', () => socket.write(responseOf(body, coding))));
    await run(function* () {
      const session = yield* Session.open({ limits: { decompressed } });
      const response = yield* session.get(server.url);
      const first = yield* attempt(response.bytes());
      const message = first.ok ? '' : (first.error as Error).message;
      expect(message).not.toBe('');
      const streaming = function* (): Operation<unknown> {
        return yield* response.chunks().next();
      };
      for (const again of [response.text(), streaming(), response.readInto(new Uint8Array(10)), streaming()]) {
        expect(yield* attempt(again)).toMatchObject({ ok: false, error: { message } });
      }
    });
  });
});

describe('lines', () => {
  test('that came before one that is too long are given, and the connection is closed', async () => {
    const server = await serveRaw((socket) => {
      socket.once('data', () => socket.write(responseOf(Buffer.from(`one\ntwo\n${'x'.repeat(300_000)}`))));
    });
    await run(function* () {
      const session = yield* Session.open({ limits: { buffered: 1_000 } });
      const response = yield* session.get(server.url);
      const lines = response.lines();
      expect(yield* lines.next()).toEqual({ done: false, value: 'one' });
      expect(yield* lines.next()).toEqual({ done: false, value: 'two' });
      for (let i = 0; i < 2; i++) {
        expect(yield* attempt(lines.next())).toMatchObject({ error: { name: 'LimitExceededError' } });
      }
      expect([response.released, session.pool.stats.busy]).toEqual([true, 0]);
    });
  });
});

test('memory of another realm is memory, and what only looks like memory is not', async () => {
  const server = await serve((_, response) => response.end('body'));
  await run(function* () {
    const session = yield* Session.open();
    const response = yield* session.get(server.url);
    expect(() => response.readInto(Object.create(Uint8Array.prototype))).toThrow(
      /is of type object: give a Uint8Array/,
    );
    expect(yield* response.readInto(runInNewContext('new Uint8Array(10)') as Uint8Array)).toBe(4);
  });
});
