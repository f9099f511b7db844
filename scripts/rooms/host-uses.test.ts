import { expect, test } from 'vitest';
import { hostUses } from './host-uses.ts';

test('time and chance may not be taken from the host, while dates that are given may be read', () => {
  const uses = (text: string): number => hostUses('a.ts', text).length;
  for (const text of [
    'setTimeout(f, 1);',
    'globalThis.setTimeout(f, 1);',
    'const x = Date.now();',
    'const x = new Date();',
    'const x = performance.now();',
    'const x = Math.random();',
    'const x = globalThis.crypto.getRandomValues(a);',
  ]) {
    expect([text, uses(text)]).toEqual([text, 1]);
  }
  for (const text of [
    'const x = when instanceof Date ? when.getTime() : 0;',
    'const x = new Date(0);',
    'scheduler.setTimeout(f);',
    'const performance = 1; use(performance);',
  ]) {
    expect([text, uses(text)]).toEqual([text, 0]);
  }
});
