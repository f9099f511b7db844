import { createHash } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import * as zlib from 'node:zlib';
import { attempt, type Operation, run, Scheduler, spawn, tick, timeout } from '@coloop/core';
import type { WebSocketsOptions } from '@coloop/test-servers';
import { serveOn, serveWebSockets } from '@coloop/test-servers/vitest';
import { afterEach, describe, expect, test } from 'vitest';
import type { WebSocketServer } from 'ws';
import { BasicAuth } from '../auth/basic.ts';
import { CookieJar } from '../cookies/jar.ts';
import {
  ClientPayloadError,
  InvalidOptionError,
  LimitExceededError,
  ServerDisconnectedError,
  ServerTimeoutError,
  WebSocketHandshakeError,
} from '../errors.ts';
import { type FakeRequest, fakeRequest } from '../fixtures/requests.ts';
import type { Auth } from '../request/request.ts';
import { CallbackWait } from '../waits.ts';
import { openWebSocket } from './open.ts';
import { type WebSocketOptions, webSocketSettings } from './options.ts';
import type { WebSocket } from './websocket.ts';

const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

/** A real server of the package ws. */
async function serve(options: WebSocketsOptions = {}): Promise<{ server: WebSocketServer; url: string }> {
  const { sockets: server, url } = await serveWebSockets(() => {}, options);
  return { server, url: `${url}/` };
}

