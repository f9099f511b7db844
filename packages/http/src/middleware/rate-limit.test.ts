import { gather, now, type Operation, spawn } from '@coloop/core';
import { runTest } from '@coloop/core/testing';
import { describe, expect, test } from 'vitest';
import { FakeNext, FakeResponse, fakeRequest } from '../fixtures/requests.ts';
import type { Middleware } from '../request/request.ts';
import { rateLimit } from './rate-limit.ts';

function* begin(middleware: Middleware, host: string): Operation<string> {
  yield* middleware(fakeRequest(`https://${host}/`), new FakeNext(new FakeResponse(200)).next);
  return `${host} ${now()}`;
}

function times(middleware: Middleware, hosts: string[]): Promise<string[]> {
  return runTest(() => gather(hosts.map((host) => begin(middleware, host))));
}

describe('rateLimit', () => {
  test('lets a burst through and the others at the rate, in order, each host for itself', async () => {
    const middleware = rateLimit({ permits: 2, per: 1000 });
    expect(await times(middleware, ['a', 'a', 'a', 'b', 'a', 'b'])).toEqual([
      'a 0',
      'a 0',
      'a 500',
      'b 0',
      'a 1000',
      'b 0',
    ]);
  });

  test('spreads requests evenly with a burst of one', async () => {
    expect(await times(rateLimit({ permits: 10, per: 1000, burst: 1 }), ['a', 'a', 'a'])).toEqual([
      'a 0',
      'a 100',
      'a 200',
    ]);
  });

  test('can hold one limit for all', async () => {
    const middleware = rateLimit({ permits: 1, per: 100, key: () => 'all' });
    expect(await times(middleware, ['a', 'b', 'c'])).toEqual(['a 0', 'b 100', 'c 200']);
  });

  test('gives the place of the last in the queue back when it leaves', async () => {
    const middleware = rateLimit({ permits: 1, per: 100 });
    const at = await runTest(function* () {
      yield* begin(middleware, 'a');
      const leaving = spawn(begin(middleware, 'a'));
      const other = spawn(begin(middleware, 'b'));
      yield* other;
      yield* leaving.cancel();
      return yield* begin(middleware, 'a');
    });
    expect(at).toBe('a 100');
  });

  test('refuses numbers that make no sense', () => {
    for (const bad of [
      { permits: 0, per: 1 },
      { permits: 1, per: Number.NaN },
      { permits: 1, per: 1, burst: -1 },
    ]) {
      expect(() => rateLimit(bad)).toThrow(/above 0/);
    }
  });
});
