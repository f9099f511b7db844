import { attempt, forEach, run } from '@coloop/core';
import { type Connection, connect, listen } from '@coloop/core/node';
import { expect, test } from 'vitest';
import { CA, SERVER_CERT, SERVER_KEY } from './certificates.ts';

// Core has no certificates of its own for tests: its sockets meet TLS here.

const tls = { cert: SERVER_CERT, key: SERVER_KEY };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const echo = (peer: Connection) => forEach(peer, (bytes) => peer.write(bytes));

test('a connection over TLS verifies the certificate, and reads and writes as any other', () =>
  run(function* () {
    const server = yield* listen({ host: '127.0.0.1', tls: { ...tls, ALPNProtocols: ['one', 'two'] } }, echo);
    const address = { host: 'localhost', port: server.port };
    const refused = yield* attempt(connect({ ...address, tls: true }));
    expect(refused).toMatchObject({
      ok: false,
      error: { name: 'ConnectError', code: expect.stringMatching(/CERT|ISSUER|VERIFY/) },
    });
    const connection = yield* connect({ ...address, tls: { ca: CA, ALPNProtocols: ['two'] } });
    expect(connection.protocol).toBe('two');
    yield* connection.write('hello');
    expect(text(yield* connection.readExactly(5))).toBe('hello');
    yield* connection.end();
    expect((yield* connection.read()).length).toBe(0);
  }));

test('a client that speaks no TLS ends nothing but its own connection', () =>
  run(function* () {
    const server = yield* listen({ host: '127.0.0.1', tls }, echo);
    const plain = yield* connect({ host: '127.0.0.1', port: server.port });
    yield* plain.write('GET / HTTP/1.1\r\n\r\n');
    yield* attempt(plain.read());
    const good = yield* connect({ host: '127.0.0.1', port: server.port, tls: { ca: CA, servername: 'localhost' } });
    yield* good.write('x');
    expect(text(yield* good.readExactly(1))).toBe('x');
  }));