/** A server that answers the handshake with bytes of the test's own. */
async function raw(answer: (socket: Socket, accept: string, request: string) => void): Promise<string> {
  const server = createServer((socket) => {
    let head = '';
    socket.on('data', function onData(bytes) {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', onData);
      socket.resume();
      const key = /sec-websocket-key: (.*)\r\n/i.exec(head)?.[1] ?? '';
      answer(socket, createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64'), head);
    });
  });
  return `${(await serveOn(server)).url}/`;
}

const accepting = (accept: string, more = ''): string =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${more}\r\n`;

/** A server that accepts and then sends these frames. */
function hostile(frames: Uint8Array, more = ''): Promise<string> {
  return raw((socket, accept) => socket.write(Buffer.concat([Buffer.from(accepting(accept, more)), frames])));
}

/** A frame as a server writes it. */
function frame(first: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.from([first, length]) : Buffer.from([first, 126, length >> 8, length & 255]);
  return Buffer.concat([head, payload]);
}

interface Opening extends FakeRequest {
  readonly jar?: CookieJar;
}

function* open(url: string, options: WebSocketOptions = {}, opening: Opening = {}): Operation<WebSocket> {
  return yield* openWebSocket(fakeRequest(url, opening), webSocketSettings(options), {
    connect: ({ url: { hostname, port } }) =>
      new CallbackWait<Socket>('connect', (settle) => {
        const socket = connect(Number(port), hostname, () => settle.wake(socket));
        sockets.add(socket);
        socket.on('error', (error) => settle.fail(error));
        return () => socket.destroy();
      }),
    cookieJar: opening.jar ?? null,
    reason: () => undefined,
    details: () => ({}),
    timeoutError: () => new Error('the limit of the head has passed'),
  });
}

function* receiveFrom(url: string, options: WebSocketOptions = {}): Operation<unknown> {
  const socket = yield* open(url, options);
  return yield* socket.receive();
}

describe('a WebSocket whose connection broke while its task waited for its turn', () => {
  // A task may do so much before it gives way to the others, who are so many that the host gets several turns meanwhile.
  const crowded = (body: (socket: WebSocket) => Operation<void>, url: string): Promise<void> =>
    run(
      function* () {
        const socket = yield* open(url);
        for (let i = 0; i < 500; i++) spawn(ticking(), { daemon: true });
        // The one wait that the budget allows.
        yield* attempt(timeout(0, tick()));
        yield* body(socket);
      },
      { scheduler: new Scheduler({ budget: 1, slice: 0 }) },
    );

  function* ticking(): Operation<never> {
    for (;;) yield* tick();
  }

  test('is closed', async () => {
    const { url } = await serve();
    await crowded(function* (socket) {
      socket[Symbol.dispose]();
      yield* socket.close();
      expect(socket.closeCode).toBe(1006);
    }, url);
  });

  test('answers no ping', async () => {
    const { server, url } = await serve();
    await crowded(function* (socket) {
      for (const peer of server.clients) peer.terminate();
      expect(yield* attempt(socket.ping())).toMatchObject({ ok: false, error: { name: 'ServerDisconnectedError' } });
    }, url);
  });
});

describe('a WebSocket', () => {
  test('sends and receives text and bytes', async () => {
    const { server, url } = await serve();
    server.on('connection', (peer) => peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary })));
    const seen = await run(function* () {
      const socket = yield* open(url);
      yield* socket.send('h\u00e9llo \u4f60');
      yield* socket.send(new Uint8Array([1, 2, 3]));
      const messages = [yield* socket.receive(), yield* socket.receive()];
      yield* socket.close();
      return [...messages, socket.closeCode, socket.closed];
    });
    expect(seen).toEqual(['h\u00e9llo \u4f60', Buffer.from([1, 2, 3]), 1000, true]);
  });

  test('gives a message that came together with the handshake', async () => {
    expect(await run(() => receiveFromText(frame(0x81, Buffer.from('early'))))).toBe('early');
    function* receiveFromText(bytes: Uint8Array): Operation<unknown> {
      return yield* receiveFrom(yield* waitFor(hostile(bytes)));
    }
  });

  test('is a source that ends when the peer closes, and tells code and reason', async () => {
    const { server, url } = await serve();
    server.on('connection', (peer) => {
      for (const word of ['a', 'b', 'c']) peer.send(word);
      peer.close(4001, 'done with you');
    });
    const seen = await run(function* () {
      const socket = yield* open(url);
      const words: unknown[] = [];
      for (let r = yield* socket.next(); !r.done; r = yield* socket.next()) words.push(r.value);
      return [...words, socket.closeCode, socket.closeReason];
    });
    expect(seen).toEqual(['a', 'b', 'c', 4001, 'done with you']);
    await expect(run(() => closedBefore(url))).rejects.toThrow(/the peer closed it \(4001 done with you\)/);
    function* closedBefore(where: string): Operation<unknown> {
      const socket = yield* open(where);
      for (let i = 0; i < 3; i++) yield* socket.receive();
      return yield* socket.receive();
    }
  });

  test('agrees on a subprotocol', async () => {
    const { url } = await serve({ handleProtocols: () => 'v2' });
    const socket = await run(() => open(url, { protocols: ['v1', 'v2'] }));
    expect(socket.protocol).toBe('v2');
  });

  test('sends credentials and cookies with the handshake, and keeps the cookies that it sets', async () => {
    const jar = new CookieJar({ unsafeIp: true });
    let head = '';
    const url = await raw((socket, accept, request) => {
      head = request;
      socket.write(accepting(accept, 'Set-Cookie: b=2; Path=/\r\n'));
    });
    jar.set('a=1; Path=/', url);
    await run(() => open(url, {}, { jar, auth: new BasicAuth('u', 'p'), headers: { Origin: 'https://me.example' } }));
    expect(head).toMatch(/\r\nAuthorization: Basic dTpw\r\n/);
    expect(head).toMatch(/\r\nCookie: a=1\r\n/);
    expect(head).toMatch(/\r\nOrigin: https:\/\/me\.example\r\n/);
    expect(jar.get(url)).toBe('a=1; b=2');
  });

  test('keeps credentials for a proxy from the server', async () => {
    const { server, url } = await serve();
    let seen: string | undefined = 'nothing';
    server.on('headers', (_, request) => {
      seen = request.headers['proxy-authorization'];
    });
    await run(function* () {
      const socket = yield* open(url, {}, { headers: { 'Proxy-Authorization': 'Basic c2VjcmV0' } });
      yield* socket.close();
    });
    expect(seen).toBeUndefined();
  });

  test('says what the server answered instead, and releases the connection', async () => {
    let closed: Promise<unknown> | undefined;
    const url = await raw((socket) => {
      closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write('HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nContent-Length: 7\r\n\r\ngo away');
    });
    const error = await run(() => open(url)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WebSocketHandshakeError);
    expect(error).toMatchObject({ status: 403, body: 'go away' });
    expect((error as WebSocketHandshakeError).headers.get('x-why')).toBe('no');
    await closed;
  });

  test('shows a refusal to credentials of the caller as a response like any other', async () => {
    const seen: unknown[] = [];
    const url = await raw((socket, accept, request) => {
      if (request.includes('\r\nAuthorization: Bearer t0k3n\r\n')) socket.write(accepting(accept));
      else {
        socket.write(
          'HTTP/1.1 401 Who Are You\r\nContent-Type: application/json\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 17\r\n\r\n{"token":"t0k3n"}',
        );
      }
    });
    const auth: Auth = {
      *apply(request, next) {
        using refused = yield* next(request);
        const { status, reason, ok, headers } = refused;
        seen.push([status, reason, ok, headers.get('x-a'), refused.url, refused.history.length]);
        const { token } = yield* refused.json<{ token: string }>();
        const response = yield* next(
          request.with({ headers: request.headers.set('Authorization', `Bearer ${token}`) }),
        );
        seen.push([response.status, response.ok, yield* response.text()]);
        return response;
      },
    };
    const socket = await run(() => open(url, {}, { auth }));
    expect(socket.closed).toBe(false);
    expect(seen).toEqual([
      [401, 'Who Are You', false, '1, 2', url, 0],
      [101, false, ''],
    ]);
  });

  test('does not wait for the end of a refusal that never ends', async () => {
    const url = await raw((socket) => socket.write('HTTP/1.1 500 Oops\r\n\r\nendless'));
    await expect(run(() => open(url))).rejects.toMatchObject({ status: 500, body: 'endless' });
  });

  test('refuses a handshake that only looks like one', async () => {
    const wrongKey = await raw((socket) => socket.write(accepting('bm90IHlvdXIga2V5')));
    await expect(run(() => open(wrongKey))).rejects.toThrow(WebSocketHandshakeError);
    const noProtocol = await raw((socket, accept) =>
      socket.write(accepting(accept, 'Sec-WebSocket-Protocol: evil\r\n')),
    );
    await expect(run(() => open(noProtocol, { protocols: ['good'] }))).rejects.toThrow(WebSocketHandshakeError);
    const gone = await raw((socket) => socket.destroy());
    await expect(run(() => open(gone))).rejects.toThrow(ServerDisconnectedError);
  });

  test('measures a ping, and answers those of the peer unless told not to', async () => {
    const { server, url } = await serve();
    const pongs: string[] = [];
    server.on('connection', (peer) => {
      peer.on('pong', (data) => pongs.push(data.toString()));
      peer.ping('are you there');
      peer.on('message', () => peer.send('after'));
    });
    function* ask(autoPing: boolean): Operation<number> {
      const socket = yield* open(url, { autoPing });
      const took = yield* socket.ping();
      yield* socket.send('x');
      yield* socket.receive();
      return took;
    }
    expect(await run(() => ask(true))).toBeGreaterThanOrEqual(0);
    expect(pongs).toEqual(['are you there']);
    await run(() => ask(false));
    expect(pongs).toEqual(['are you there']);
  });

  test('ends with an error when a peer stops to answer the heartbeat', async () => {
    const url = await raw((socket, accept) => socket.write(accepting(accept)));
    await expect(run(() => receiveFrom(url, { heartbeat: 20 }))).rejects.toThrow(ServerTimeoutError);
    await run(function* () {
      const socket = yield* open(url, { heartbeat: 20 });
      const read = yield* attempt(socket.next());
      // Whoever sees the error sees a closed connection.
      expect([read.ok, socket.closed, socket.closeCode]).toEqual([false, true, 1006]);
    });
  });

  test('stays open under a heartbeat that is answered', async () => {
    const { server, url } = await serve();
    let pings = 0;
    server.on('connection', (peer) => {
      peer.on('ping', () => {
        pings++;
        if (pings === 3) peer.send('enough');
      });
    });
    expect(await run(() => receiveFrom(url, { heartbeat: 10 }))).toBe('enough');
  });

  test('destroys the connection when opening is cancelled in the middle of the handshake', async () => {
    let asked: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let gone: Promise<unknown> | undefined;
    const url = await raw((socket) => {
      gone = new Promise((resolve) => socket.once('close', resolve));
      asked?.();
    });
    await run(function* () {
      const opening = spawn(open(url));
      yield* waitFor(arrived);
      yield* opening.cancel();
      yield* waitFor(gone as Promise<unknown>);
    });
  });

  test('destroys a connection whose peer never answers the close', async () => {
    const url = await raw((socket, accept) => socket.write(accepting(accept)));
    await run(function* () {
      const socket = yield* open(url, { closeTimeout: 20 });
      yield* socket.close(4000, 'bye');
      expect([socket.closed, socket.closeCode]).toEqual([true, 1006]);
    });
  });

  test('closes properly while the peer goes on sending what nobody reads any more', async () => {
    const { server, url } = await serve();
    server.on('connection', (peer) => {
      for (let i = 0; i < 5_000; i++) peer.send('x'.repeat(100));
    });
    await run(function* () {
      const socket = yield* open(url, { closeTimeout: 5_000 });
      yield* socket.close(4_000);
      expect([socket.closed, socket.closeCode]).toEqual([true, 4_000]);
      expect(yield* socket.next()).toEqual({ done: true, value: undefined });
    });
  });

  test('destroys the connection when closing is cancelled', async () => {
    const url = await raw((socket, accept) => socket.write(accepting(accept)));
    await run(function* () {
      const socket = yield* open(url);
      const closing = spawn(socket.close());
      yield* timeout(1000, waitFor(new Promise((resolve) => setImmediate(resolve))));
      yield* closing.cancel();
      const end = yield* attemptNext(socket);
      expect(end).toBeInstanceOf(ServerDisconnectedError);
    });
  });

  test('says that it is closed to a task that goes on', async () => {
    const { url } = await serve();
    await run(function* () {
      const socket = yield* open(url);
      yield* socket.close();
      yield* socket.close();
      for (const use of [() => socket.send('x'), () => socket.ping(), () => socket.receive()]) {
        let error: unknown;
        try {
          yield* use() as Operation<unknown>;
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toBeInstanceOf(ServerDisconnectedError);
      }
    });
  });

  test('refuses options, messages and codes that make no sense', async () => {
    for (const bad of [
      { protocols: ['a b'] },
      { protocols: ['a', 'a'] },
      { heartbeat: -1 },
      { maxMessageSize: 0 },
      { maxMessageSize: 1.5 },
      { closeTimeout: Number.NaN },
    ]) {
      expect(() => webSocketSettings(bad)).toThrow(InvalidOptionError);
    }
    const { url } = await serve();
    const socket = await run(() => open(url));
    await expect(run(() => socket.send({} as string))).rejects.toThrow(/JSON\.stringify/);
    await expect(run(() => socket.close(1005))).rejects.toThrow(/3000 to 4999/);
    await expect(run(() => socket.close(1000, '\u4f60'.repeat(50)))).rejects.toThrow(/123 bytes/);
  });

  test('stops reading while nobody takes the messages, and loses none', async () => {
    const { server, url } = await serve();
    let unsent = 0;
    const count = 2000;
    server.on('connection', (peer) => {
      for (let i = 0; i < count; i++) peer.send(Buffer.alloc(10_000, i & 255));
      unsent = peer.bufferedAmount;
    });
    await run(function* () {
      const socket = yield* open(url, { compress: false });
      expect(unsent).toBeGreaterThan(0);
      for (let i = 0; i < count; i++) {
        const message = (yield* socket.receive()) as Uint8Array;
        if (message.length !== 10_000 || message[0] !== (i & 255)) throw new Error(`message ${i} is another`);
      }
    });
  });
});

describe('a hostile peer', () => {
  const text = (length: number): Buffer => Buffer.alloc(length, 'x');

  test('cannot send more than maxMessageSize in one frame or in all fragments together', async () => {
    await expect(run(() => hostileRun(frame(0x82, text(1001))))).rejects.toThrow(LimitExceededError);
    const fragments = [frame(0x02, text(400)), frame(0x00, text(400)), frame(0x80, text(400))];
    await expect(run(() => hostileRun(Buffer.concat(fragments)))).rejects.toThrow(/maxMessageSize \(1000 bytes\)/);
    expect(await run(() => hostileRun(Buffer.concat([frame(0x02, text(500)), frame(0x80, text(500))])))).toHaveLength(
      1000,
    );
  });

  test('cannot announce 64-bit lengths', async () => {
    for (const length of ['7fffffffffffffff', 'ffffffffffffffff', '0020000000000000', '0000000100000000']) {
      const announced = Buffer.from(`827f${length}`, 'hex');
      await expect(run(() => hostileRun(announced))).rejects.toThrow(LimitExceededError);
    }
  });

  test('cannot flood with empty fragments', async () => {
    const flood = Buffer.concat([frame(0x02, text(0)), Buffer.alloc(400_000)]);
    await expect(run(() => hostileRun(flood))).rejects.toThrow(LimitExceededError);
  });

  test('cannot send a bomb: what counts is the size after decompression', async () => {
    const bomb = zlib
      .deflateRawSync(Buffer.alloc(1_000_000), { finishFlush: zlib.constants.Z_SYNC_FLUSH })
      .subarray(0, -4);
    const agreed = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
    await expect(run(() => hostileRun(frame(0xc2, bomb), agreed))).rejects.toThrow(LimitExceededError);
  });

  test('cannot compress what was not agreed on, nor agree on what was not offered', async () => {
    await expect(run(() => hostileRun(frame(0xc1, text(3))))).rejects.toThrow(ClientPayloadError);
    const pushed = await hostile(Buffer.alloc(0), 'Sec-WebSocket-Extensions: permessage-deflate\r\n');
    await expect(run(() => open(pushed, { compress: false }))).rejects.toThrow(WebSocketHandshakeError);
  });

  test.each([
    ['masks its frames', Buffer.from('818100000000', 'hex')],
    ['uses an unknown opcode', frame(0x83, text(1))],
    ['sets reserved bits', frame(0xa1, text(1))],
    ['fragments a ping', frame(0x09, text(1))],
    ['sends a long ping', frame(0x89, text(126))],
    ['continues what never began', frame(0x80, text(1))],
    ['sends text that is not UTF-8', frame(0x81, Buffer.from([0xff]))],
    ['closes with a forbidden code', frame(0x88, Buffer.from([0x03, 0xed]))],
  ])('is cut off when it %s', async (_, bytes) => {
    await expect(run(() => hostileRun(bytes))).rejects.toThrow(ClientPayloadError);
  });

  test('cannot drop the connection unnoticed', async () => {
    const url = await raw((socket, accept) => {
      socket.write(accepting(accept));
      socket.end(frame(0x81, Buffer.from('last')));
    });
    await run(function* () {
      const socket = yield* open(url);
      expect(yield* socket.receive()).toBe('last');
      expect(yield* attemptNext(socket)).toBeInstanceOf(ServerDisconnectedError);
      expect(socket.closeCode).toBe(1006);
    });
  });

  function* hostileRun(frames: Uint8Array, more = ''): Operation<unknown> {
    return yield* receiveFrom(yield* waitFor(hostile(frames, more)), { maxMessageSize: 1000 });
  }
});

function* attemptNext(socket: WebSocket): Operation<unknown> {
  try {
    return yield* socket.next();
  } catch (error) {
    return error;
  }
}

function waitFor<T>(promise: Promise<T>): Operation<T> {
  return new CallbackWait<T>('a promise of the test', (settle) => {
    promise.then(
      (value) => settle.wake(value),
      (error) => settle.fail(error),
    );
    return () => {};
  });
}
