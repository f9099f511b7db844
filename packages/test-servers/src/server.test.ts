import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { CA } from './certificates.ts';
import { startHttps, startTcp } from './http.ts';
import { startServer } from './server.ts';
import { serveOn } from './vitest.ts';

async function client(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

test('a server counts its connections, those that are open and all that there ever were', async () => {
  const server = createServer();
  const running = await serveOn(server);
  const arrival = once(server, 'connection');
  const first = await client(running.port);
  await arrival;
  expect([running.open.size, running.accepted]).toEqual([1, 1]);
  const [left] = running.open;
  // Not by `once`, which takes the reset for a failure.
  const gone = new Promise((resolve) => left?.once('close', resolve));
  first.resetAndDestroy();
  await gone;
  expect([running.open.size, running.accepted]).toEqual([0, 1]);
});

test('close ends the connections that are open, and returns when none is left', async () => {
  let arrived = (): void => {};
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const running = await startTcp(() => arrived());
  const socket = await client(running.port);
  await arrival;
  const gone = once(socket, 'close');
  await running.close();
  expect(running.open.size).toBe(0);
  await gone;
  await running.close();
});

test('a port that is taken is the error of the start', async () => {
  const first = await serveOn(createServer());
  await expect(startServer(createServer(), first.port)).rejects.toMatchObject({ code: 'EADDRINUSE', port: first.port });
});

test('the URL says whether the server speaks TLS', async () => {
  const running = await startHttps((_request, response) => response.end('secret'));
  expect(running.url).toBe(`https://127.0.0.1:${running.port}`);
  const { get } = await import('node:https');
  const [response] = await once(get(running.url, { ca: CA, agent: false }), 'response');
  expect(response.statusCode).toBe(200);
  await running.close();
});
