import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { BearerAuth } from './bearer.ts';

describe('BearerAuth', () => {
  test('sends the token as RFC 6750 writes it', () => {
    expect(new BearerAuth('mF_9.B5f-4.1JqM').authorization).toBe('Bearer mF_9.B5f-4.1JqM');
  });

  test('refuses line breaks, spaces and a scheme inside the token, without repeating it', () => {
    for (const bad of ['', 'abc\r\nX: 1', 'abc\n', 'Bearer abc', 'a\u00e9']) {
      expect(() => new BearerAuth(bad)).toThrow(/RFC 6750/);
    }
    expect(() => new BearerAuth('s3cret\n')).not.toThrow(/s3cret/);
  });

  test('does not show its token when it is printed', () => {
    expect(inspect(new BearerAuth('topsecret'), { showHidden: true })).not.toContain('topsecret');
  });
});
