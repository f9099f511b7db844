import { attempt, now } from '@coloop/core';
import { runTest } from '@coloop/core/testing';
import { expect, test } from 'vitest';
import { WebSocketHandshakeError } from '../errors.ts';
import { Session } from '../node/session.ts';
import { simulation } from './simulation.ts';

// In a file of its own: what the first WebSocket of a process loads must have been loaded before virtual time begins.
test('the first WebSocket of a process waits for nothing outside of the simulation', async () => {
  const { error, at } = await runTest(() =>
    simulation(function* (network) {
      network.serve('http://api.test', () => 'no WebSocket');
      const session = yield* Session.open();
      const opened = yield* attempt(session.ws('http://api.test/', { timeout: 5_000 }));
      return { error: opened.ok ? undefined : opened.error, at: now() };
    }),
  );
  expect(error).toBeInstanceOf(WebSocketHandshakeError);
  expect(at).toBeLessThan(1_000);
});
