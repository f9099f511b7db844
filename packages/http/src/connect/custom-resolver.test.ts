import { attempt, type Operation, sleep } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { AddressNotAllowedError, DnsError, InvalidOptionError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import type { NameResolver } from '../request/connection-options.ts';
import { simulate } from '../testing/simulation.ts';

const ADDRESS = '93.184.215.14';

function* errorOf(options: SessionOptions): Operation<Error> {
  const session = yield* Session.open(options);
  const result = yield* attempt(session.get('http://api.test/'));
  if (result.ok) throw new Error('it went well');
  return result.error as Error;
}

describe('a resolver of one’s own', () => {
  test('is any object with an operation lookup', async () => {
    await simulate(function* (net) {
      net.host('elsewhere.test', [ADDRESS]).serve(80, () => 'found');
      const asked: string[] = [];
      const resolver: NameResolver = {
        *lookup(hostname) {
          yield* sleep(10);
          asked.push(hostname);
          return [{ address: ADDRESS, family: 4 }];
        },
      };
      const session = yield* Session.open({ resolver });
      expect(yield* session.get('http://api.test/').text()).toBe('found');
      expect(yield* session.get('http://api.test/', { resolver }).text()).toBe('found');
      expect(asked).toEqual(['api.test']);
      expect(session.pool.stats.created).toBe(1);
      expect(net.asked).toEqual([]);
    });
  });

  test('does not decide where requests may go', async () => {
    await simulate(function* () {
      const resolver = answering([{ address: '127.0.0.1', family: 4 }]);
      expect(yield* errorOf({ resolver, allowAddress: 'public' })).toBeInstanceOf(AddressNotAllowedError);
    });
  });

  test.each([
    ['a text', '10.0.0.7', '"10.0.0.7"'],
    ['a list of texts', ['10.0.0.7'], '["10.0.0.7"]'],
    ['nothing', undefined, 'undefined'],
    ['null in a list', [null], '[null]'],
    ['no address', [{ address: 'localhost', family: 4 }], 'localhost'],
    ['another spelling of an address', [{ address: '0x7f.1', family: 4 }], '0x7f.1'],
    ['another family', [{ address: '::1', family: 4 }], '"::1","family":4'],
    ['no family', [{ address: '10.0.0.7' }], '[{"address":"10.0.0.7"}]'],
    ['a good address beside a bad one', [{ address: '10.0.0.7', family: 4 }, 7], ',7]'],
  ])('that answers %s is an error that shows it', async (_, answer, shown) => {
    await simulate(function* () {
      const error = yield* errorOf({ resolver: answering(answer) });
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error.message).toContain(shown);
      expect(error.message).toContain('api.test');
    });
  });

  test.each([
    ['a promise', () => Promise.resolve([]), 'Promise'],
    ['a promise that fails', () => Promise.reject(new Error('late')), 'Promise'],
    ['a list', () => [{ address: '10.0.0.7', family: 4 }], '10.0.0.7'],
    ['nothing', () => undefined, 'undefined'],
  ])('whose lookup is no operation but %s is an error that shows it', async (_, lookup, shown) => {
    await simulate(function* () {
      const error = yield* errorOf({ resolver: { lookup } as unknown as NameResolver });
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error.message).toContain(shown);
    });
  });

  test('that finds nothing, or throws, is a DnsError', async () => {
    await simulate(function* () {
      const nothing = yield* errorOf({ resolver: answering([]) });
      expect(nothing).toBeInstanceOf(DnsError);
      const cause = Object.assign(new Error('no such zone'), { code: 'ENOZONE' });
      const lookup = (): never => {
        throw cause;
      };
      const failed = yield* errorOf({ resolver: { lookup } });
      expect(failed).toBeInstanceOf(DnsError);
      expect(failed).toMatchObject({ cause, code: 'ENOZONE' });
    });
  });

  test.each([{}, { lookup: 7 }, 'system', 4, null])('cannot be %j', async (resolver) => {
    await simulate(function* () {
      const opened = yield* attempt(Session.open({ resolver } as unknown as SessionOptions));
      expect(opened).toMatchObject({ ok: false, error: expect.any(InvalidOptionError) });
    });
  });
});

function answering(answer: unknown): NameResolver {
  return {
    *lookup() {
      yield* sleep(1);
      return answer as never;
    },
  };
}
