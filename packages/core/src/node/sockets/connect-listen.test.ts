// Real time: sockets of the system know no other.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { createServer, connect as dialHost } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  attempt,
  forEach,
  forever,
  gather,
  group,
  moveOnAfter,
  type Operation,
  once,
  run,
  Scheduler,
  sleep,
  spawn,
} from '../../index.ts';
import { IncompleteReadError } from '../streams/errors.ts';
import { connect } from './connect.ts';
import { ConnectError } from './connect-error.ts';
import type { Connection } from './connection.ts';
import { listen } from './listen.ts';
import type { Server } from './server.ts';

const LOCAL = { host: '127.0.0.1' } as const;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const folder = mkdtempSync(join(tmpdir(), 'sockets-'));

function* echo(peer: Connection): Operation<void> {
  yield* forEach(peer, (bytes) => peer.write(bytes));
}

const to = (server: Server): Operation<Connection> => connect({ ...LOCAL, port: server.port });

function* errorOf(operation: Operation<unknown>): Operation<Error & { code?: string }> {
  const result = yield* attempt(operation);
  if (result.ok) throw new Error('it did not fail');
  return result.error as Error;
}

describe('connect and listen', () => {
  test('many connections are handled at once, each in a task of its own', () =>
    run(function* () {
      const server = yield* listen(LOCAL, function* (peer) {
        const name = text(yield* peer.readUntil('\n')).trim();
        yield* sleep(20);
        yield* peer.write(`hello ${name}\n`);
      });
      expect(server.port).toBeGreaterThan(0);
      const ask = function* (name: string) {
        const connection = yield* to(server);
        expect(connection.remoteAddress).toEqual({ host: '127.0.0.1', port: server.port });
        yield* connection.write(`${name}\n`);
        return yield* connection.lines().next();
      };
      const names = Array.from({ length: 50 }, (_, i) => `n${i}`);
      const answers = yield* gather(names.map(ask));
      expect(answers.map(({ value }) => value)).toEqual(names.map((name) => `hello ${name}`));
      yield* server.close();
      expect(server.connections).toBe(0);
    }));

  test('either end may end its direction and still read', () =>
    run(function* () {
      const server = yield* listen(LOCAL, function* (peer) {
        let all = '';
        yield* forEach(peer, (bytes) => {
          all += text(bytes);
        });
        yield* peer.write(`you said ${all}`);
      });
      const connection = yield* to(server);
      yield* connection.write('one');
      yield* connection.write(' two');
      yield* connection.end();
      yield* connection.end();
      expect(text(yield* connection.readExactly(16))).toBe('you said one two');
      expect((yield* connection.read()).length).toBe(0);
      expect((yield* errorOf(connection.write('more'))).name).toBe('ClosedChannelError');
    }));

  test('a write waits while the other side does not read, and a cancel ends the wait', () =>
    run(function* () {
      const server = yield* listen(LOCAL, () => forever());
      const connection = yield* to(server);
      const flood = function* () {
        for (;;) yield* connection.write(new Uint8Array(1_000_000));
      };
      expect(yield* moveOnAfter(200, flood())).toMatchObject({ timedOut: true });
    }));

  test('the end of a scope closes connections, stops the server and runs the cleanups of handlers', () =>
    run(function* () {
      const cleaned: string[] = [];
      let port = 0;
      yield* group(function* () {
        const server = yield* listen(LOCAL, function* (peer) {
          try {
            yield* peer.write('welcome');
            yield* forever();
          } finally {
            yield* sleep(5);
            cleaned.push('handler');
          }
        });
        port = server.port;
        const connection = yield* to(server);
        expect(text(yield* connection.readExactly(7))).toBe('welcome');
      });
      expect(cleaned).toEqual(['handler']);
      expect(yield* errorOf(connect({ ...LOCAL, port }))).toMatchObject({ name: 'ConnectError', code: 'ECONNREFUSED' });
    }));

  test('with a limit, further connections wait for their turn', () =>
    run(function* () {
      let now = 0;
      let most = 0;
      const server = yield* listen(
        LOCAL,
        function* (peer) {
          most = Math.max(most, ++now);
          yield* sleep(10);
          yield* peer.write('x');
          now--;
        },
        { concurrency: 3 },
      );
      const ask = function* () {
        const connection = yield* to(server);
        return text(yield* connection.readExactly(1));
      };
      expect(yield* gather(Array.from({ length: 10 }, ask))).toEqual(Array(10).fill('x'));
      expect(most).toBe(3);
    }));

  test('a handler that fails is reported once, and the server goes on; what a peer breaks is not', async () => {
    const scheduler = new Scheduler();
    const reported: unknown[] = [];
    scheduler.events.on('unhandled', ({ error }) => reported.push(error));
    const boom = new Error('a bug');
    await run(
      function* () {
        const server = yield* listen(LOCAL, function* (peer) {
          const word = text(yield* peer.readExactly(4));
          if (word === 'boom') throw boom;
          yield* peer.write(word);
        });
        const failing = yield* to(server);
        yield* failing.write('boom');
        expect((yield* failing.read()).length).toBe(0);
        const short = yield* to(server);
        yield* short.write('ab');
        yield* short.end();
        expect((yield* short.read()).length).toBe(0);
        const rude = yield* to(server);
        yield* rude.write('ab');
        yield* rude.close();
        const good = yield* to(server);
        yield* good.write('good');
        expect(text(yield* good.readExactly(4))).toBe('good');
      },
      { scheduler },
    );
    expect(reported).toEqual([boom]);
    // Its stack names the line of the handler, and none of the library.
    expect(boom.stack).toMatch(/^Error: a bug\n {4}at .*connect-listen\.test\.ts:\d+:\d+/);
    expect(boom.stack).not.toMatch(/node\/sockets\/listen\.ts|kernel\//);
  });

  test('a peer that leaves in the middle is told with what it has sent', () =>
    run(function* () {
      const host = createServer((socket) => socket.end('abc'));
      host.listen(0, '127.0.0.1');
      yield* once(host, 'listening');
      const { port } = host.address() as { port: number };
      const connection = yield* connect({ ...LOCAL, port });
      const error = (yield* errorOf(connection.readExactly(10))) as IncompleteReadError;
      expect(error).toBeInstanceOf(IncompleteReadError);
      expect(text(error.partial)).toBe('abc');
      host.close();
    }));

  test('a reset is the error of the system', () =>
    run(function* () {
      const host = createServer((socket) => setTimeout(() => socket.resetAndDestroy(), 5));
      host.listen(0, '127.0.0.1');
      yield* once(host, 'listening');
      const { port } = host.address() as { port: number };
      const connection = yield* connect({ ...LOCAL, port });
      expect(yield* errorOf(connection.read())).toMatchObject({ code: 'ECONNRESET' });
      expect(yield* errorOf(connection.write('x'))).toMatchObject({ code: 'ECONNRESET' });
      host.close();
    }));

  test('close gives up nothing that was written, and ends a read that waits', () =>
    run(function* () {
      let got = 0;
      const server = yield* listen(LOCAL, (peer) =>
        forEach(peer, (bytes) => {
          got += bytes.length;
        }),
      );
      const connection = yield* to(server);
      const reading = spawn(connection.next());
      yield* connection.write(new Uint8Array(3_000_000));
      yield* connection.close();
      yield* connection.close();
      expect(yield* reading).toEqual({ done: true, value: undefined });
      yield* server.close();
      expect(got).toBe(3_000_000);
    }));

  test('a port that is taken, a host that is not there, and nobody who listens are told apart', () =>
    run(function* () {
      const server = yield* listen(LOCAL, echo);
      const taken = yield* errorOf(listen({ ...LOCAL, port: server.port }, echo));
      expect(taken).toBeInstanceOf(ConnectError);
      expect(taken.message).toBe(
        `Cannot listen on 127.0.0.1:${server.port}: somebody else listens there. End that program, or choose another one; port 0 lets the system choose.`,
      );
      expect(yield* errorOf(connect({ host: 'no-such-host.invalid', port: 1 }))).toMatchObject({
        name: 'ConnectError',
        message: expect.stringContaining('No connection to no-such-host.invalid:1: '),
      });
      expect((yield* errorOf(connect({ host: 'localhost', port: 1 }))).message).toBe(
        'No connection to localhost:1: nobody listens there. Start the server, or correct the address.',
      );
      expect((yield* errorOf(connect({ ...LOCAL, port: server.port, tls: true }))).message).toMatch(
        /^No connection to 127\.0\.0\.1:\d+: TLS has failed \([a-z ]+\)\. The port may not speak TLS/,
      );
    }));

  test('an attempt to connect that is cancelled leaves nothing open', () =>
    run(function* () {
      // Documentation addresses (RFC 5737) answer nothing; a sandbox without a network refuses at once.
      const tried = yield* moveOnAfter(50, attempt(connect({ host: '192.0.2.1', port: 9 })));
      expect(tried.timedOut || !tried.value.ok).toBe(true);
    }));

  test('wrong addresses are refused at the call', () => {
    const wrong = (address: object): unknown => connect(address as never);
    expect(() => wrong({})).toThrow("connect takes a 'port', or the 'path' of a unix socket");
    expect(() => wrong({ port: 0 })).toThrow(RangeError);
    expect(() => wrong({ port: 70_000 })).toThrow("'port' is at most 65535, not 70000");
    expect(() => wrong({ port: '80' })).toThrow("'port' takes a whole number");
    expect(() => wrong({ port: 80, path: '/x' })).toThrow("either 'path', or 'host' and 'port', not both");
    expect(() => wrong({ prot: 80 })).toThrow("Did you mean 'port'?");
    expect(() => wrong({ path: '' })).toThrow("'path' is empty");
    expect(() => wrong({ path: `/tmp/${'x'.repeat(120)}` })).toThrow('a unix socket takes at most');
    expect(() => listen({ tls: true } as never, echo)).toThrow('takes the certificate and key');
    expect(() => listen({}, 5 as never)).toThrow('listen takes a function');
    expect(() => listen({}, echo, { concurrency: 0 })).toThrow(RangeError);
    expect(() => listen({}, echo, { backlog: 1 } as never)).toThrow("listen has no option 'backlog'");
  });
});

describe.skipIf(process.platform === 'win32')('a unix socket', () => {
  test('is for the own user alone, and is removed with its server', () =>
    run(function* () {
      const path = join(folder, 'own.sock');
      const server = yield* listen({ path }, echo);
      expect([server.path, server.port]).toEqual([path, 0]);
      expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
      const connection = yield* connect({ path });
      expect(connection.remoteAddress).toBeNull();
      yield* connection.write('hi');
      expect(text(yield* connection.readExactly(2))).toBe('hi');
      yield* connection.close();
      yield* server.close();
      yield* sleep(5);
      expect(() => statSync(path)).toThrow('ENOENT');
    }));

  test('that was left behind is replaced; one that is listened on, and a file, are not', () =>
    run(function* () {
      const path = join(folder, 'stale.sock');
      // A process that is killed leaves its socket behind.
      const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
      spawnSync(process.execPath, ['-e', script]);
      expect(statSync(path).isSocket()).toBe(true);
      const server = yield* listen({ path }, echo);
      expect(yield* errorOf(listen({ path }, echo))).toMatchObject({ name: 'ConnectError', code: 'EADDRINUSE' });
      const still = yield* connect({ path });
      yield* still.close();
      yield* server.close();
      const file = join(folder, 'file');
      writeFileSync(file, 'precious');
      expect(yield* errorOf(listen({ path: file }, echo))).toMatchObject({ code: 'EEXIST' });
      expect(statSync(file).size).toBe(8);
      expect(yield* errorOf(connect({ path: join(folder, 'none.sock') }))).toMatchObject({ code: 'ENOENT' });
    }));
});

test('a client of another kind that connects and says nothing holds nobody up', () =>
  run(function* () {
    const server = yield* listen(LOCAL, echo);
    const silent = dialHost(server.port, '127.0.0.1');
    yield* once(silent, 'connect');
    const connection = yield* to(server);
    yield* connection.write('x');
    expect(text(yield* connection.readExactly(1))).toBe('x');
    silent.destroy();
  }));
