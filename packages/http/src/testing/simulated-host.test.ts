import { attempt, now, type Operation, sleep, spawn } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../errors.ts';
import { fetch } from '../node/fetch.ts';
import { PeerGoneError } from './connection.ts';
import { simulate, simulation } from './simulation.ts';

function* textOf(url: string): Operation<string> {
  using response = yield* fetch(url, { timeout: 1_000 });
  return yield* response.text();
}

describe('a simulated host', () => {
  test('is the same for the same name, has an address, and counts its connections', async () => {
    await simulate(function* (net) {
      const host = net.serve('http://api.test', () => 'hello');
      expect(net.host('API.test')).toBe(host);
      expect(host.addresses).toEqual(['10.0.0.1']);
      yield* textOf('http://api.test/');
      expect([host.connections, host.accepted]).toEqual([1, 1]);
      expect(yield* textOf('http://10.0.0.1/')).toBe('hello');
    });
  });

  test('serves by its address alone, and by one of IPv6', async () => {
    await simulate(function* (net) {
      net.host('10.9.9.9').serve(80, () => 'four');
      net.host('six.test', ['fd00::1']).serve(8080, () => 'six');
      expect(yield* textOf('http://10.9.9.9/')).toBe('four');
      expect(yield* textOf('http://six.test:8080/')).toBe('six');
      expect(yield* textOf('http://[fd00::1]:8080/')).toBe('six');
    });
  });

  test('breaks all its connections in a crash, and refuses new ones where it does not listen', async () => {
    await simulate(function* (net) {
      const host = net.serve('http://api.test', function* () {
        yield* sleep(500);
        return 'late';
      });
      const request = spawn(attempt(textOf('http://api.test/')));
      yield* sleep(100);
      host.crash();
      expect(yield* request).toMatchObject({
        ok: false,
        error: { name: 'ServerDisconnectedError', code: 'ECONNRESET' },
      });
      host.unlisten(80);
      expect(yield* attempt(textOf('http://api.test/'))).toMatchObject({ error: { code: 'ECONNREFUSED' } });
      expect(yield* attempt(textOf('http://10.0.0.77/'))).toMatchObject({ error: { code: 'EHOSTUNREACH' } });
    });
  });

  test('that is unplugged and plugged in again goes on where it stood', async () => {
    await simulate(function* (net) {
      const host = net.serve('http://api.test', function* () {
        yield* sleep(100);
        return 'late';
      });
      const request = spawn(textOf('http://api.test/'));
      yield* sleep(50);
      host.unplug();
      yield* sleep(500);
      host.plugIn();
      expect(yield* request).toBe('late');
      expect(now()).toBeGreaterThan(550);
    });
  });

  test('takes other links for other connections', async () => {
    await simulate(function* (net) {
      net.serve('http://api.test', (request) => String(request.connection), {
        link: (connection) => (connection === 1 ? { resetAfter: 0 } : {}),
      });
      expect(yield* attempt(textOf('http://api.test/'))).toMatchObject({ ok: false });
      expect(yield* textOf('http://api.test/')).toBe('2');
    });
  });

  test('refuses ports, options and links that cannot be', async () => {
    await simulate(function* (net) {
      expect(() => net.host('a.test').serve(0, () => '')).toThrow('The port of a.test is 0: give a whole number');
      expect(() => net.host('a.test').serve(80, () => '', { lnk: {} } as object)).toThrow(InvalidOptionError);
      expect(() => net.host('a.test', ['10.0.0.9'])).toThrow('has its addresses already');
      expect(() => net.name('b.test', ['nowhere'])).toThrow('not an IP address');
      expect(() => net.serve('api.test', () => '')).toThrow('is not an origin');
    });
    await expect(simulate(function* () {}, { latency: -1 })).rejects.toThrow("The option 'link.latency' is -1");
    await expect(simulate(function* () {}, { latancy: 1 } as object)).rejects.toThrow(InvalidOptionError);
  });
});

describe('a scripted connection', () => {
  test('reads and writes bytes as they are, and learns that the peer has gone', async () => {
    const seen: unknown[] = [];
    await simulate(function* (net) {
      net.host('raw.test').listen(80, function* (connection) {
        const head = yield* connection.readUntil('\r\n\r\n');
        seen.push(String(head).split('\r\n', 1)[0]);
        yield* connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
        seen.push(yield* connection.read());
        const written = yield* attempt(connection.write('more'));
        seen.push(written.ok ? 'written' : written.error instanceof PeerGoneError);
      });
      const request = spawn(attempt(textOf('http://raw.test/path')));
      yield* sleep(100);
      yield* request.cancel();
      // The little that is left of the body is waited for, for a moment.
      yield* sleep(500);
      expect(net.sockets).toBe(0);
    });
    expect(seen).toEqual(['GET /path HTTP/1.1', undefined, true]);
  });

  test('fails the simulation where its script fails', async () => {
    const failure = simulate(function* (net) {
      net.host('raw.test').listen(80, function* (connection) {
        yield* connection.read();
        throw new Error('the script is wrong');
      });
      expect(yield* attempt(textOf('http://raw.test/'))).toMatchObject({ ok: false });
    });
    await expect(failure).rejects.toThrow('the script is wrong');
  });

  test.each([
    ['a number', () => 42, 'A handler answered with 42'],
    ['a list', () => ['a'], 'A handler answered with'],
    ['a promise', async () => 'late', 'A handler answered with a promise: write `function*`'],
  ])('and a handler that answers with %s says so', async (_, handler, message) => {
    const failure = simulate(function* (net) {
      net.serve('http://api.test', handler as never);
      yield* attempt(textOf('http://api.test/'));
    });
    await expect(failure).rejects.toThrow(message);
  });

  test('and a handler may answer with any operation, such as one of a class of its own', async () => {
    class Slow implements Operation<string> {
      *[Symbol.iterator](): ReturnType<Operation<string>[typeof Symbol.iterator]> {
        yield* sleep(10);
        return 'slow';
      }
    }
    await simulate(function* (net) {
      net.serve('http://api.test', () => new Slow());
      expect(yield* textOf('http://api.test/')).toBe('slow');
    });
  });
});

test('a simulation inside of a program has its own fetch, and ends with its task', async () => {
  function* inner(text: string): Operation<string> {
    return yield* spawn(
      simulation(function* (net) {
        net.serve('http://api.test', () => text);
        return yield* textOf('http://api.test/');
      }),
    );
  }
  await simulate(function* (net) {
    net.serve('http://api.test', () => 'outer');
    expect(yield* textOf('http://api.test/')).toBe('outer');
    expect(yield* inner('one')).toBe('one');
    expect(yield* inner('two')).toBe('two');
    expect(yield* textOf('http://api.test/')).toBe('outer');
  });
});
