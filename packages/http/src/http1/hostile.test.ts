import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { attempt, type Operation, run, until } from '@coloop/core';
import type { RunningServer } from '@coloop/test-servers';
import { eventually, serveBytes, serveRaw } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import {
  ClientError,
  ClientPayloadError,
  ContentLengthError,
  LimitExceededError,
  ServerDisconnectedError,
} from '../errors.ts';
import { Session } from '../node/session.ts';
import type { RequestOptions } from '../request/options.ts';

interface Outcome {
  readonly status?: number;
  readonly text?: string;
  readonly error?: ClientError;
  readonly open: number;
}

function* ask(server: RunningServer, options: RequestOptions): Operation<Outcome> {
  const session = yield* Session.open({ timeout: 5_000 });
  try {
    const response = yield* session.get(server.url, options);
    const text = yield* response.text();
    return { status: response.status, text, open: session.pool.stats.total };
  } catch (error) {
    return { error: error as ClientError, open: session.pool.stats.total };
  }
}

async function outcomeOf(bytes: string | Uint8Array, options: RequestOptions = {}): Promise<Outcome> {
  return run(ask(await serveBytes(bytes), options));
}

describe('a response that two readers could take differently is refused, and its connection is not used again', () => {
  const hostile: [what: string, bytes: string][] = [
    [
      'Content-Length beside Transfer-Encoding',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths that differ', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    // RFC 9110, section 8.6, leaves it to the recipient: the codec refuses both forms of equal copies, and so do its peers.
    ['two lengths that are equal', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello'],
    ['two equal lengths in one line', 'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello'],
    ['a length that is not a number', 'HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello'],
    ['a coding after chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nhello'],
    ['a coding before chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['chunked twice', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nhello'],
    ['a folded header line', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n'],
    ['a zero byte in a header', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n'],
    ['a line that ends with LF alone', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['a chunk size beyond 64 bits', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx'],
    ['a chunk size that is not a number', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx'],
    ['a chunk longer than it says', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n'],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
    ['something else than HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['the status 0', 'HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 99 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'],
    ['a status that is not a number', 'HTTP/1.1 OK 200\r\nContent-Length: 0\r\n\r\n'],
  ];
  test.each(hostile)('%s', async (_, bytes) => {
    const outcome = await outcomeOf(bytes);
    expect(outcome.error).toBeInstanceOf(ClientError);
    expect(outcome.error?.code).toMatch(/^(INVALID_RESPONSE|TRANSFER_ENCODING|CONTENT_LENGTH)$/);
    // Neither the words of the codec nor its errors.
    expect(inspect(outcome.error)).not.toMatch(/assert|llhttp|HPE_|UND_ERR|HTTPParserError|SocketError/i);
    expect(outcome.open).toBe(0);
    expect(shownOf(outcome.error)).not.toMatch(CODECS_WORDS);
  });
});

/** All that is shown of an error but the places of the code. */
function shownOf(error: unknown): string {
  return inspect(error, { depth: 10 }).replace(/^ +at .*$/gm, '');
}

const CODECS_WORDS =
  /undici|llhttp|UND_ERR|HPE_|HTTPParser|SocketError|AssertionError|ERR_ASSERTION|falsy|other side|does not match the HTTP/i;

describe('a response that does not come whole is an error', () => {
  const broken: [what: string, bytes: string, error: unknown][] = [
    ['a body shorter than its length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello', ContentLengthError],
    [
      'chunks without their end',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      ClientPayloadError,
    ],
    ['a chunk that breaks off', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello', ClientPayloadError],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-', ServerDisconnectedError],
    ['nothing', '', ServerDisconnectedError],
  ];
  test.each(broken)('%s', async (_, bytes, error) => {
    const server = await serveRaw((socket) => {
      socket.once('data', () => socket.end(bytes));
    });
    const outcome = await run(ask(server, {}));
    expect(outcome.error).toBeInstanceOf(error);
    expect(outcome.error).toMatchObject({ request: { method: 'GET', url: `${server.url}/`, attempts: 1 } });
    expect(outcome.open).toBe(0);
  });

  test('a reset does not end a body that ends with its connection', async () => {
    const server = await serveRaw((socket) => {
      socket.once('data', () => {
        // Real time: the server cannot know when the client has read the bytes that a reset would discard.
        socket.write('HTTP/1.1 200 OK\r\n\r\nhello', () => setTimeout(() => socket.resetAndDestroy(), 20));
      });
    });
    expect((await run(ask(server, {}))).error).toBeInstanceOf(ClientPayloadError);
  });

  test('cutting off a body that ends with its connection does not end it', async () => {
    const server = await serveRaw((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nhello'));
    });
    await run(function* () {
      const session = yield* Session.open();
      const chunks = (yield* session.get(server.url)).chunks();
      yield* chunks.next();
      yield* session.close();
      expect(yield* attempt(chunks.next())).toMatchObject({ error: { name: 'SessionClosedError' } });
    });
  });

  test('the end of the connection is the end of a body without length', async () => {
    const server = await serveRaw((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
    });
    expect(await run(ask(server, {}))).toMatchObject({ status: 200, text: 'hello', open: 0 });
  });
});

describe('a response without end is cut', () => {
  const filler = 'x'.repeat(1_000);
  const endless: [what: string, start: string, more: string][] = [
    ['headers', 'HTTP/1.1 200 OK\r\n', `X-Filler: ${filler}\r\n`],
    ['one header', 'HTTP/1.1 200 OK\r\nX: ', filler],
    ['a reason phrase', 'HTTP/1.1 200 ', filler],
    ['interim responses', '', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'],
    ['100 Continue', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['a chunk extension', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;', filler],
    ['extensions of tiny chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', `1;${filler}\r\na\r\n`],
    ['trailers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n', `X: ${filler}\r\n`],
  ];
  test.each(endless)('endless %s', async (_, start, more) => {
    let sent = 0;
    const server = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.write(start);
        const pour = (): void => {
          while (!socket.destroyed && sent < 50_000_000) {
            sent += more.length;
            if (!socket.write(more)) {
              socket.once('drain', pour);
              return;
            }
          }
        };
        pour();
      });
    });
    const outcome = await run(ask(server, {}));
    expect(outcome.error).toBeInstanceOf(LimitExceededError);
    expect(outcome.open).toBe(0);
    expect(sent).toBeLessThan(20_000_000);
  });

  test('what stands between the bytes of a body is not kept with them', async () => {
    const chunk = `1;${'x'.repeat(50_000)}\r\na\r\n`;
    const server = await serveBytes(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}0\r\n\r\n`,
    );
    await run(function* () {
      const session = yield* Session.open();
      const chunks = (yield* session.get(server.url, { limits: { headers: 2_000_000 } })).chunks();
      const memory = new Set<ArrayBufferLike>();
      for (let chunk = yield* chunks.next(); !chunk.done; chunk = yield* chunks.next()) memory.add(chunk.value.buffer);
      // Small chunks share the platform's pools, which have 8 or 64 KiB each; kept in their reads they would have 20 times 64.
      expect([...memory].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(600_000);
    });
  });

  test('headers within the limit are taken, one byte more is not', async () => {
    const head = (size: number): string => `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ${'x'.repeat(size)}\r\n\r\n`;
    expect(await outcomeOf(head(3_000), { limits: { headers: 4_000 } })).toMatchObject({ status: 200 });
    expect((await outcomeOf(head(5_000), { limits: { headers: 4_000 } })).error).toBeInstanceOf(LimitExceededError);
  });
});

describe('what is odd but right is taken', () => {
  const fine: [what: string, bytes: string, text: string][] = [
    [
      '100 Continue without being asked',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      'ok',
    ],
    [
      'early hints',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      'ok',
    ],
    [
      '100 Continue among other interim responses',
      'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      'ok',
    ],
    ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', ''],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', ''],
    ['the same length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ''],
    [
      'chunks with extensions and trailers',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
      'ok',
    ],
    [
      'chunks of a single byte',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'00000001\r\na\r\n'.repeat(20_000)}0\r\n\r\n`,
      'a'.repeat(20_000),
    ],
    ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', 'ok'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', 'ok'],
  ];
  test.each(fine)('%s', async (_, bytes, text) => {
    expect(await outcomeOf(bytes)).toMatchObject({ text });
  });

  test('a 100 Continue that comes byte by byte', async () => {
    const bytes = 'HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const server = await serveRaw((socket) => {
      socket.once('data', async () => {
        for (const byte of bytes) {
          socket.write(byte);
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
    });
    expect(await run(ask(server, {}))).toMatchObject({ status: 200, text: 'ok' });
  });

  test('trailers are handed on', async () => {
    const server = await serveBytes(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
    );
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(server.url);
      yield* response.bytes();
      expect(response.trailers?.get('x-sum')).toBe('1');
    });
  });
});

describe('an idle connection', () => {
  test('dies when the server says something unasked, and the bytes answer no request', async () => {
    const unasked = new EventEmitter();
    const server = await serveRaw((socket, index) => {
      socket.on('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${index}`);
        unasked.once('say', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'));
      });
    });
    await run(function* () {
      const session = yield* Session.open();
      expect(yield* (yield* session.get(server.url)).text()).toBe('0');
      unasked.emit('say');
      yield* until(eventually(() => session.pool.stats.total === 0));
      expect(session.pool.stats.total).toBe(0);
      expect(yield* (yield* session.get(server.url)).text()).toBe('1');
    });
  });

  test('dies when bytes follow the response in the same packet', async () => {
    const server = await serveBytes(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
    );
    await run(function* () {
      const session = yield* Session.open();
      for (let index = 0; index < 3; index++) expect(yield* (yield* session.get(server.url)).text()).toBe('ok');
      expect(session.pool.stats.created).toBe(3);
    });
  });

  test('that the server has closed is replaced without an error, once, for what may be repeated', async () => {
    const server = await serveRaw((socket, index) => {
      let requests = 0;
      socket.on('data', () => {
        requests += 1;
        // The first connection answers once, and dies at the second request without a byte.
        if (index === 0 && requests > 1) socket.destroy();
        else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${index}`);
      });
    });
    await run(function* () {
      const session = yield* Session.open();
      expect(yield* (yield* session.get(server.url)).text()).toBe('0');
      expect(yield* (yield* session.get(server.url)).text()).toBe('1');
    });
  });

  test('that the server has closed is an error for what must not be repeated', async () => {
    const bodies: string[] = [];
    const server = await serveRaw((socket) => {
      let requests = 0;
      socket.on('data', (chunk) => {
        bodies.push(chunk.toString('latin1'));
        requests += 1;
        if (requests > 1) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    await run(function* () {
      const session = yield* Session.open();
      yield* (yield* session.get(server.url)).bytes();
      let failure: unknown;
      try {
        yield* session.post(server.url, { body: 'pay' });
      } catch (error) {
        failure = error;
      }
      expect(failure).toBeInstanceOf(ServerDisconnectedError);
      expect(bodies.filter((body) => body.includes('pay'))).toHaveLength(1);
    });
  });
});
