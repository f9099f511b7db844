import { expect, test } from 'vitest';
import { Site } from './site.ts';

test('a site owns its origins and their twins', () => {
  const site = new Site();
  site.add(new URL('https://www.site.test/docs'));
  site.add(new URL('http://127.0.0.1:8080/'));
  const owns = (address: string) => site.owns(new URL(address));
  expect(
    ['https://www.site.test/', 'http://www.site.test/a', 'https://site.test/', 'http://127.0.0.1:8080/x'].map(owns),
  ).toEqual([true, true, true, true]);
  expect(
    ['https://docs.site.test/', 'https://site.test:444/', 'http://127.0.0.1:8081/', 'http://127.0.0.1/'].map(owns),
  ).toEqual([false, false, false, false]);
});
