import { run } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import { RedirectError, TooManyRedirectsError } from '../errors.ts';
import { FakeNext, type FakeRequest, FakeResponse, fakeRequest } from '../fixtures/requests.ts';
import { BufferedBody } from '../request/body/buffered.ts';
import { takeStream } from '../request/body/owned-stream.ts';
import { StreamedBody } from '../request/body/streamed.ts';
import type { RequestChanges } from '../request/request.ts';
import { followRedirects, nextHop } from './redirects.ts';

const from = 'https://example.com/a/b?q=1';

function hop(location: string, fake: FakeRequest = {}, status = 302, url = from): RequestChanges {
  const changes = nextHop(fakeRequest(url, fake), { status, headers: new Headers({ location }) }, 0);
  if (changes === undefined) throw new Error('not a redirect');
  return changes;
}

const names = (changes: RequestChanges): string[] => [...(changes.headers ?? [])].map(([name]) => name);
const text = (): BufferedBody => new BufferedBody(Buffer.from('body'), 'text/plain');
async function* stream(): AsyncGenerator<string> {
  yield 'body';
}

describe('nextHop', () => {
  test('resolves the Location against the URL that answered and keeps the fragment of the request', () => {
    expect(hop('../c').url?.href).toBe('https://example.com/c');
    expect(hop('?x', {}, 302, `${from}#part`).url?.href).toBe('https://example.com/a/b?x#part');
    expect(hop('/d#own', {}, 302, `${from}#part`).url?.href).toBe('https://example.com/d#own');
    expect(hop('//other.example/').url?.href).toBe('https://other.example/');
  });

  test('reads a Location beyond ASCII as UTF-8', () => {
    expect(hop('/\u00e4\u00bd\u00a0').url?.pathname).toBe('/%E4%BD%A0');
    expect(hop('/caf\u00e9').url?.pathname).toBe('/caf%C3%A9');
  });

  test('follows 301, 302, 303, 307 and 308 with a Location, and nothing else', () => {
    for (const status of [300, 304, 305, 306, 200, 201, 404]) {
      expect(nextHop(fakeRequest(from), { status, headers: new Headers({ location: '/x' }) }, 0)).toBeUndefined();
    }
    expect(nextHop(fakeRequest(from), { status: 302, headers: new Headers() }, 0)).toBeUndefined();
  });

  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [307, 'POST', 'POST'],
    [308, 'PATCH', 'PATCH'],
    [301, 'HEAD', 'HEAD'],
  ])('on %i makes of %s a %s', (status, method, after) => {
    const headers = { 'Content-Type': 'text/plain', 'Content-Language': 'de', 'X-Own': '1' };
    const changes = hop('/x', { method, headers, body: text() }, status);
    expect(changes.method).toBe(after);
    const kept = after === method;
    expect(names(changes)).toEqual(kept ? ['Content-Type', 'Content-Language', 'X-Own'] : ['X-Own']);
    expect(changes.body).toBe(kept ? undefined : null);
  });

  test('sends to another origin nothing that could be a secret, in any case and number', () => {
    const headers: [string, string][] = [
      ['Accept', 'a'],
      ['accept-language', 'b'],
      ['User-Agent', 'c'],
      ['Range', 'bytes=0-'],
      ['If-None-Match', '"x"'],
      ['Content-Type', 'text/plain'],
      ['Cookie', 'a=1'],
      ['cOOKIE', 'b=2'],
      ['Proxy-Authorization', 'Basic x'],
      ['PROXY-authorization', 'Basic y'],
      ['X-Api-Key', 'secret'],
      ['Referer', 'https://example.com/secret'],
      ['Host', 'virtual.example'],
      ['Authorization', 'Bearer x'],
    ];
    const fake = { method: 'PUT', headers, body: text(), auth: new BasicAuth('a', 'b'), cookies: { own: '1' } };
    for (const elsewhere of [
      'https://other.example/',
      'http://example.com/',
      'https://example.com:444/',
      '//sub.example.com/',
    ]) {
      const changes = hop(elsewhere, fake, 307);
      expect(names(changes)).toEqual([
        'Accept',
        'accept-language',
        'User-Agent',
        'Range',
        'If-None-Match',
        'Content-Type',
      ]);
      expect([changes.auth, changes.cookies]).toEqual([null, null]);
    }
    const same = hop('/same', fake, 307);
    expect(names(same)).toEqual(headers.map(([name]) => name));
    expect([same.auth, same.cookies]).toEqual([undefined, undefined]);
  });

  test('forwards what forwardHeaders names, but never Host', () => {
    const fake = {
      headers: { Authorization: 'Bearer x', 'X-Trace': '1', Host: 'v', Cookie: 'a=1' },
      options: { forwardHeaders: new Set(['x-trace', 'host']) },
    };
    expect(names(hop('https://other.example/', fake))).toEqual(['X-Trace']);
  });

  test('takes headers that describe a body along only with the body', () => {
    const headers = { 'Content-Type': 'text/plain', 'Content-Token': 'x' };
    expect(names(hop('https://other.example/', { headers }))).toEqual([]);
    expect(names(hop('https://other.example/', { method: 'PUT', headers, body: text() }, 307))).toHaveLength(2);
  });

  test('ignores credentials in a Location to another origin, and uses those to the same one', () => {
    const other = hop('https://evil:pw@other.example/', { auth: new BasicAuth('a', 'b') });
    expect([other.auth, other.url?.href]).toEqual([null, 'https://other.example/']);
    const same = hop('https://new:pw@example.com/x');
    expect([(same.auth as BasicAuth).user, same.url?.href]).toEqual(['new', 'https://example.com/x']);
  });

  test.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:alert(1)',
    'ws://example.com/',
    'http://',
    'http://a b/',
    'http://[::1',
  ])('refuses to go to %s', (location) => {
    expect(() => hop(location)).toThrow(RedirectError);
  });

  test('does not repeat a stream that was sent, instead of sending nothing', () => {
    const body = new StreamedBody(takeStream(stream()));
    body.open();
    expect(() => hop('/x', { method: 'POST', body }, 307)).toThrow(/already sent.*function/);
    expect(hop('/x', { method: 'POST', body }, 303).body).toBeNull();
  });

  test("refuses every redirect under redirect: 'error', with the answer's headers at hand", () => {
    const fake = { options: { redirect: 'error' as const } };
    expect(() => hop('/x', fake)).toThrow(
      expect.objectContaining({ name: 'RedirectError', status: 302, phase: 'redirect' }),
    );
  });

  test('never shows credentials of a Location in its errors', () => {
    for (const location of ['ftp://user:hunter2@example.com/', 'http://user:hunter2@a b/', 'http://user:hunter2@[x/']) {
      expect(() => hop(location)).toThrow(RedirectError);
      expect(() => hop(location)).not.toThrow(/hunter2/);
    }
  });
});

