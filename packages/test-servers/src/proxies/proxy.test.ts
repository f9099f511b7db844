import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { serve, serveDns, serveProxy } from '../vitest.ts';

const basic = (credentials: string): Record<string, string> => ({
  'proxy-authorization': `Basic ${btoa(credentials)}`,
});

/** Asks the proxy for a whole URL. */
async function through(port: number, url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const { host } = new URL(url);
  const options = { host: '127.0.0.1', port, path: url, headers: { host, ...headers }, agent: false };
  const asked = request(options).end();
  const [response] = await once(asked, 'response');
  return response;
}

/** Asks the proxy for a tunnel. */
async function tunnelTo(
  port: number,
  authority: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; socket: Socket }> {
  const asked = request({ host: '127.0.0.1', port, method: 'CONNECT', path: authority, headers, agent: false }).end();
  const [response, socket] = await once(asked, 'connect');
  return { status: response.statusCode, socket };
}

test('a proxy lets through what has its credentials, and keeps them from the server', async () => {
  const site = await serve((message, response) => response.end(JSON.stringify(message.headers)));
  const proxy = await serveProxy('reader:secret');
  const refused = await through(proxy.port, `${site.url}/`);
  expect([refused.statusCode, refused.headers['proxy-authenticate']]).toEqual([407, 'Basic realm="test"']);
  expect(await text(refused)).toBe('This proxy wants a name and a password.');
  const accepted = await through(proxy.port, `${site.url}/`, basic('reader:secret'));
  expect(await text(accepted)).not.toContain('proxy-authorization');
  expect(proxy.seen).toMatchObject([
    { line: `GET ${site.url}/`, user: '', accepted: false },
    { line: `GET ${site.url}/`, user: 'reader', accepted: true },
  ]);
});

test('a tunnel carries bytes both ways, and ends with the proxy', async () => {
  const site = await serve((_message, response) => response.end('hello'));
  const proxy = await serveProxy('reader:secret');
  const wrong = await tunnelTo(proxy.port, `site.test:${site.port}`, basic('reader:guess'));
  wrong.socket.destroy();
  expect(wrong.status).toBe(407);
  const { status, socket } = await tunnelTo(proxy.port, `site.test:${site.port}`, basic('reader:secret'));
  expect(status).toBe(200);
  socket.write('GET / HTTP/1.1\r\nHost: site.test\r\n\r\n');
  expect(String((await once(socket, 'data'))[0])).toContain('200 OK');
  const gone = once(socket, 'close');
  await proxy.close();
  await gone;
});

test('a proxy asks the DNS server that it was given', async () => {
  const site = await serve((message, response) => response.end(message.headers.host));
  const names = await serveDns({ 'only.test': ['127.0.0.1'] });
  const proxy = await serveProxy(undefined, { nameserver: names.address });
  const found = await through(proxy.port, `http://only.test:${site.port}/`);
  expect(await text(found)).toBe(`only.test:${site.port}`);
  expect(names.questions).toEqual(['A only.test']);
  await expect(through(proxy.port, `http://other.test:${site.port}/`)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a proxy may speak TLS itself, and tells of every request as it comes', async () => {
  const lines: string[] = [];
  const proxy = await serveProxy(undefined, { secure: true, onRequest: ({ line }) => void lines.push(line) });
  expect(proxy.url).toBe(`https://127.0.0.1:${proxy.port}`);
  const { connect: connectTls } = await import('node:tls');
  const socket = connectTls({ socket: connect(proxy.port, '127.0.0.1'), rejectUnauthorized: false });
  socket.write('GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await once(socket, 'close');
  expect(lines).toEqual(['GET http://127.0.0.1:1/']);
});
