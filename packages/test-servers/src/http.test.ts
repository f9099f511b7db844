import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { serveBytes, serveRaw } from './vitest.ts';

test('a canned server sends its answers in turn, the last one again and again, and keeps the heads', async () => {
  const server = await serveBytes('one', 'two');
  const socket = connect(server.port, '127.0.0.1');
  const answers: string[] = [];
  for (const path of ['/a', '/b', '/c']) {
    socket.write(`GET ${path} HTTP/1.1\r\n\r\n`);
    answers.push(String((await once(socket, 'data'))[0]));
  }
  socket.destroy();
  expect(answers).toEqual(['one', 'two', 'two']);
  expect(server.heads.map((head) => head.split(' ')[1])).toEqual(['/a', '/b', '/c']);
});

test('a TCP server numbers its connections', async () => {
  const server = await serveRaw((socket, index) => socket.end(String(index)));
  const seen: string[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const socket = connect(server.port, '127.0.0.1');
    seen.push(String((await once(socket, 'data'))[0]));
    socket.destroy();
  }
  expect(seen).toEqual(['0', '1', '2']);
});
