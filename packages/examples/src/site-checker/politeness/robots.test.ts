import { expect, test } from 'vitest';
import { readRobots } from './robots.ts';

const read = (text: string) => readRobots('https://site.test/robots.txt', text);
const url = (path: string) => new URL(path, 'https://site.test/');

test('the longest rule for this checker, or else for everybody, decides', () => {
  const wishes = read(
    'User-agent: *\nDisallow: /\n\nUser-agent: coloop-site-checker\nDisallow: /private\nAllow: /private/open$',
  );
  expect(wishes.allows(url('/'))).toBe(true);
  expect(wishes.allows(url('/private/a'))).toBe(false);
  expect(wishes.allows(url('/private/open'))).toBe(true);
  expect(read('User-agent: *\nDisallow: /a*.pdf').allows(url('/a/b.pdf'))).toBe(false);
});

test('a pause is kept up to a minute', () => {
  expect(read('User-agent: *\nCrawl-delay: 2.5').pause).toBe(2_500);
  expect(read('User-agent: *\nCrawl-delay: 86400').pause).toBe(60_000);
  expect(read('User-agent: *\nCrawl-delay: soon').pause).toBe(0);
});

test('sitemaps are named for everybody, and what is not a robots.txt wishes nothing', () => {
  expect(read('Sitemap: https://site.test/a.xml').sitemaps).toEqual(['https://site.test/a.xml']);
  expect(read('<html>').allows(url('/'))).toBe(true);
});
