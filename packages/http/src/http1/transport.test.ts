import { attempt, EventFlag, forever, type Operation, run, type Source, spawn, until } from '@coloop/core';
import type { RunningServer } from '@coloop/test-servers';
import { eventually, serve, serveRaw } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { Session } from '../node/session.ts';
import type { Progress } from '../request/request.ts';

function* chunks(...texts: readonly string[]): Generator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function* later(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks(...texts)) {
    await new Promise((resolve) => setImmediate(resolve));
    yield chunk;
  }
}

/** Keeps all that comes, and answers when `done` says so. */
async function recorder(
  done: (text: string) => string | undefined,
): Promise<RunningServer & { readonly text: () => string; readonly closed: () => number }> {
  let text = '';
  let closed = 0;
  const running = await serveRaw((socket) => {
    socket.on('close', () => {
      closed += 1;
    });
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const response = done(text);
      if (response !== undefined) socket.write(response);
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
        await eventually(() => server.text().endsWith('begin\r\n'));
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

  test('that the server does not want to the end does not keep its response from the caller', async () => {
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
      yield* until(eventually(() => session.pool.stats.total === 0));
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

  test('is ended at its origin when a response that has none came before its end', async () => {
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
  ])('counts as sent, and begins the time for the response, once it %s', async (_, expect100) => {
    const size = 30_000_000;
    const wanted = new EventFlag();
    let paused = false;
    const server = await serveRaw((socket) => {
      let taken = 0;
      socket.on('data', (chunk) => {
        taken += chunk.length;
        if (taken > size) socket.write(OK);
      });
      socket.once('data', () => {
        socket.pause();
        paused = true;
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
      yield* until(eventually(() => paused));
      expect(phases).toEqual(['prepare', 'connect', 'send']);
      wanted.set();
      expect(yield* (yield* task).text()).toBe('ok');
    });
    expect(phases).toEqual(['prepare', 'connect', 'send', 'headers', 'body']);
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
    const first = ['prepare', 'connect', `to ${server.url}/`, 'send', 'headers', 'body', '302 false', 'redirect'];
    const second = ['send', 'headers', 'body', '200 true', 'end true'];
    expect(seen).toEqual([
      ...first,
      ...second,
      'prepare',
      'connect',
      'to http://127.0.0.1:1/',
      'failed ClientConnectorError',
      'end true',
    ]);
  });
});
