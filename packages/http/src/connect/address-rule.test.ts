import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, type Operation, tick } from '@coloop/core';
import { afterAll, describe, expect, test } from 'vitest';
import { AddressNotAllowedError, ClientConnectorError, InvalidOptionError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import type { AddressCandidate, AllowAddress } from '../request/connection-options.ts';
import type { SimulatedNetwork } from '../testing/network.ts';
import { simulate } from '../testing/simulation.ts';

const folder = mkdtempSync(join(tmpdir(), 'allow-address-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A machine that is public, and one that is not, which nothing may reach. */
function serveBoth(net: SimulatedNetwork): { readonly inner: { readonly accepted: number } } {
  net.host('public.test', ['93.184.215.14']).serve(80, () => 'public');
  const inner = net.host('inner.test', ['10.9.9.9']).serve(80, () => 'inner');
  return { inner };
}

function* errorOf(operation: Operation<unknown>): Operation<unknown> {
  const result = yield* attempt(operation);
  return result.ok ? undefined : result.error;
}

function* checkRefused(operation: Operation<unknown>): Operation<AddressNotAllowedError> {
  const error = yield* errorOf(operation);
  expect(error).toBeInstanceOf(AddressNotAllowedError);
  expect(error).toBeInstanceOf(ClientConnectorError);
  expect((error as AddressNotAllowedError).code).toBe('ADDRESS_NOT_ALLOWED');
  return error as AddressNotAllowedError;
}

describe("allowAddress: 'public'", () => {
  test('lets a request to a public address through, and connects nowhere else', async () => {
    await simulate(function* (net) {
      const { inner } = serveBoth(net);
      const session = yield* Session.open({ allowAddress: 'public' });
      expect(yield* session.get('http://public.test/').text()).toBe('public');
      const error = yield* checkRefused(session.get('http://inner.test/'));
      expect(error.message).toContain('inner.test:80');
      expect(error.message).toContain('10.9.9.9 is not public');
      expect(error.phase).toBe('connect');
      expect(error.request?.url).toBe('http://inner.test/');
      expect(inner.accepted).toBe(0);
    });
  });

  test('judges literals in every spelling that a URL takes', async () => {
    await simulate(function* (net) {
      serveBoth(net);
      const session = yield* Session.open({ allowAddress: 'public' });
      for (const host of [
        '10.9.9.9',
        '127.0.0.1',
        '127.0.0.1.',
        '0x7f.1',
        '0177.1',
        '2130706433',
        '0',
        '[::1]',
        '[::ffff:7f00:1]',
        '[64:ff9b::a00:1]',
        '[64:ff9b:1::a00:1]',
        '[2002:7f00:1::]',
        '[fe80::1]',
      ]) {
        yield* checkRefused(session.get(`http://${host}/`));
      }
      expect(yield* session.get('http://0x5db8d70e/').text()).toBe('public');
    });
  });

  test('tries the other addresses where some are refused', async () => {
    await simulate(function* (net) {
      const { inner } = serveBoth(net);
      net.name('both.test', ['10.9.9.9', '93.184.215.14', '127.0.0.1']);
      const session = yield* Session.open({ allowAddress: 'public' });
      expect(yield* session.get('http://both.test/').text()).toBe('public');
      expect(inner.accepted).toBe(0);
    });
  });

  test('connects to the address that it was asked about, whatever the name says next', async () => {
    await simulate(function* (net) {
      const { inner } = serveBoth(net);
      let asked = 0;
      net.name(
        'rebinding.test',
        function* () {
          yield* tick();
          asked += 1;
          return asked === 1 ? ['93.184.215.14'] : ['10.9.9.9'];
        },
        { ttl: 0 },
      );
      const session = yield* Session.open({ allowAddress: 'public', pool: { keepAlive: 0 } });
      expect(yield* session.get('http://rebinding.test/').text()).toBe('public');
      yield* checkRefused(session.get('http://rebinding.test/'));
      expect([asked, inner.accepted]).toEqual([2, 0]);
    });
  });

  test('is asked again at every redirect, and for events, downloads and WebSockets', async () => {
    await simulate(function* (net) {
      const { inner } = serveBoth(net);
      net.host('leads.test', ['93.184.215.15']).serve(80, () => ({
        status: 302,
        headers: { Location: 'http://inner.test/' },
      }));
      const session = yield* Session.open({ allowAddress: 'public', retry: { attempts: 5 } });
      const error = yield* checkRefused(session.get('http://leads.test/'));
      expect(error.request?.url).toBe('http://inner.test/');
      yield* checkRefused(session.events('http://leads.test/').next());
      yield* checkRefused(session.events('http://inner.test/').next());
      yield* checkRefused(session.download('http://leads.test/', join(folder, 'file')));
      yield* checkRefused(session.ws('ws://inner.test/'));
      expect(inner.accepted).toBe(0);
    });
  });

  test('is never retried', async () => {
    await simulate(function* (net) {
      serveBoth(net);
      let asked = 0;
      const allowAddress: AllowAddress = () => {
        asked += 1;
        return false;
      };
      const session = yield* Session.open({ allowAddress, retry: { attempts: 5 } });
      yield* checkRefused(session.get('http://public.test/'));
      expect(asked).toBe(1);
    });
  });

  test('shares no connection with requests that have no rule or another one', async () => {
    await simulate(function* (net) {
      serveBoth(net);
      const session = yield* Session.open();
      expect(yield* session.get('http://inner.test/').text()).toBe('inner');
      expect(session.pool.stats.idle).toBe(1);
      yield* checkRefused(session.get('http://inner.test/', { allowAddress: 'public' }));
      yield* checkRefused(session.get('http://inner.test/', { allowAddress: () => false }));
      const mine = (): boolean => true;
      for (let i = 0; i < 3; i++) yield* session.get('http://inner.test/', { allowAddress: mine }).text();
      expect(session.pool.stats.created).toBe(2);
    });
  });
});

describe('a function', () => {
  test('is asked about every address, with all that it may want to know', async () => {
    await simulate(function* (net) {
      net.host('six.test', ['2606:4700::1111', '93.184.215.14']).serve(8443, () => 'hello', { certificate: 'valid' });
      const seen: AddressCandidate[] = [];
      const allowAddress: AllowAddress = (candidate) => {
        seen.push(candidate);
        return candidate.family === 4;
      };
      const session = yield* Session.open({ allowAddress });
      expect(yield* session.get('https://six.test:8443/a?b=1').text()).toBe('hello');
      const place = { role: 'origin', host: 'six.test', port: 8443, url: 'https://six.test:8443' };
      expect(seen).toEqual([
        { address: '2606:4700::1111', family: 6, ...place },
        { address: '93.184.215.14', family: 4, ...place },
      ]);
      expect(Object.isFrozen(seen[0])).toBe(true);
    });
  });

  test.each([
    ['a promise', () => Promise.resolve(true), 'Promise'],
    ['a promise that fails', () => Promise.reject(new Error('late')), 'Promise'],
    ['nothing', () => undefined, 'undefined'],
    ['1', () => 1, '1'],
    ['an object', () => ({}), 'object'],
  ])('that answers %s refuses, and the error shows it', async (_, rule, shown) => {
    await simulate(function* (net) {
      serveBoth(net);
      const session = yield* Session.open({ allowAddress: rule as never });
      const error = yield* checkRefused(session.get('http://public.test/'));
      expect(error.message).toContain(shown);
      expect(error.message).toContain('not a boolean');
    });
  });

  test('that throws refuses, and its error is the cause', async () => {
    await simulate(function* (net) {
      serveBoth(net);
      const cause = new TypeError('no list of hosts');
      const session = yield* Session.open({
        allowAddress: () => {
          throw cause;
        },
      });
      const error = yield* checkRefused(session.get('http://public.test/'));
      expect(error.cause).toBe(cause);
      expect(error.message).toContain('no list of hosts');
    });
  });

  test.each(['private', true, null, {}])('is what allowAddress takes, and not %j', async (allowAddress) => {
    await simulate(function* () {
      const options = { allowAddress } as unknown as SessionOptions;
      expect(yield* errorOf(Session.open(options))).toBeInstanceOf(InvalidOptionError);
    });
  });
});

describe('a proxy', () => {
  const PROXY = 'http://proxy.test:3128';

  function proxied(net: SimulatedNetwork) {
    serveBoth(net);
    net.host('proxy.test', ['10.1.1.1']);
    return net.proxy(PROXY);
  }

  test("of the options passes 'public', and its targets are judged here", async () => {
    await simulate(function* (net) {
      const { seen } = proxied(net);
      const session = yield* Session.open({ allowAddress: 'public', proxy: PROXY });
      expect(yield* session.get('http://public.test/').text()).toBe('public');
      const before = seen.length;
      yield* checkRefused(session.get('http://inner.test/'));
      yield* checkRefused(session.get('http://10.9.9.9/'));
      yield* checkRefused(session.get('https://inner.test/'));
      net.name('half.test', ['93.184.215.14', '10.9.9.9']);
      const error = yield* checkRefused(session.get('http://half.test/'));
      expect(error.message).toContain('10.9.9.9 is not public');
      expect(seen).toHaveLength(before);
    });
  });

  test('is asked about like every address where the rule is a function', async () => {
    await simulate(function* (net) {
      proxied(net);
      const seen: string[] = [];
      const allowAddress: AllowAddress = ({ role, address, host, port, url }) => {
        seen.push(`${role} ${address} ${host} ${port} ${url}`);
        return role === 'origin';
      };
      const session = yield* Session.open({ allowAddress, proxy: PROXY });
      yield* checkRefused(session.get('http://public.test/'));
      expect(seen).toEqual([
        'origin 93.184.215.14 public.test 80 http://public.test',
        'proxy 10.1.1.1 proxy.test 3128 http://proxy.test:3128',
      ]);
    });
  });

  test('of the environment is judged as any other address', async () => {
    const before = process.env.http_proxy;
    process.env.http_proxy = PROXY;
    try {
      await simulate(function* (net) {
        const { seen } = proxied(net);
        const session = yield* Session.open({ allowAddress: 'public', trustEnv: true });
        const error = yield* checkRefused(session.get('http://public.test/'));
        expect(error.message).toContain('the proxy http://proxy.test:3128');
        // Nor is the connection of a session whose caller has chosen that proxy taken.
        expect(yield* session.get('http://public.test/', { proxy: PROXY }).text()).toBe('public');
        yield* checkRefused(session.get('http://public.test/'));
        expect(seen).toHaveLength(1);
      });
    } finally {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    }
  });
});
