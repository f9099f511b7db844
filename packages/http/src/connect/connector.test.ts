import type { Socket } from 'node:net';
import { attempt, type Operation, run, until } from '@coloop/core';
import { serveRaw, serveTls } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { openRoute } from './connector.ts';
import { parseProxy } from './proxy.ts';
import { Resolver } from './resolver.ts';
import type { ConnectContext, Route } from './route.ts';
import { createSslContext } from './ssl.ts';
import { connectTcp } from './tcp.ts';
import { secure, TlsSessions } from './tls.ts';
import { openTunnel } from './tunnel.ts';

const ssl = createSslContext({ verify: false });
const context: ConnectContext = { network: null, sessions: new TlsSessions(), platform: () => ssl };

function routeTo(port: number): Route {
  const authority = `127.0.0.1:${port}`;
  const plain = { key: authority, secure: false, proxy: null, tunnel: false, ssl, localAddress: undefined };
  const rules = { rule: null, proxyRule: null, socketPath: null, http2: false as const, gathers: false };
  return { ...plain, ...rules, hostname: '127.0.0.1', port, authority, host: authority, resolver: new Resolver() };
}

function* open(port: number): Operation<Socket> {
  const addresses = [{ address: '127.0.0.1', family: 4 } as const];
  const target = { display: 'the server', addresses, port, localAddress: undefined, network: null, check: null };
  // As the pool does with every socket.
  return yield* connectTcp(target, (socket) => void socket.on('error', () => {}));
}

function broken(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.destroy(new Error('reset'));
  });
}

// A task that is not the only one to run may come to its turn after its connection has come, and gone again.
describe('a connection that breaks before its task comes to its turn', () => {
  test('is an error of connecting', async () => {
    const { port } = await serveRaw(() => {});
    await run(function* () {
      const track = (socket: Socket): void => void socket.once('connect', () => socket.destroy());
      const tried = yield* attempt(openRoute(routeTo(port), { limit: 5_000, enter: () => {}, track }, context));
      expect(tried).toMatchObject({ ok: false, error: { name: 'ServerDisconnectedError' } });
    });
  });

  test('is an error of the handshake', async () => {
    const { port } = await serveRaw(() => {});
    await run(function* () {
      const socket = yield* open(port);
      yield* until(broken(socket));
      const tried = yield* attempt(
        secure(
          socket,
          { role: 'origin' as const, http2: false as const, hostname: '127.0.0.1', port, context: ssl },
          context.sessions,
        ),
      );
      expect(tried).toMatchObject({ ok: false, error: { name: 'ClientSslError', code: 'ECONNRESET' } });
    });
  });

  test('ends nothing but itself when it was secure already', async () => {
    const { port } = await serveTls((_, response) => response.end());
    await run(function* () {
      const target = { role: 'origin' as const, http2: false as const, hostname: '127.0.0.1', port, context: ssl };
      const socket = yield* secure(yield* open(port), target, context.sessions);
      yield* until(broken(socket));
      expect(socket.errored?.message).toBe('reset');
    });
  });

  test('is an error of the proxy', async () => {
    const { port, url } = await serveRaw(() => {});
    await run(function* () {
      const socket = yield* open(port);
      yield* until(broken(socket));
      const tried = yield* attempt(openTunnel(socket, 'site.test:443', parseProxy(url, 'proxy')));
      expect(tried).toMatchObject({ ok: false, error: { name: 'ClientProxyConnectionError' } });
    });
  });
});
