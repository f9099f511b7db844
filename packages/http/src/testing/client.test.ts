/** The real client, through everything that a network can do to it; in virtual time. */
import { attempt, gather, now, type Operation, random, sleep, until } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import { type ClientError, ServerTimeoutError } from '../errors.ts';
import { Session } from '../node/session.ts';
import type { RequestOptions } from '../request/options.ts';
import type { SimulatedNetwork } from './network.ts';
import { simulate } from './simulation.ts';

function* textOf(session: Session, path: string, options?: RequestOptions): Operation<string> {
  const response = yield* session.get(path, options);
  return yield* response.text();
}

function* failureOf(operation: Operation<unknown>): Operation<ClientError> {
  const result = yield* attempt(operation);
  if (result.ok) throw new Error(`it went well: ${String(result.value)}`);
  return result.error as ClientError;
}

/** What a session holds when nothing is under way. */
function checkNothingLeft(session: Session, net: SimulatedNetwork): void {
  const { stats } = session.pool;
  expect(stats.waiting).toBe(0);
  expect(stats.busy).toBe(0);
  expect(net.sockets).toBe(stats.idle);
}

describe('limits', () => {
  test('end a request in the phase in which it is, at the very millisecond', async () => {
    await simulate(
      function* (net) {
        net.name('mute.test', null);
        net.host('off.test').unplug();
        net.host('busy.test').serve(80, function* () {
          yield* sleep(60_000);
        });
        net.host('drip.test').serve(80, function* (request) {
          yield* request.write('drop');
          yield* sleep(60_000);
        });
        net.host('silent.test').listen(443, function* (connection) {
          yield* connection.readUntil('never');
        });
        const session = yield* Session.open();
        const seen: unknown[] = [];
        for (const [url, timeout] of [
          ['http://mute.test/', { connect: 300 }],
          ['http://off.test/', { connect: 300 }],
          ['https://silent.test/', { connect: 300 }],
          ['http://busy.test/', { headers: 300 }],
          ['http://drip.test/', { idle: 300 }],
          ['http://busy.test/', { total: 300 }],
        ] as const) {
          const begin = now();
          const error = yield* failureOf(textOf(session, url, { timeout }));
          expect(error).toBeInstanceOf(ServerTimeoutError);
          seen.push([(error as ServerTimeoutError).limit, error.phase, now() - begin]);
          checkNothingLeft(session, net);
        }
        expect(seen).toEqual([
          ['connect', 'dns', 300],
          ['connect', 'connect', 300],
          ['connect', 'tls', 300],
          // From the moment at which the request was sent: after DNS and TCP.
          ['headers', 'headers', 340],
          // From the last chunk: after DNS, TCP and HTTP.
          ['idle', 'body', 360],
          ['total', 'headers', 300],
        ]);
      },
      { latency: 10 },
    );
  });

  test('on the queue end the wait for a connection, and leave the others their turn', async () => {
    await simulate(function* (net) {
      net.serve('http://api.test', function* (request) {
        yield* sleep(1_000);
        return request.target;
      });
      const session = yield* Session.open({ baseUrl: 'http://api.test/', pool: { limit: 1 } });
      const results = yield* gather([
        textOf(session, '/1'),
        failureOf(textOf(session, '/2', { timeout: { queue: 500 } })),
        textOf(session, '/3'),
      ]);
      expect([results[0], results[2]]).toEqual(['/1', '/3']);
      expect(results[1]).toMatchObject({ limit: 'queue', phase: 'queue' });
      expect(session.pool.stats).toMatchObject({ created: 1, reused: 1 });
    });
  });

  test('for idle time do not count a slow drip that goes on, while the total does', async () => {
    await simulate(function* (net) {
      net.serve('http://drip.test', function* (request) {
        for (let drop = 0; drop < 100; drop++) {
          yield* request.write('.');
          yield* sleep(900);
        }
      });
      const session = yield* Session.open({ baseUrl: 'http://drip.test/' });
      expect(yield* textOf(session, '/', { timeout: { idle: 1_000 } })).toBe('.'.repeat(100));
      expect(now()).toBeGreaterThan(90_000);
      const error = yield* failureOf(textOf(session, '/', { timeout: { idle: 1_000, total: 5_000 } }));
      expect(error).toMatchObject({ limit: 'total', phase: 'body' });
      checkNothingLeft(session, net);
    });
  });
});

