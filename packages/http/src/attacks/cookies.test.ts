import { type Operation, run } from '@coloop/core';
import { serveBytes } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { Resolver } from '../connect/resolver.ts';
import { CookieJar } from '../cookies/jar.ts';
import { Session } from '../node/session.ts';

const HOSTS = ['shop.example.com', 'www.example.com', 'evil.example.org', 'me.github.io', 'you.github.io'];

/** Gets a list of URLs with one jar, and gives the Cookie header that each request carried. */
async function walk(
  setCookies: readonly string[],
  path: readonly string[],
  jar = new CookieJar(),
): Promise<(string | undefined)[]> {
  const lines = setCookies.map((line) => `Set-Cookie: ${line}\r\n`).join('');
  const server = await serveBytes(
    `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${lines}\r\n`,
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  );
  await run(() =>
    visit(
      path.map((host) => `http://${host}:${server.port}/`),
      jar,
    ),
  );
  return cookiesOf(server);
}

function cookiesOf({ heads }: { readonly heads: readonly string[] }): (string | undefined)[] {
  return heads.map((head) => /\r\ncookie: (.*)\r\n/i.exec(head)?.[1]);
}

function* visit(urls: readonly string[], jar: CookieJar): Operation<void> {
  const hosts = Object.fromEntries(HOSTS.map((host) => [host, ['127.0.0.1']]));
  const session = yield* Session.open({ cookieJar: jar, resolver: new Resolver({ hosts }) });
  for (const url of urls) yield* (yield* session.get(url)).release();
}

describe('cookies on the wire', () => {
  test('go back to their host and, where they are shared, to its siblings', async () => {
    expect(
      await walk(
        ['a=1', 'b=2; Domain=example.com'],
        ['shop.example.com', 'shop.example.com', 'www.example.com', 'evil.example.org'],
      ),
    ).toEqual([undefined, 'a=1; b=2', 'b=2', undefined]);
  });

  test('cannot be set for public suffixes or foreign domains', async () => {
    const bad = ['a=1; Domain=io', 'b=1; Domain=github.io', 'c=1; Domain=you.github.io', 'd=1; Domain=example.com'];
    expect(await walk(bad, ['me.github.io', 'you.github.io', 'me.github.io'])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('cannot break the promises of their prefixes, in any case', async () => {
    const bad = ['__Host-a=1; Path=/', '__HOST-b=1; Path=/; Secure', '__secure-c=1; Secure', '__Secure-d=1'];
    expect(await walk(bad, ['shop.example.com', 'shop.example.com'])).toEqual([undefined, undefined]);
  });

  test('that are Secure never travel over http', async () => {
    const jar = new CookieJar();
    jar.set('sid=secret; Secure; Domain=example.com', 'https://www.example.com/');
    expect(await walk(['sid=evil; Domain=example.com'], ['shop.example.com', 'shop.example.com'], jar)).toEqual([
      undefined,
      undefined,
    ]);
    expect(jar.get('https://www.example.com/')).toBe('sid=secret');
  });

  test('are those of its own URL for every hop of a redirect', async () => {
    const jar = new CookieJar();
    jar.set('home=1', 'http://shop.example.com/');
    jar.set('other=1', 'http://evil.example.org/');
    const end = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    const other = await serveBytes(end);
    const set = `Location: http://evil.example.org:${other.port}/\r\nSet-Cookie: late=1; Path=/`;
    const home = await serveBytes(`HTTP/1.1 302 Found\r\n${set}\r\nContent-Length: 0\r\n\r\n`, end);
    await run(function* () {
      const hosts = Object.fromEntries(HOSTS.map((host) => [host, ['127.0.0.1']]));
      const session = yield* Session.open({ cookieJar: jar, resolver: new Resolver({ hosts }) });
      const url = `http://shop.example.com:${home.port}/`;
      yield* (yield* session.get(url, { cookies: { call: 'x' }, headers: { Cookie: 'typed=1' } })).release();
      yield* (yield* session.get(url)).release();
    });
    expect(cookiesOf(home)).toEqual(['call=x; typed=1; home=1', 'home=1; late=1']);
    expect(cookiesOf(other)).toEqual(['other=1']);
  });

  test('are not taken from addresses unless asked for', async () => {
    expect(await walk(['a=1'], ['127.0.0.1', '127.0.0.1', '0x7f000001', '2130706433'])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(await walk(['a=1'], ['127.0.0.1', '2130706433'], new CookieJar({ unsafeIp: true }))).toEqual([
      undefined,
      'a=1',
    ]);
  });
});
