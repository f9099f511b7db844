import { gather, type Operation, run, spawn, tick } from '@coloop/core';
import { serveDns } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { DnsError, InvalidOptionError } from '../errors.ts';
import { Resolver } from './resolver.ts';
import type { ResolverOptions } from './resolver-options.ts';

async function failureOf(operation: Operation<unknown>): Promise<unknown> {
  try {
    await run(operation);
  } catch (error) {
    return error;
  }
  return undefined;
}

const v4 = (address: string): object => ({ address, family: 4 });

describe('a resolver with nameservers', () => {
  test('asks them for both families, and keeps the answer', async () => {
    const dns = await serveDns({ 'a.test': ['10.0.0.1', '10.0.0.2', '::1'] });
    const resolver = new Resolver({ nameservers: [dns.address] });
    await run(function* () {
      const first = yield* resolver.lookup('A.test.');
      expect(first).toHaveLength(3);
      expect(first).toEqual(expect.arrayContaining([v4('10.0.0.1'), v4('10.0.0.2'), { address: '::1', family: 6 }]));
      expect(yield* resolver.lookup('a.test')).toEqual(first);
    });
    expect(dns.questions).toHaveLength(2);
  });

  test('asks again when the record has expired, or always with ttl: 0', async () => {
    const dns = await serveDns({ 'a.test': ['10.0.0.1'] }, 0);
    const lasting = await serveDns({ 'a.test': ['10.0.0.1'] }, 60);
    for (const options of [{ nameservers: [dns.address] }, { nameservers: [lasting.address], ttl: 0 }]) {
      const resolver = new Resolver({ ...options, family: 4 });
      await run(function* () {
        yield* resolver.lookup('a.test');
        yield* resolver.lookup('a.test');
      });
    }
    expect([dns.questions.length, lasting.questions.length]).toEqual([2, 2]);
  });

  test('shares one lookup among all tasks that want the name, and survives the cancel of the first', async () => {
    const dns = await serveDns({ 'a.test': ['10.0.0.1'] });
    const resolver = new Resolver({ nameservers: [dns.address], family: 4 });
    await run(function* () {
      const first = spawn(resolver.lookup('a.test'));
      const others = spawn(gather([resolver.lookup('a.test'), resolver.lookup('a.test')]));
      for (let turn = 0; turn < 5; turn++) yield* tick();
      yield* first.cancel();
      expect(yield* others).toEqual([[v4('10.0.0.1')], [v4('10.0.0.1')]]);
    });
    expect(dns.questions).toEqual(['A a.test']);
  });

  test('says what the nameserver said when there is no such name', async () => {
    const dns = await serveDns({ 'only-v4.test': ['10.0.0.1'] });
    const error = await failureOf(new Resolver({ nameservers: [dns.address] }).lookup('b.test'));
    expect(error).toBeInstanceOf(DnsError);
    expect(error).toMatchObject({ code: 'ENOTFOUND', phase: 'dns' });
    expect((error as Error).message).toContain(dns.address);
    const other = await failureOf(new Resolver({ nameservers: [dns.address], family: 6 }).lookup('only-v4.test'));
    expect(other).toMatchObject({ code: 'ENODATA' });
  });

  test('gives up at its limit', async () => {
    const dns = await serveDns({ 'silent.test': [] });
    const error = await failureOf(new Resolver({ nameservers: [dns.address], timeout: 30 }).lookup('silent.test'));
    expect(error).toMatchObject({ name: 'DnsError', code: 'ETIMEOUT' });
  });

  test('never asks anybody for localhost', async () => {
    const dns = await serveDns({});
    const resolver = new Resolver({ nameservers: [dns.address] });
    await run(function* () {
      expect((yield* resolver.lookup('localhost')).map(({ address }) => address)).toEqual(['127.0.0.1', '::1']);
      expect(yield* resolver.lookup('app.localhost')).toHaveLength(2);
    });
    expect(dns.questions).toEqual([]);
  });
});

test('hosts are answered without asking', async () => {
  const resolver = new Resolver({ hosts: { 'API.test': ['10.1.2.3'] } });
  expect(await run(resolver.lookup('api.test'))).toEqual([v4('10.1.2.3')]);
});

test.each([
  ['API.test', 'http://api.test/'],
  ['api.test.', 'http://API.TEST/'],
  ['api.test', 'http://api.test./'],
  ['münchen.test', 'http://münchen.test/'],
  ['MÜNCHEN.test', 'http://xn--mnchen-3ya.test/'],
  ['xn--mnchen-3ya.test', 'http://München.test./'],
  ['bücher。test', 'http://bücher.test/'],
])('hosts that name %s answer for %s', async (name, url) => {
  const resolver = new Resolver({ hosts: { [name]: ['10.1.2.3'] } });
  expect(await run(resolver.lookup(new URL(url).hostname))).toEqual([v4('10.1.2.3')]);
  expect(await run(resolver.lookup(name))).toEqual([v4('10.1.2.3')]);
});

test.each(['', '.', 'a b'])('nobody is asked for %j, which is not a name', async (name) => {
  const dns = await serveDns({});
  const error = await failureOf(new Resolver({ nameservers: [dns.address] }).lookup(name));
  expect(error).toMatchObject({ name: 'DnsError', code: 'ENOTFOUND', phase: 'dns' });
  expect(dns.questions).toEqual([]);
});

test('the system answers where no nameserver is given', async () => {
  const addresses = await run(new Resolver({ family: 4 }).lookup('localhost'));
  expect(addresses).toEqual([v4('127.0.0.1')]);
});

test.each<[string, ResolverOptions, RegExp]>([
  ['a name as nameserver', { nameservers: ['dns.example'] }, /write its address as/],
  ['a port that does not exist', { nameservers: ['1.2.3.4:99999'] }, /write its address as/],
  ['IPv6 without brackets but with a port', { nameservers: ['::1:53x'] }, /write its address as/],
  ['a negative ttl', { ttl: -1 }, /Resolver\.ttl' is -1/],
  ['another family', { family: 5 as 4 }, /Resolver\.family' is 5/],
  ['a host without an address', { hosts: { a: [] } }, /give at least one/],
  ['nameservers as text', { nameservers: '1.2.3.4' as never }, /give a list/],
  ['a list without a nameserver', { nameservers: [] }, /let the system decide/],
  ['a host that is not an address', { hosts: { a: ['b'] } }, /give IP addresses/],
  ['a host without a name', { hosts: { '': ['10.0.0.1'] } }, /hosts' is "": give names of hosts/],
  ['a host that is a lone dot', { hosts: { '.': ['10.0.0.1'] } }, /hosts' is "\."/],
  ['a host with a port', { hosts: { 'a.test:80': ['10.0.0.1'] } }, /without port and path/],
  ['hosts that are null', { hosts: null as never }, /Resolver\.hosts' is null/],
  ['a family that is null', { family: null as never }, /Resolver\.family' is null/],
  ['an unknown setting', { servers: [] } as ResolverOptions, /Resolver has no option 'servers'/],
])('refuses %s', (_, options, message) => {
  expect(() => new Resolver(options)).toThrow(InvalidOptionError);
  expect(() => new Resolver(options)).toThrow(message);
});

test('takes nameservers in all their forms', () => {
  const keys = ['1.2.3.4', '1.2.3.4:53', '[::1]:53', '::1', '[::1]'].map(
    (server) => new Resolver({ nameservers: [server] }).key,
  );
  expect(new Set(keys).size).toBe(2);
});
