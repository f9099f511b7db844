import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenges } from './challenges.ts';

const plain = (header: string): unknown[] =>
  parseChallenges(header).map(({ scheme, token68, params }) => [scheme, token68 ?? Object.fromEntries(params)]);

describe('parseChallenges', () => {
  test('reads several challenges from one line, as in RFC 9110', () => {
    expect(plain('Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""')).toEqual([
      ['basic', { realm: 'simple' }],
      ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
    ]);
  });

  test('reads token68 forms, bare schemes and stray commas', () => {
    expect(plain(', Negotiate a87421000492aa==, , NTLM, Basic realm=x,')).toEqual([
      ['negotiate', 'a87421000492aa=='],
      ['ntlm', {}],
      ['basic', { realm: 'x' }],
    ]);
  });

  test('takes names in any case, spaces around the equals sign, and commas inside quotes', () => {
    expect(plain('DIGEST Realm = "a, b", QOP="auth,auth-int" , nonce="x"')).toEqual([
      ['digest', { realm: 'a, b', qop: 'auth,auth-int', nonce: 'x' }],
    ]);
  });

  test('keeps the first of two values of one name', () => {
    expect(plain('Digest nonce=a, nonce=b')).toEqual([['digest', { nonce: 'a' }]]);
  });

  test('gives what stands before the first mistake', () => {
    expect(plain('Basic realm="x", Digest realm="never closed')).toEqual([['basic', { realm: 'x' }]]);
    expect(plain('"no scheme"')).toEqual([]);
    expect(plain('')).toEqual([]);
  });

  test('never throws, whatever a server sends', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ \t,="\\a-cA-C/+~-]{0,60}$/), (header) => {
        for (const { scheme, params } of parseChallenges(header)) {
          expect(scheme).toMatch(/^[^\s,="]+$/);
          expect([...params.keys()].every((name) => name === name.toLowerCase())).toBe(true);
        }
      }),
    );
  });

  test('stays linear on long hostile headers', () => {
    expect(parseChallenges(`Digest x="${'\\'.repeat(100_001)}`)).toHaveLength(0);
    expect(parseChallenges(`Digest ${'a '.repeat(50_000)}`).length).toBeGreaterThan(0);
    expect(parseChallenges('a,'.repeat(50_000))).toHaveLength(50_000);
  });
});
