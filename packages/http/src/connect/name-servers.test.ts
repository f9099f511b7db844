// Real time: the resolver of the platform waits for its network.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { gather, type Operation, run, sleep } from '@coloop/core';
import { serve } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { Session, type SessionOptions } from '../node/session.ts';
import { type Answer, type Asked, scriptedNameServer } from './name-server.fixture.ts';
import { Resolver } from './resolver.ts';
import type { ResolverOptions } from './resolver-options.ts';

const silent = (): Answer => ({ answer: null });
const here = ({ type }: Asked): Answer => ({ answer: type === 'A' ? ['127.0.0.1'] : [] });

function* get(url: string, options: SessionOptions): Operation<string> {
  const session = yield* Session.open(options);
  return yield* (yield* session.get(url)).text();
}

describe('a list of nameservers', () => {
  test.each<[string, ResolverOptions, SessionOptions['timeout']]>([
    ['timeout of the resolver', { timeout: 600 }, null],
    ['timeout.connect', {}, { connect: 600 }],
    ['timeout', {}, 600],
  ])('is asked to its end within %s', async (_, options, timeout) => {
    const site = await serve((_request, response) => response.end('ok'));
    await using first = await scriptedNameServer(silent);
    await using second = await scriptedNameServer(silent);
    await using third = await scriptedNameServer(here);
    const resolver = new Resolver({ ...options, nameservers: [first.address, second.address, third.address] });
    expect(await run(get(`http://a.test:${site.port}/`, { resolver, timeout }))).toBe('ok');
    for (const server of [first, second, third])
      expect(server.asked.map(({ type }) => type).sort()).toEqual(['A', 'AAAA']);
  });

  test.each([
    ['cannot answer (SERVFAIL)', 2],
    ['does not implement it (NOTIMP)', 4],
    ['refuses', 5],
  ])('goes on at once behind a server that %s', async (_, code) => {
    await using first = await scriptedNameServer(() => ({ answer: code }));
    await using second = await scriptedNameServer(here);
    const resolver = new Resolver({ nameservers: [first.address, second.address], timeout: 0 });
    expect(await run(resolver.lookup('a.test'))).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });

  test('ends with the first answer, also where it is that there is no such name', async () => {
    await using first = await scriptedNameServer(() => ({ answer: 3 }));
    await using second = await scriptedNameServer(here);
    const resolver = new Resolver({ nameservers: [first.address, second.address] });
    await expect(run(resolver.lookup('a.test'))).rejects.toMatchObject({ name: 'DnsError', code: 'ENOTFOUND' });
    expect(second.asked).toEqual([]);
  });

  test('takes the answer of a slow server, though the next one was asked meanwhile', async () => {
    await using first = await scriptedNameServer((asked) => ({ ...here(asked), after: 250 }));
    await using second = await scriptedNameServer(silent);
    const resolver = new Resolver({ nameservers: [first.address, second.address], timeout: 450 });
    expect(await run(resolver.lookup('a.test'))).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(second.asked).toHaveLength(2);
  });

  test('says what the first of them said where none can answer', async () => {
    await using first = await scriptedNameServer(() => ({ answer: 2 }));
    await using second = await scriptedNameServer(() => ({ answer: 5 }));
    const resolver = new Resolver({ nameservers: [first.address, second.address] });
    await expect(run(resolver.lookup('a.test'))).rejects.toMatchObject({ code: 'ESERVFAIL' });
  });
});

describe('a family whose answer is late', () => {
  const sites = async (): Promise<Readonly<Record<'A' | 'AAAA', number>>> => {
    const four = await serve((_, response) => response.end('4'));
    const six = createServer((_, response) => response.end('6'));
    six.listen(0, '::1');
    await once(six, 'listening');
    six.unref();
    return { A: four.port, AAAA: (six.address() as { port: number }).port };
  };

  // The other family leads to an address where nothing listens.
  test.each([
    ['A', '127.0.0.1', '::1'],
    ['AAAA', '::1', '127.0.0.1'],
  ] as const)('is tried: %s', async (late, right, wrong) => {
    const port = (await sites())[late];
    await using names = await scriptedNameServer(({ type }) =>
      type === late ? { answer: [right], after: 150 } : { answer: [wrong] },
    );
    const resolver = new Resolver({ nameservers: [names.address] });
    await run(function* () {
      const session = yield* Session.open({ resolver });
      expect(yield* (yield* session.get(`http://two.test:${port}/`)).text()).toBe(late === 'A' ? '4' : '6');
      // The whole answer is kept: nobody is asked again.
      yield* session.get(`http://two.test:${port}/`, { headers: { Connection: 'close' } });
      expect(yield* resolver.lookup('two.test')).toHaveLength(2);
    });
    expect(names.asked).toHaveLength(2);
  });

  test('is not waited for where the first one leads to the server', async () => {
    const { A } = await sites();
    await using names = await scriptedNameServer(({ type }) => ({ answer: type === 'A' ? ['127.0.0.1'] : null }));
    const resolver = new Resolver({ nameservers: [names.address] });
    await run(function* () {
      const session = yield* Session.open({ resolver });
      const texts = yield* gather(
        [1, 2, 3].map(function* () {
          return yield* (yield* session.get(`http://two.test:${A}/`)).text();
        }),
      );
      expect(texts).toEqual(['4', '4', '4']);
    });
  });

  test('serves a task that asks for the name while it is awaited', async () => {
    const { AAAA } = await sites();
    await using names = await scriptedNameServer(({ type }) =>
      type === 'A' ? { answer: ['127.0.0.1'] } : { answer: ['::1'], after: 300 },
    );
    const resolver = new Resolver({ nameservers: [names.address] });
    await run(function* () {
      const session = yield* Session.open({ resolver });
      const later = function* (): Operation<string> {
        yield* sleep(150);
        return yield* (yield* session.get(`http://two.test:${AAAA}/`)).text();
      };
      const first = function* (): Operation<string> {
        return yield* (yield* session.get(`http://two.test:${AAAA}/`)).text();
      };
      expect(yield* gather([first(), later()])).toEqual(['6', '6']);
    });
    expect(names.asked).toHaveLength(2);
  });

  test('that never comes leaves the error of those that were tried', async () => {
    await using names = await scriptedNameServer(({ type }) => ({ answer: type === 'A' ? ['127.0.0.1'] : null }));
    const resolver = new Resolver({ nameservers: [names.address], timeout: 300 });
    await expect(run(get('http://two.test:1/', { resolver }))).rejects.toMatchObject({
      name: 'ClientConnectorError',
      code: 'ECONNREFUSED',
    });
  });

  test('ends with the limit of the request', async () => {
    await using names = await scriptedNameServer(({ type }) => ({ answer: type === 'A' ? ['127.0.0.1'] : null }));
    const resolver = new Resolver({ nameservers: [names.address] });
    await expect(run(get('http://two.test:1/', { resolver, timeout: { connect: 200 } }))).rejects.toMatchObject({
      name: 'ServerTimeoutError',
      limit: 'connect',
    });
  });
});
