import type { IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import * as zlib from 'node:zlib';
import { type Operation, run } from '@coloop/core';
import type { RunningServer } from '@coloop/test-servers';
import { serve, serveBytes, serveRaw } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import { CookieJar } from '../cookies/jar.ts';
import { RedirectError, TooManyRedirectsError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import type { RequestOptions } from '../request/options.ts';

interface Seen {
  readonly method: string | undefined;
  readonly raw: readonly string[];
  readonly headers: IncomingMessage['headers'];
  body: string;
}

/** A server that remembers what it was asked. */
async function recorder(): Promise<RunningServer & { seen: Seen[] }> {
  const seen: Seen[] = [];
  const running = await serve((request, response) => {
    const one: Seen = { method: request.method, raw: request.rawHeaders, headers: request.headers, body: '' };
    seen.push(one);
    request.on('data', (chunk) => {
      one.body += chunk;
    });
    request.on('end', () => response.end('ok'));
  });
  return Object.assign(running, { seen });
}

const redirect = (status: number, location: string, more = ''): string =>
  `HTTP/1.1 ${status} Go\r\nLocation: ${location}\r\nContent-Length: 0\r\n${more}\r\n`;

function send(
  url: string,
  method: string,
  options: RequestOptions = {},
  session: SessionOptions = {},
): Promise<string> {
  return run(() => text(url, method, options, session));
}

function* text(url: string, method: string, options: RequestOptions, defaults: SessionOptions): Operation<string> {
  const session = yield* Session.open(defaults);
  const response = yield* session.request(method, url, options);
  return yield* response.text();
}

const names = (seen: Seen | undefined): string[] =>
  (seen?.raw ?? []).filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());

describe('a redirect to another origin', () => {
  test('takes no credentials, cookies or unknown headers along, in any case and number', async () => {
    const target = await recorder();
    const source = await serveBytes(redirect(307, `${target.url}/steal`));
    const jar = new CookieJar({ unsafeIp: true });
    jar.set('jar=secret; Path=/', 'http://127.0.0.2/');
    await send(
      source.url,
      'PUT',
      {
        headers: [
          ['AUTHORIZATION', 'Bearer token'],
          ['cOOkie', 'typed=secret'],
          ['Cookie', 'again=secret'],
          ['Proxy-Authorization', 'Basic x'],
          ['pROXY-aUTHORIZATION', 'Basic y'],
          ['X-Api-Key', 'secret'],
          ['X-Auth-Token', 'secret'],
          ['Accept-Language', 'de'],
          ['Range', 'bytes=0-1'],
          ['If-Match', '"x"'],
        ],
        cookies: { call: 'secret' },
        body: 'the body',
      },
      { cookieJar: jar },
    );
    expect(source.heads[0]).toMatch(/Bearer token/);
    const [seen] = target.seen;
    const expected = [
      'accept',
      'accept-encoding',
      'accept-language',
      'connection',
      'content-length',
      'content-type',
      'host',
      'if-match',
      'range',
      'user-agent',
    ];
    expect(names(seen).filter((name) => !expected.includes(name))).toEqual([]);
    expect(seen).toMatchObject({
      method: 'PUT',
      body: 'the body',
      headers: { 'accept-language': 'de', 'if-match': '"x"' },
    });
    expect(JSON.stringify(target.seen)).not.toContain('secret');
  });

  test('takes neither the session’s auth nor the call’s along, and ignores credentials in the Location', async () => {
    const target = await recorder();
    const location = target.url.replace('//', '//evil:pw@');
    const source = await serveBytes(redirect(302, location));
    await send(source.url, 'GET', {}, { auth: new BasicAuth('me', 'secret'), baseUrl: source.url });
    await send(source.url, 'GET', { auth: new BasicAuth('me', 'secret') });
    expect(source.heads.every((head) => head.includes('Basic'))).toBe(true);
    expect(target.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  test('gives nothing back when it leads home again', async () => {
    const bouncer = await serveRaw(() => {});
    const home = await recorder();
    const away = await serveBytes(redirect(302, `${home.url}/back`));
    const first = await serveBytes(redirect(302, away.url));
    await send(first.url, 'GET', { headers: { 'X-Api-Key': 'secret' }, auth: new BasicAuth('a', 'secret') });
    expect(names(home.seen[0])).not.toContain('x-api-key');
    expect(bouncer.accepted).toBe(0);
  });

  test('is shown by its errors without the credentials of its Location', async () => {
    const locations = ['http://user:sekret@other.test/', 'ftp://user:sekret@other.test/', 'http://user:se/kret@[x/'];
    for (const location of locations) {
      const source = await serveBytes(redirect(302, location));
      const failure = await send(source.url, 'GET', { redirect: 'error' }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(RedirectError);
      expect(inspect(failure, { depth: 9 })).not.toMatch(/sekret|kret@/);
    }
    const loop = await serve((request, response) => {
      response.writeHead(302, { Location: `http://user:sekret@${request.headers.host}/` }).end();
    });
    const failure = await send(loop.url, 'GET', { maxRedirects: 2 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TooManyRedirectsError);
    expect(inspect(failure, { depth: 9 })).not.toContain('sekret');
    expect((failure as TooManyRedirectsError).history[0]?.headers.get('location')).toBe(`${loop.url}/`);
  });

  test('takes along what forwardHeaders names', async () => {
    const target = await recorder();
    const source = await serveBytes(redirect(302, target.url));
    await send(source.url, 'GET', { headers: { 'X-Trace': '1', 'X-Other': '2' }, forwardHeaders: ['X-Trace'] });
    expect(target.seen[0]?.headers['x-trace']).toBe('1');
    expect(target.seen[0]?.headers['x-other']).toBeUndefined();
  });
});

test('another origin than the base’s gets the headers of the session that the request’s forwardHeaders name', async () => {
  const target = await recorder();
  const session = {
    baseUrl: 'http://base.test/',
    headers: { 'X-Key': 'K', 'X-Two': 'T' },
    forwardHeaders: ['X-Key'],
  };
  for (const options of [{}, { forwardHeaders: [] }, { forwardHeaders: ['x-two'] }]) {
    await send(target.url, 'GET', options, session);
  }
  const sent = target.seen.map(({ headers }) => [headers['x-key'], headers['x-two']]);
  expect(sent).toEqual([
    ['K', undefined],
    [undefined, undefined],
    [undefined, 'T'],
  ]);
});

describe('a redirect', () => {
  test('turns POST into GET without body and without headers that describe one', async () => {
    for (const status of [301, 302, 303]) {
      const target = await recorder();
      const source = await serveBytes(redirect(status, target.url));
      await send(source.url, 'POST', { json: { a: 1 }, headers: { 'Content-Language': 'de', 'Content-MD5': 'x' } });
      expect(target.seen[0]).toMatchObject({ method: 'GET', body: '' });
      expect(
        names(target.seen[0]).filter((name) => name.startsWith('content-') || name === 'transfer-encoding'),
      ).toEqual([]);
    }
  });

  test('sends a body again that can be made again, and none that cannot: an error, never an empty body', async () => {
    const target = await recorder();
    const source = await serveBytes(redirect(307, `${target.url}/x`));
    async function* stream(): AsyncGenerator<string> {
      yield 'streamed';
    }
    expect(await send(source.url, 'POST', { body: () => stream() })).toBe('ok');
    expect(target.seen[0]?.body).toBe('streamed');
    await expect(send(source.url, 'POST', { body: stream() })).rejects.toThrow(RedirectError);
    expect(target.seen).toHaveLength(1);
  });

  test.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'data:,x',
    'javascript:1',
    'ws://127.0.0.1/',
    'unix:/run/docker.sock',
    'http://[',
    'http://',
  ])('to %s is refused', async (location) => {
    const source = await serveBytes(redirect(302, location));
    await expect(send(source.url, 'GET')).rejects.toThrow(RedirectError);
  });

  test('stops after ten hops, or as many as allowed, and shows them', async () => {
    const source = await serveBytes(redirect(302, '/again'));
    const error = await send(source.url, 'GET').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TooManyRedirectsError);
    expect((error as TooManyRedirectsError).history).toHaveLength(10);
    expect(source.heads).toHaveLength(11);
    const other = await serveBytes(redirect(302, '/again'));
    await expect(send(other.url, 'GET', { maxRedirects: 0 })).rejects.toThrow(TooManyRedirectsError);
    expect(other.heads).toHaveLength(1);
  });

  test('with a bomb or without an end is left without reading it', async () => {
    const target = await recorder();
    const bomb = zlib.gzipSync(Buffer.alloc(50_000_000));
    const coded = Buffer.concat([
      Buffer.from(
        `HTTP/1.1 302 Go\r\nLocation: ${target.url}\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`,
      ),
      bomb,
    ]);
    const source = await serveBytes(coded);
    expect(await send(source.url, 'GET')).toBe('ok');
    const endless = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 302 Go\r\nLocation: ${target.url}\r\nTransfer-Encoding: chunked\r\n\r\n`);
        const flood = (): void => {
          while (!socket.destroyed && socket.write(`10000\r\n${'x'.repeat(65536)}\r\n`));
          if (!socket.destroyed) socket.once('drain', flood);
        };
        flood();
      });
    });
    expect(await send(endless.url, 'GET')).toBe('ok');
  });
});
