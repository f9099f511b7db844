import { run } from '@coloop/core';
import { describe, expect, it } from 'vitest';
import { CookieJar } from '../cookies.ts';
import { FakeNext, FakeResponse, fakeRequest } from '../fixtures/requests.ts';
import { cookiesOf } from './cookies.ts';
import { followRedirects } from './redirects.ts';

describe('cookiesOf', () => {
  it('sends what earlier answers set, and only where it belongs', async () => {
    const jar = new CookieJar();
    const fake = new FakeNext(
      new FakeResponse(200, [
        ['set-cookie', 'a=1; Path=/'],
        ['set-cookie', 'b=2; Domain=com'],
      ]),
      new FakeResponse(200),
      new FakeResponse(200),
    );
    for (const url of ['https://one.example.com/', 'https://one.example.com/x', 'https://two.example.com/']) {
      await run(() => cookiesOf(jar)(fakeRequest(url), fake.next));
    }
    expect(fake.requests.map(({ headers }) => headers.get('cookie'))).toEqual([undefined, 'a=1', undefined]);
  });

  it('gives every hop of a redirect the cookies of its own URL', async () => {
    const jar = new CookieJar();
    jar.set('home=1', 'https://example.com/');
    jar.set('other=1', 'https://other.example/');
    const fake = new FakeNext(
      new FakeResponse(302, [
        ['location', 'https://other.example/'],
        ['set-cookie', 'late=1; Path=/'],
      ]),
      new FakeResponse(302, { location: 'https://example.com/back' }),
      new FakeResponse(200),
    );
    const inner = cookiesOf(jar);
    const request = fakeRequest('https://example.com/', { cookies: { call: 'x' }, headers: { Cookie: 'typed=1' } });
    await run(() => followRedirects(request, (hop) => inner(hop, fake.next)));
    expect(fake.requests.map(({ headers }) => headers.get('cookie'))).toEqual([
      'call=x; typed=1; home=1',
      'other=1',
      'home=1; late=1',
    ]);
  });

  it('works without a jar', async () => {
    const fake = new FakeNext(new FakeResponse(200, { 'set-cookie': 'a=1' }), new FakeResponse(200));
    const middleware = cookiesOf(null);
    await run(() => middleware(fakeRequest('https://example.com/', { cookies: { a: 'b' } }), fake.next));
    await run(() => middleware(fakeRequest('https://example.com/'), fake.next));
    expect(fake.requests.map(({ headers }) => headers.get('cookie'))).toEqual(['a=b', undefined]);
  });
});
