import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, type Operation, run } from '@coloop/core';
import { serve } from '@coloop/test-servers/vitest';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { ClientConnectorError, InvalidOptionError } from '../errors.ts';
import { fetch } from '../node/fetch.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import { simulate } from '../testing/simulation.ts';

let folder: string;
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unix-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A server on a unix socket; returns the path. */
async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  name = 'server.sock',
): Promise<string> {
  const path = join(folder, name);
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

const hello = (name: string) => (request: IncomingMessage, response: ServerResponse) =>
  response.end(`${name} ${request.headers.host}${request.url}`);

function* errorOf(operation: Operation<unknown>): Operation<unknown> {
  const result = yield* attempt(operation);
  return result.ok ? undefined : result.error;
}

describe('socketPath', () => {
  test('sends the requests of a session to a unix socket, over one connection', async () => {
    const socketPath = await listen(hello('socket'));
    await run(function* () {
      const session = yield* Session.open({ socketPath, baseUrl: 'http://engine.test/v1/' });
      expect(yield* session.get('info').text()).toBe('socket engine.test/v1/info');
      expect(yield* session.get('/other').text()).toBe('socket engine.test/other');
      expect(session.pool.stats.created).toBe(1);
    });
  });

  test('is an option of a request, and of the free fetch', async () => {
    const socketPath = await listen(hello('socket'));
    const tcp = await serve((_request, response) => response.end('tcp'));
    await run(function* () {
      const session = yield* Session.open();
      expect(yield* session.get(tcp.url).text()).toBe('tcp');
      expect(yield* session.get(`${tcp.url}/a`, { socketPath }).text()).toMatch(/^socket .*\/a$/);
      expect(yield* session.get(tcp.url).text()).toBe('tcp');
      expect(yield* fetch('http://any.test/b', { socketPath }).text()).toBe('socket any.test/b');
    });
  });

  test('is the way of a WebSocket, of events and of a download, too', async () => {
    const socketPath = await listen((request, response) => {
      if (request.url !== '/events') return hello('file')(request, response);
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(`data: ${request.headers.host}\n\n`);
    });
    const sockets = new WebSocketServer({ server: servers[0] as Server });
    sockets.on('connection', (socket, { headers, url }) => {
      socket.on('message', (data) => socket.send(`${headers.host}${url} ${data}`));
    });
    await run(function* () {
      const session = yield* Session.open({ socketPath, baseUrl: 'http://engine.test/' });
      const other = yield* Session.open();
      for (const opening of [session.ws('/chat'), other.ws('ws://engine.test/chat', { socketPath })]) {
        const socket = yield* opening;
        yield* socket.send('hello');
        expect(yield* socket.receive()).toBe('engine.test/chat hello');
        yield* socket.close();
      }
      expect((yield* session.events('/events').next()).value).toMatchObject({ data: 'engine.test' });
      const file = join(folder, 'file');
      yield* session.download('/file', file);
      expect(readFileSync(file, 'utf8')).toBe('file engine.test/file');
      // Nobody listens on this one, and the name is not asked for.
      const gone = yield* errorOf(other.ws('ws://engine.test/chat', { socketPath: join(folder, 'nobody.sock') }));
      expect(gone).toMatchObject({ name: 'ClientConnectorError', message: expect.stringContaining('nobody.sock') });
    });
    sockets.close();
  });

  test('keeps the connections of one socket from those of another', async () => {
    const first = await listen(hello('first'), 'first.sock');
    const second = await listen(hello('second'), 'second.sock');
    await run(function* () {
      const session = yield* Session.open({ socketPath: first });
      expect(yield* session.get('http://a.test/').text()).toBe('first a.test/');
      expect(yield* session.get('http://a.test/', { socketPath: second }).text()).toBe('second a.test/');
      expect(yield* session.get('http://a.test/').text()).toBe('first a.test/');
      expect(session.pool.stats.created).toBe(2);
    });
  });

  test('of a session serves its base alone, and null is none', async () => {
    const socketPath = await listen(hello('socket'));
    const tcp = await serve((_request, response) => response.end('tcp'));
    await run(function* () {
      const session = yield* Session.open({ socketPath, baseUrl: 'http://engine.test/' });
      expect(yield* session.get(tcp.url).text()).toBe('tcp');
      const open = yield* Session.open({ socketPath });
      expect(yield* open.get(tcp.url, { socketPath: null }).text()).toBe('tcp');
    });
  });

  test('stays with a redirect to the same origin, and is left for good by one to another', async () => {
    const tcp = await serve((request, response) => {
      if (request.url === '/back') response.writeHead(302, { Location: 'http://engine.test/end' }).end();
      else response.end(`tcp ${request.url}`);
    });
    const socketPath = await listen((request, response) => {
      if (request.url === '/near') response.writeHead(302, { Location: '/end' }).end();
      else if (request.url === '/far') response.writeHead(302, { Location: `${tcp.url}/far` }).end();
      else if (request.url === '/circle') response.writeHead(302, { Location: `${tcp.url}/back` }).end();
      else response.end(`socket ${request.url}`);
    });
    await run(function* () {
      const session = yield* Session.open({ socketPath, retry: false, timeout: { connect: 2_000 } });
      expect(yield* session.get('http://engine.test/near').text()).toBe('socket /end');
      expect(yield* session.get('http://engine.test/far').text()).toBe('tcp /far');
      // There is no such host: the socket is not found again by its name.
      expect(yield* errorOf(session.get('http://engine.test/circle'))).toBeInstanceOf(ClientConnectorError);
    });
  });

  test('that nobody listens on is a ClientConnectorError that names it', async () => {
    await run(function* () {
      const socketPath = join(folder, 'none.sock');
      const error = yield* errorOf(fetch('http://engine.test/', { socketPath }));
      expect(error).toBeInstanceOf(ClientConnectorError);
      expect(error).toMatchObject({ code: 'ENOENT', phase: 'connect' });
      expect(String(error)).toContain(socketPath);
    });
  });

  test.each([
    ['a proxy', { proxy: 'http://proxy.test:3128' }, 'proxy'],
    ['allowAddress', { allowAddress: 'public' }, 'allowAddress'],
  ] as const)('together with %s is an error, wherever the two are given', async (_, other, name) => {
    await run(function* () {
      const socketPath = '/run/engine.sock';
      const first = yield* errorOf(Session.open({ socketPath, ...other }));
      const session = yield* Session.open({ ...other });
      const second = yield* errorOf(session.get('http://engine.test/', { socketPath }));
      const third = yield* errorOf((yield* Session.open({ socketPath })).get('http://engine.test/', other));
      for (const error of [first, second, third]) {
        expect(error).toBeInstanceOf(InvalidOptionError);
        expect(String(error)).toContain(`socketPath and ${name}`);
      }
    });
  });

  test('has at most 107 bytes', async () => {
    await run(function* () {
      const session = yield* Session.open();
      const get = (socketPath: string): Operation<unknown> =>
        errorOf(session.get('http://engine.test/', { socketPath }));
      expect(yield* get(`/${'x'.repeat(106)}`)).toBeInstanceOf(ClientConnectorError);
      const long = yield* get(`/${'x'.repeat(107)}`);
      expect(long).toBeInstanceOf(InvalidOptionError);
      expect(String(long)).toContain('108 bytes');
      expect(yield* get(`/${'ä'.repeat(54)}`)).toBeInstanceOf(InvalidOptionError);
    });
  });

  test.each(['', 'a\0b', 7, {}])('cannot be %j', async (socketPath) => {
    await run(function* () {
      const error = yield* errorOf(Session.open({ socketPath } as unknown as SessionOptions));
      expect(error).toBeInstanceOf(InvalidOptionError);
    });
  });

  test('leads nowhere in a simulated network', async () => {
    await simulate(function* () {
      expect(yield* errorOf(fetch('http://engine.test/', { socketPath: '/run/engine.sock' }))).toBeInstanceOf(
        ClientConnectorError,
      );
    });
  });
});
