// Real time: packets have to be apart on the wire.
import { run } from '@coloop/core';
import { serveRaw } from '@coloop/test-servers/vitest';
import { expect, test } from 'vitest';
import { Session } from '../node/session.ts';

const REST = '\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

test.each([
  ['HTTP/1.1 404 Not Found', 'Not Found'],
  ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found', 'Not Found'],
  ['HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 ', ''],
  ['HTTP/1.1 200', ''],
])('the reason phrase is whole wherever the packets of %j end', async (line, reason) => {
  const cuts = [...Array(line.length + 3).keys()].slice(1);
  const bytes = line + REST;
  let next = 0;
  const server = await serveRaw((socket) => {
    const cut = cuts[next++];
    socket.setNoDelay();
    socket.once('data', () => {
      socket.write(bytes.slice(0, cut));
      setTimeout(() => socket.end(bytes.slice(cut)), 4);
    });
  });
  await run(function* () {
    const session = yield* Session.open({ timeout: 5_000 });
    for (const _ of cuts) expect((yield* session.get(server.url)).reason).toBe(reason);
  });
});

test('a reason phrase in one packet per byte is whole', async () => {
  const bytes = `HTTP/1.1 200 All is well${REST}`;
  const server = await serveRaw((socket) => {
    socket.setNoDelay();
    const send = (at: number): void => {
      socket.write(bytes.slice(at, at + 1));
      if (at < bytes.length) setImmediate(send, at + 1);
    };
    socket.once('data', () => send(0));
  });
  await run(function* () {
    const session = yield* Session.open({ timeout: 5_000 });
    expect((yield* session.get(server.url)).reason).toBe('All is well');
  });
});
