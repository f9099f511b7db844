import { attempt, run } from '@coloop/core';
import { serveRaw } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import type { ProxyResponseError } from '../errors.ts';
import { Session } from '../node/session.ts';

/** The error of a tunnel that a proxy refuses with these bytes, in chunks of this size. */
async function refusal(bytes: string, size: number): Promise<ProxyResponseError> {
  const { url } = await serveRaw((socket) => {
    socket.setNoDelay().once('data', () => {
      const send = (at: number): void => {
        socket.write(bytes.slice(at, at + size), 'latin1');
        if (at + size < bytes.length) setImmediate(send, at + size);
      };
      send(0);
    });
  });
  const tried = await run(function* () {
    const session = yield* Session.open({ proxy: url, timeout: 5_000 });
    return yield* attempt(session.get('https://site.test/'));
  });
  return (tried as unknown as { error: ProxyResponseError }).error;
}

describe('a refusal in chunks', () => {
  const head = 'HTTP/1.1 407 Proxy Authentication Required\r\nTransfer-Encoding: chunked\r\n\r\n';
  test.each([
    ['one chunk', '5\r\nwho?!\r\n0\r\n\r\n', 'who?!'],
    ['several chunks', '3\r\nwho\r\n2\r\n?!\r\n0\r\n\r\n', 'who?!'],
    [
      'sizes in any case, with extensions',
      '00A;a=b\r\n0123456789\r\nb ;x="y"\r\nabcdefghijk\r\n0\r\n\r\n',
      '0123456789abcdefghijk',
    ],
    ['line ends inside', '7\r\na\r\nb\r\nc\r\n0\r\nX: y\r\n\r\n', 'a\r\nb\r\nc'],
    ['no end', '5\r\nwho?!\r\n', 'who?!'],
    ['a chunk that breaks off', '9\r\nwho?!', 'who?!'],
    ['what is no chunk', 'who?!\r\nmore', ''],
    ['nothing', '0\r\n\r\n', ''],
    ['more than an error holds', `fff\r\n${'x'.repeat(0xfff)}\r\n0\r\n\r\n`, 'x'.repeat(1_024)],
  ])('has a clean body: %s', async (_, body, expected) => {
    for (const size of [7, 10_000]) {
      expect(await refusal(head + body, size)).toMatchObject({
        name: 'ProxyResponseError',
        status: 407,
        body: expected,
      });
    }
  });
});