describe('a connection', () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nhello, world';

  test('that is reset at any byte of the response gives an error of ours, never half a body, and leaves nothing', async () => {
    const names = new Map<string, number>();
    for (let bytes = 0; bytes < answer.length; bytes++) {
      await simulate(function* (net) {
        net.host('api.test').listen(
          80,
          function* (connection) {
            yield* connection.readUntil('\r\n\r\n');
            yield* connection.write(answer);
            yield* connection.read();
          },
          { link: { resetAfter: bytes } },
        );
        const session = yield* Session.open({ baseUrl: 'http://api.test/' });
        const error = yield* failureOf(textOf(session, '/'));
        expect(error.code, `after ${bytes} bytes: ${error.message}`).toMatch(/^(ECONNRESET|CONTENT_LENGTH)$/);
        names.set(error.name, (names.get(error.name) ?? 0) + 1);
        checkNothingLeft(session, net);
      });
    }
    const head = answer.length - 'hello, world'.length;
    expect(Object.fromEntries(names)).toEqual({ ServerDisconnectedError: head, ContentLengthError: 12 });
  });

  test('that turns silent at any byte of the response ends with the limit of its phase', async () => {
    for (let bytes = 0; bytes < answer.length; bytes++) {
      await simulate(function* (net) {
        net.serve('http://api.test', () => 'hello, world', { link: { silentAfter: bytes } });
        const session = yield* Session.open({ baseUrl: 'http://api.test/', timeout: { headers: 700, idle: 900 } });
        const result = yield* attempt(textOf(session, '/'));
        if (result.ok) expect(result.value).toBe('hello, world');
        else expect(result.error).toMatchObject({ name: 'ServerTimeoutError' });
        expect(session.pool.stats.busy).toBe(0);
      });
    }
  });

  test('that is half-open in the pool costs one timeout, and the next request gets a new one', async () => {
    await simulate(function* (net) {
      const host = net.serve('http://api.test', (request) => String(request.connection));
      const session = yield* Session.open({ baseUrl: 'http://api.test/', timeout: { headers: 500 } });
      expect(yield* textOf(session, '/')).toBe('1');
      host.unplug();
      expect(yield* failureOf(textOf(session, '/'))).toMatchObject({ limit: 'headers' });
      host.plugIn();
      expect(yield* textOf(session, '/')).toBe('2');
      checkNothingLeft(session, net);
    });
  });

  test('that the server closed while it was idle is replaced, and the request is sent once more', async () => {
    await simulate(
      function* (net) {
        net.host('api.test').listen(80, function* (connection) {
          yield* connection.readUntil('\r\n\r\n');
          yield* connection.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${connection.number}`);
          yield* sleep(1_000);
        });
        const session = yield* Session.open({ baseUrl: 'http://api.test/' });
        expect(yield* textOf(session, '/')).toBe('1');
        // The server closes while the second request is on its way.
        yield* sleep(985);
        expect(yield* textOf(session, '/')).toBe('2');
        expect(session.pool.stats.created).toBe(2);
      },
      { latency: 10 },
    );
  });

  test('is used again for as long as keepAlive says, by the clock of the program', async () => {
    await simulate(function* (net) {
      net.serve('http://api.test', (request) => String(request.connection));
      const session = yield* Session.open({ baseUrl: 'http://api.test/', pool: { keepAlive: 15_000 } });
      const seen: string[] = [];
      for (const pause of [0, 14_000, 14_000, 16_000]) {
        yield* sleep(pause);
        seen.push(yield* textOf(session, '/'));
      }
      expect(seen).toEqual(['1', '1', '1', '2']);
    });
  });

  test('is as fast as its link', async () => {
    await simulate(
      function* (net) {
        net.serve('http://api.test', () => new Uint8Array(1_000_000));
        const session = yield* Session.open({ baseUrl: 'http://api.test/' });
        const response = yield* session.get('/');
        expect((yield* response.bytes()).length).toBe(1_000_000);
        expect(now()).toBeGreaterThan(10_000);
        expect(now()).toBeLessThan(10_200);
      },
      { latency: 5, bandwidth: 100_000 },
    );
  });
});

describe('retries', () => {
  test('take a server that breaks, refuses and is busy for what it is, and wait as the policy says', async () => {
    await simulate(
      function* (net) {
        let call = 0;
        net.serve('http://api.test', (request) => {
          call += 1;
          if (call === 1) request.reset();
          else if (call === 2) return { status: 503 };
          else if (call === 3) return { status: 429, headers: { 'Retry-After': '30' } };
          return `call ${call}`;
        });
        const session = yield* Session.open({ baseUrl: 'http://api.test/' });
        const begin = now();
        const retry = { attempts: 5, delay: 100, factor: 2, jitter: false };
        expect(yield* textOf(session, '/', { retry })).toBe('call 4');
        expect(now() - begin).toBeGreaterThan(100 + 200 + 30_000);
        expect(now() - begin).toBeLessThan(100 + 200 + 30_000 + 50);
        checkNothingLeft(session, net);
      },
      { latency: 1 },
    );
  });

  test('draw their waits from the seed', async () => {
    const times = (seed: number): Promise<number[]> =>
      simulate(
        function* (net) {
          const at: number[] = [];
          net.serve('http://api.test', () => {
            at.push(now());
            return { status: 503 };
          });
          const session = yield* Session.open({ baseUrl: 'http://api.test/' });
          yield* session.get('/', { retry: { attempts: 5 } });
          return at;
        },
        { seed, jitter: 5 },
      );
    const [first, again, other] = [await times(1), await times(1), await times(2)];
    expect(first).toHaveLength(5);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

describe('redirects', () => {
  test('lead from host to host, without what belongs to the first', async () => {
    await simulate(function* (net) {
      net.serve('https://one.test', () => ({ status: 302, headers: { Location: 'https://two.test/next' } }));
      net.serve('https://two.test', (request) => ({
        json: { target: request.target, authorization: request.headers.get('authorization') },
      }));
      const session = yield* Session.open();
      const response = yield* session.get('https://one.test/', { auth: new BasicAuth('me', 'secret') });
      expect(yield* response.json()).toEqual({ target: '/next', authorization: null });
      expect(response.history.map(({ url }) => url)).toEqual(['https://one.test/']);
    });
  });
});

describe('names', () => {
  test('that are not known, or answered with an error, end a request in the phase dns', async () => {
    await simulate(function* (net) {
      net.name('broken.test', 'ESERVFAIL');
      const session = yield* Session.open();
      for (const [name, code] of [
        ['nowhere.test', 'ENOTFOUND'],
        ['broken.test', 'ESERVFAIL'],
      ]) {
        expect(yield* failureOf(textOf(session, `http://${name}/`))).toMatchObject({
          name: 'DnsError',
          code,
          phase: 'dns',
        });
      }
      expect(net.asked).toEqual(['nowhere.test', 'broken.test']);
    });
  });

  test('that come late, change, and are kept for their time to live', async () => {
    await simulate(function* (net) {
      net.host('old', ['10.1.0.1']).serve(80, () => 'old');
      net.host('new', ['10.1.0.2']).serve(80, () => 'new');
      net.name('api.test', ['10.1.0.1'], { ttl: 1_000, delay: 100 });
      const session = yield* Session.open({ baseUrl: 'http://api.test/', pool: { keepAlive: 0 } });
      expect(yield* textOf(session, '/')).toBe('old');
      expect(now()).toBeGreaterThan(100);
      net.name('api.test', ['10.1.0.2']);
      expect(yield* textOf(session, '/')).toBe('old');
      yield* sleep(1_000);
      expect(yield* textOf(session, '/')).toBe('new');
    });
  });

  test('with several addresses are tried 250 ms apart, and the first that answers wins', async () => {
    await simulate(
      function* (net) {
        net.host('off', ['10.1.0.1']).unplug();
        net.host('refuses', ['10.1.0.3']);
        net.host('good', ['10.1.0.2']).serve(80, () => 'good');
        net.name('api.test', ['10.1.0.1', '10.1.0.3', '10.1.0.2']);
        const session = yield* Session.open();
        expect(yield* textOf(session, 'http://api.test/')).toBe('good');
        // DNS, the first attempt for 250 ms, a refusal, TCP, HTTP.
        expect(now()).toBe(20 + 250 + 20 + 20 + 20);
        expect(net.sockets).toBe(1);
      },
      { latency: 10 },
    );
  });
});

