import { expect, test } from 'vitest';
import { redirectOf } from './redirect.ts';

const from = new URL('https://site.test/a/b');
const redirect = (location: string | undefined, status = 302) =>
  redirectOf({ status, headers: new Headers(location === undefined ? {} : { location }) }, from);

test.each([
  ['/c#d', 'https://site.test/c#d'],
  ['c', 'https://site.test/a/c'],
  ['//other.test', 'https://other.test/'],
  ['http://me:secret@other.test/', 'http://other.test/'],
  ['/\u{d0}\u{bf}', 'https://site.test/%D0%BF'],
  ['/\u{e9}', 'https://site.test/%C3%A9'],
])('%s leads to %s', (location, address) => {
  expect(redirect(location)).toMatchObject({ to: { href: address }, problem: undefined, setsCookie: false });
});

test('what is not a redirect is none', () => {
  expect(redirect(undefined)).toBeUndefined();
  for (const status of [200, 300, 304, 404]) expect(redirect('/c', status)).toBeUndefined();
});

test('to where no browser goes it is broken, and to another program it ends', () => {
  expect(redirect('http://[')?.problem?.why).toBe('redirects');
  expect(redirect('file:///etc/passwd')?.problem?.why).toBe('redirects');
  expect(redirect('mailto:a@b.test')).toEqual({ to: undefined, setsCookie: false, problem: undefined });
});
