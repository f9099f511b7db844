import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ClientConnectionError, ClientError, ServerTimeoutError } from './errors.ts';
import { redactCause, redactHeaders, redactInvalidUrl, redactUrls } from './redact.ts';

test.each([
  ['http://u:p@h/x', 'http://h/x'],
  ['see http://u:p@h and https://a@b/', 'see http://h and https://b/'],
  ['http://h/@scope/name', 'http://h/@scope/name'],
  ['http://h?mail=a@b', 'http://h?mail=a@b'],
  ['http://u:p@ss@h/', 'http://h/'],
  ['nothing here', 'nothing here'],
])('redactUrls(%j)', (text, expected) => {
  expect(redactUrls(text)).toBe(expected);
});

test.each([
  ['http://u:p/ss@h:x/', 'http://h:x/'],
  ['u:p@h', 'h'],
  ['no url', 'no url'],
])('redactInvalidUrl(%j)', (text, expected) => {
  expect(redactInvalidUrl(text)).toBe(expected);
});

test('headers keep what is not userinfo', () => {
  const kept = [
    '/users/@me',
    'https://medium.test/@user/post',
    'https://h.test/a?email=x@y.com',
    '/login?next=me@example.com',
    'mailto:a@b',
  ];
  for (const location of kept) expect(redactHeaders(new Headers({ location })).get('location')).toBe(location);
  const hidden: [string, string][] = [
    ['http://user:pass@h.test/@me', 'http://h.test/@me'],
    ['//user:pass@h.test/', '//h.test/'],
    ['http://user:pa/ss@[h/', 'http://[h/'],
  ];
  for (const [location, shown] of hidden) {
    const before = new Headers({ location, link: `<${location}>`, 'set-cookie': 'a=b' });
    expect(redactHeaders(before).get('location')).toBe(shown);
    expect(before.get('location')).toBe(location);
  }
});

describe('the cause of an error', () => {
  test('is the same object where there is nothing to hide', () => {
    const cause = new Error('plain');
    expect(redactCause(cause)).toBe(cause);
    expect(new ClientError('x', { cause }).cause).toBe(cause);
  });

  test('is a copy without credentials where there is, at any depth, and the original is left alone', () => {
    const inner = Object.assign(new TypeError('bad http://u:secret@h/'), { input: 'http://u:sec/ret@h' });
    const outer = new AggregateError([inner], 'all of http://u:secret@h/ failed', { cause: inner });
    const error = new ClientConnectionError('to http://u:secret@h/', { cause: outer });
    expect(inspect(error, { depth: 9 })).not.toMatch(/sec/);
    expect(error.cause).toBeInstanceOf(AggregateError);
    expect(inner.message).toContain('secret');
  });
});

test('a timeout of the client is both a ClientError and a TimeoutError, and nothing else is', () => {
  const error = new ServerTimeoutError('late', { limit: 'total' });
  expect([error instanceof ClientError, error instanceof ClientConnectionError, error.name]).toEqual([
    true,
    true,
    'ServerTimeoutError',
  ]);
  expect(new Error('x') instanceof ClientError).toBe(false);
  expect((null as unknown) instanceof ClientError).toBe(false);
});