describe('proxies', () => {
  test('carry https through a tunnel and http as it is, and ask for credentials', async () => {
    await simulate(function* (net) {
      net.serve('https://api.test', (request) => `secure ${request.target}`);
      net.serve('http://api.test', (request) => `plain ${request.target}`);
      const { seen } = net.proxy('http://user:password@proxy.test:3128');
      const session = yield* Session.open({ proxy: 'http://proxy.test:3128' });
      expect(yield* failureOf(textOf(session, 'https://api.test/a'))).toMatchObject({
        name: 'ProxyResponseError',
        status: 407,
      });
      const proxyAuth = new BasicAuth('user', 'password');
      expect(yield* textOf(session, 'https://api.test/a', { proxyAuth })).toBe('secure /a');
      expect(yield* textOf(session, 'http://api.test/b', { proxyAuth })).toBe('plain /b');
      expect(seen.map(({ line }) => line)).toEqual([
        'CONNECT api.test:443',
        'CONNECT api.test:443',
        'GET http://api.test/b',
      ]);
      // The client asks no name server for what the proxy connects to.
      expect(net.asked).toEqual(['proxy.test']);
      checkNothingLeft(session, net);
    });
  });

  test('that cannot reach the target say so', async () => {
    await simulate(function* (net) {
      net.proxy('http://proxy.test:3128');
      const session = yield* Session.open({ proxy: 'http://proxy.test:3128' });
      const error = yield* failureOf(textOf(session, 'https://nowhere.test/'));
      expect(error).toMatchObject({ name: 'ProxyResponseError', status: 502 });
    });
  });
});

