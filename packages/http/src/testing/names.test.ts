import { attempt, type Operation } from '@coloop/core';
import { expect, test } from 'vitest';
import { Resolver } from '../connect/resolver.ts';
import { Session } from '../node/session.ts';
import { simulate } from './simulation.ts';

function* answerOf(nameservers: readonly string[], timeout = 5_000): Operation<string> {
  const session = yield* Session.open({ resolver: new Resolver({ nameservers, timeout }) });
  const result = yield* attempt(session.get('http://api.test/').text());
  return result.ok ? result.value : String((result.error as { code?: string }).code);
}

test('nameservers of a simulated network answer differently, or not at all', async () => {
  await simulate(function* (net) {
    net.host('inner.test', ['10.1.0.1']).serve(80, () => 'inner');
    net.host('outer.test', ['10.2.0.1']).serve(80, () => 'outer');
    net.name('api.test', ['10.2.0.1']);
    net.name('api.test', ['10.1.0.1'], { nameserver: '10.0.0.53' });
    net.name('api.test', null, { nameserver: '10.0.0.54' });
    net.name('api.test', 'ENOTFOUND', { nameserver: '[fd00::53]:53' });
    net.name('api.test', 'ESERVFAIL', { nameserver: '10.0.0.55:5353' });
    expect(yield* answerOf(['10.0.0.53'])).toBe('inner');
    expect(yield* answerOf(['10.0.0.99'])).toBe('outer');
    expect(yield* answerOf(['fd00::53'])).toBe('ENOTFOUND');
    expect(yield* answerOf(['10.0.0.54', '10.0.0.53'])).toBe('inner');
    expect(yield* answerOf(['10.0.0.55:5353', '10.0.0.99'])).toBe('outer');
    expect(yield* answerOf(['10.0.0.54'], 300)).toBe('ETIMEOUT');
    const session = yield* Session.open();
    expect(yield* session.get('http://api.test/').text()).toBe('outer');
  });
});
