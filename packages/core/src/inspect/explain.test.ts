import { describe, expect, test } from 'vitest';
import { TimeoutError } from '../index.ts';
import { codes, explain } from './index.ts';

describe('explain', () => {
  test('has a text for every code', () => {
    for (const code of codes) expect(explain(code)?.length, code).toBeGreaterThan(60);
  });

  test('takes an error, too', () => {
    expect(explain(new TimeoutError('x'))).toMatch(/moveOnAfter/);
  });

  test('knows nothing of other names', () => {
    expect(explain('toString')).toBeUndefined();
    expect(explain(new Error('x'))).toBeUndefined();
  });
});
