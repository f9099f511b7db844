import { attempt, gather, type Operation, race, sleep } from '@coloop/core';
import { expect, test } from 'vitest';
import { Session } from '../node/session.ts';
import type { Response } from '../response/response.ts';
import { simulate } from '../testing/index.ts';

test('responses that a losing or failed branch has got are given back; those of a winner pass to the caller', () =>
  simulate(function* (net) {
    net.serve('http://files.test', function* (request) {
      yield* request.start();
      yield* request.write('begun');
      yield* sleep(20_000);
      yield* request.write(', ended');
      yield* request.end();
      return;
    });
    const session = yield* Session.open();
    const seen: Response[] = [];
    function* getting(): Operation<Response> {
      const response = yield* session.get('http://files.test/');
      seen.push(response);
      return response;
    }
    function* holding(): Operation<void> {
      yield* getting();
      yield* sleep(10_000);
    }
    function* failing(): Operation<never> {
      yield* sleep(1_000);
      throw new Error('planned');
    }
    yield* race([holding(), sleep(1_000)]);
    yield* attempt(gather([getting(), failing()]));
    yield* sleep(1_000);
    expect(seen).toHaveLength(2);
    for (const response of seen) {
      expect(yield* attempt(response.text())).toMatchObject({ ok: false, error: { code: 'RELEASED' } });
    }
    const [won] = yield* gather([getting(), sleep(1)]);
    expect(yield* won.text()).toBe('begun, ended');
  }));