describe('TLS', () => {
  test('with a faulty certificate fails as a real handshake, and not where verification is off', async () => {
    await simulate(function* (net) {
      const codes: unknown[] = [];
      const session = yield* Session.open();
      for (const certificate of ['expired', 'self-signed', 'wrong-name'] as const) {
        net.serve(`https://${certificate}.test`, () => 'hello', { certificate });
        const error = yield* failureOf(textOf(session, `https://${certificate}.test/`));
        expect(error.name).toBe('ClientSslError');
        codes.push(error.code);
        expect(yield* textOf(session, `https://${certificate}.test/`, { ssl: false })).toBe('hello');
      }
      expect(codes).toEqual(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID']);
      net.host('plain.test').serve(443, () => 'hello');
      checkNothingLeft(session, net);
    });
  });
});

describe('a simulation', () => {
  test('repeats itself, event by event', async () => {
    const once = (): Promise<string[]> =>
      simulate(
        function* (net) {
          const events: string[] = [];
          net.serve('https://api.test', function* (request) {
            yield* sleep(Math.floor(random() * 50));
            events.push(`${now()} serves ${request.target} on ${request.connection}`);
            return 'x'.repeat(5_000);
          });
          const session = yield* Session.open({ baseUrl: 'https://api.test/', pool: { limit: 3 } });
          session.trace.on('phase', ({ phase, id, at }) => void events.push(`${at} request ${id}: ${phase}`));
          yield* gather(Array.from({ length: 20 }, (_, i) => textOf(session, `/${i}`)));
          return events;
        },
        { latency: 5, jitter: 7, bandwidth: 1_000_000, seed: 42 },
      );
    const first = await once();
    expect(first.length).toBeGreaterThan(100);
    for (let turn = 0; turn < 5; turn++) expect(await once()).toEqual(first);
  });

  test('fails for a socket that is left open, and for a program that can never go on', async () => {
    await expect(
      simulate(function* (net) {
        net.host('mute.test').listen(80, function* (connection) {
          yield* connection.readUntil('never');
        });
        const session = yield* Session.open();
        yield* session.get('http://mute.test/', { timeout: null });
      }),
    ).rejects.toThrow(/Nothing can ever run again.*the head of the response/s);
  });

  test('is alone: another network knows nothing of it', async () => {
    await simulate(function* (net) {
      net.serve('http://api.test', () => 'hello');
      const other = simulate(function* () {
        const session = yield* Session.open();
        return (yield* failureOf(textOf(session, 'http://api.test/'))).code;
      });
      expect(yield* until(other)).toBe('ENOTFOUND');
    });
  });
});