describe('followRedirects', () => {
  const to = (location: string): FakeResponse => new FakeResponse(302, { location });

  test('walks to the end, releases every response on the way, and remembers them', async () => {
    const answers = [to('/1'), to('https://other.example/2'), new FakeResponse(200)];
    const fake = new FakeNext(...answers);
    const request = fakeRequest(from);
    const response = await run(() => followRedirects(request, fake.next));
    expect(response).toBe(answers[2]);
    expect(answers.map(({ releases }) => releases)).toEqual([1, 1, 0]);
    expect(fake.requests.map(({ url }) => url.href)).toEqual([
      from,
      'https://example.com/1',
      'https://other.example/2',
    ]);
    expect(request.call.history.map(({ status, url }) => [status, url])).toEqual([
      [302, from],
      [302, 'https://example.com/1'],
    ]);
  });

  test('does not give back on the way home what it took away on the way out', async () => {
    const fake = new FakeNext(to('https://other.example/'), to(from), new FakeResponse(200));
    const headers = { Authorization: 'Bearer x' };
    await run(() => followRedirects(fakeRequest(from, { headers, auth: new BasicAuth('a') }), fake.next));
    expect(fake.requests.map((request) => [request.headers.has('authorization'), request.auth !== null])).toEqual([
      [true, true],
      [false, false],
      [false, false],
    ]);
  });

  test('stops after maxRedirects hops and releases the last response', async () => {
    const answers = Array.from({ length: 4 }, (_, i) => to(`/${i}`));
    const fake = new FakeNext(...answers);
    const failing = run(() => followRedirects(fakeRequest(from, { options: { maxRedirects: 3 } }), fake.next));
    await expect(failing).rejects.toThrow(TooManyRedirectsError);
    await expect(failing).rejects.toMatchObject({ status: 302, history: { length: 3 } });
    expect(answers.map(({ releases }) => releases)).toEqual([1, 1, 1, 1]);
  });

  test("hands a redirect out under redirect: 'manual'", async () => {
    const answer = to('ftp://x/');
    const fake = new FakeNext(answer);
    expect(await run(() => followRedirects(fakeRequest(from, { options: { redirect: 'manual' } }), fake.next))).toBe(
      answer,
    );
    expect(answer.releases).toBe(0);
  });
});
