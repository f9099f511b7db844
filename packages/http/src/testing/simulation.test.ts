import { now, sleep } from '@coloop/core';
import { expect, test } from 'vitest';
import { Session } from '../node/session.ts';
import { simulate } from './simulation.ts';

test('a program talks to a server that is not there, in no time', async () => {
  await simulate(
    function* (net) {
      net.serve('https://api.test', function* (request) {
        yield* sleep(2_000);
        return { json: { path: request.target } };
      });
      const session = yield* Session.open({ baseUrl: 'https://api.test/' });
      const response = yield* session.get('/slow', { timeout: 5_000 });
      expect(yield* response.json()).toEqual({ path: '/slow' });
      // DNS, TCP, TLS and HTTP take a round trip each.
      expect(now()).toBe(2_000 + 4 * 40);
    },
    { latency: 20 },
  );
});
