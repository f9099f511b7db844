// Real time: the limits are those of a real connection.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { attempt, type Operation, run, sleep } from '@coloop/core';
import { serveRaw } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { LimitExceededError, ServerTimeoutError } from '../errors.ts';
import { Session, type WebSocketRequestOptions } from '../node/session.ts';

/** A server that answers a handshake with these bytes before its own head, and with one long header in it. */
async function server(before: string, long: number, status = '101 Switching Protocols'): Promise<string> {
  const { url } = await serveRaw((socket: Socket) => {
    socket.once('data', (data) => {
      const key = /sec-websocket-key: (.*)/i.exec(data.toString('latin1'))?.[1]?.trim();
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      const upgrade = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`;
      const own = status.startsWith('101') ? upgrade : 'Content-Length: 2\r\n';
      const end = status.startsWith('101') ? '' : 'no';
      socket.write(`${before}HTTP/1.1 ${status}\r\n${own}X-Long: ${'y'.repeat(long)}\r\n\r\n${end}`);
    });
  });
  return url.replace('http', 'ws');
}

function* open(url: string, options: WebSocketRequestOptions): Operation<unknown> {
  const session = yield* Session.open();
  const tried = yield* attempt(session.ws(url, options));
  return tried.ok ? tried.value.closed : tried.error;
}

describe('limits.headers of a handshake', () => {
  test.each([
    [20_000, undefined, false],
    [60_000, undefined, false],
    [4_000, 5_000, false],
    [90_000, 100_000, false],
    [4_000, Number.POSITIVE_INFINITY, false],
  ])('lets a head of %i bytes through where it is %s', async (long, headers, closed) => {
    const limits = headers === undefined ? {} : { headers };
    expect(await run(open(await server('', long), { limits }))).toBe(closed);
  });

  const interim = `HTTP/1.1 103 Early Hints\r\nX-Long: ${'y'.repeat(900)}\r\n\r\n`;
  test.each([
    ['the default', 70_000, undefined, ''],
    ['a smaller one', 10_000, 5_000, ''],
    ['one that the line ends alone go over', 4_990, 5_000, ''],
    ['zero', 0, 0, ''],
    ['one that the interim responses go over', 10, 5_000, interim.repeat(6)],
    ['one that all of them together go over', 4_000, 5_000, interim.repeat(2)],
  ])('ends a head that is longer: %s', async (_, long, headers, before) => {
    const limits = headers === undefined ? {} : { headers };
    for (const status of ['101 Switching Protocols', '403 Forbidden']) {
      const error = await run(open(await server(before, long, status), { limits, timeout: 5_000 }));
      expect(error).toBeInstanceOf(LimitExceededError);
      expect((error as Error).message).toContain('raise limits.headers');
    }
  });
});

describe('timeout.headers of a handshake', () => {
  test.each([
    ['nothing comes', ''],
    ['the head does not end', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'],
    ['only interim responses come', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('ends it if %s', async (_, bytes) => {
    const { url } = await serveRaw((socket) => void socket.write(bytes));
    const error = await run(open(url.replace('http', 'ws'), { timeout: { headers: 60 } }));
    expect(error).toBeInstanceOf(ServerTimeoutError);
    expect(error).toMatchObject({ limit: 'headers', phase: 'headers', request: { method: 'GET' } });
  });

  test('does not concern the conversation afterwards', async () => {
    const url = await server('', 10);
    await run(function* () {
      const session = yield* Session.open();
      const socket = yield* session.ws(url, { timeout: { headers: 100 } });
      yield* sleep(200);
      expect(socket.closed).toBe(false);
    });
  });
});

test.each([
  ['protocols', null],
  ['maxMessageSize', null],
  ['closeTimeout', null],
  ['autoPing', null],
  ['compress', null],
])('null is refused for %s, as for every option that does not say what it means', async (name, value) => {
  await expect(
    run(function* () {
      const session = yield* Session.open();
      yield* session.ws('ws://a.test/', { [name]: value });
    }),
  ).rejects.toThrow(new RegExp(`'ws\\.${name}' is null`));
});

test('null stands for no heartbeat', async () => {
  expect(await run(open(await server('', 10), { heartbeat: null }))).toBe(false);
});
