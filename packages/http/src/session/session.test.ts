import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, gather, type Operation, run, Scheduler, until } from '@coloop/core';
import { CA } from '@coloop/test-servers';
import { serve, serveDns, serveProxy, serveTls } from '@coloop/test-servers/vitest';
import { afterAll, describe, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import { Resolver } from '../connect/resolver.ts';
import { createSslContext } from '../connect/ssl.ts';
import { InvalidOptionError, InvalidUrlError, SessionClosedError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import type { RequestOptions } from '../request/options.ts';

const directory = mkdtempSync(join(tmpdir(), 'coloop-session-'));
const cafile = join(directory, 'ca.pem');
writeFileSync(cafile, CA);
afterAll(() => rmSync(directory, { recursive: true }));

function* textOf(options: SessionOptions, url: string, request?: RequestOptions): Operation<string> {
  const session = yield* Session.open(options);
  const response = yield* session.get(url, request);
  return yield* response.text();
}

const echo = (): ReturnType<typeof serve> =>
  serve((request, response) => {
    response.setHeader('X-Line', `${request.method} ${request.url}`);
    response.setHeader('Content-Type', 'application/json');
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () =>
      response.end(JSON.stringify({ method: request.method, url: request.url, raw: request.rawHeaders, body })),
    );
  });

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly raw: string[];
  readonly body: string;
}

describe('a session', () => {
  test('gets, and shows what a response is', async () => {
    const server = await echo();
    await run(function* () {
      const session = yield* Session.open();
      const response = yield* session.get(`${server.url}/a?b=1`, { params: { c: 2 } });
      expect(response).toMatchObject({
        status: 200,
        ok: true,
        reason: 'OK',
        url: `${server.url}/a?b=1&c=2`,
        history: [],
      });
      expect(response.headers.get('x-line')).toBe('GET /a?b=1&c=2');
      const seen = yield* response.json<Echo>();
      expect(seen.url).toBe('/a?b=1&c=2');
      expect(yield* response.text()).toContain('"method":"GET"');
      expect(response.released).toBe(true);
    });
  });

  test('sends every method, bodies, and headers as they were written', async () => {
    const server = await echo();
    await run(function* () {
      const session = yield* Session.open({ baseUrl: server.url, headers: { 'X-Session': 's', 'X-Drop': 'd' } });
      const posted = yield* session.post('/p', { json: { a: 1 }, headers: { 'X-Twice': ['1', '2'], 'X-Drop': null } });
      const seen = yield* posted.json<Echo>();
      expect(seen.body).toBe('{"a":1}');
      expect(seen.raw.join('|')).toContain('X-Twice|1|X-Twice|2');
      expect(seen.raw).toContain('X-Session');
      expect(seen.raw).not.toContain('X-Drop');
      for (const method of ['put', 'patch', 'delete', 'options'] as const) {
        const response = yield* session[method]('/m');
        expect(response.headers.get('x-line')).toBe(`${method.toUpperCase()} /m`);
        yield* response.release();
      }
      const head = yield* session.head('/h');
      expect([head.status, yield* head.text()]).toEqual([200, '']);
    });
  });

  test('reuses its connection, also after HEAD, errors and a body that nobody read', async () => {
    const server = await echo();
    await run(function* () {
      const session = yield* Session.open({ baseUrl: server.url });
      yield* (yield* session.get('/1')).text();
      yield* (yield* session.head('/2')).release();
      yield* (yield* session.get('/3')).release();
      using _unread = yield* session.get('/4');
      expect(session.pool.stats).toMatchObject({ created: 1, reused: 3 });
    });
    expect(server.accepted).toBe(1);
  });

  test('shares a limit fairly among a thousand requests', async () => {
    const server = await echo();
    await run(function* () {
      const session = yield* Session.open({ pool: { limit: 5 } });
      const pages = yield* gather(Array.from({ length: 1_000 }, (_, index) => page(session, `${server.url}/${index}`)));
      expect(pages.map(({ url }) => url)).toEqual(Array.from({ length: 1_000 }, (_, index) => `/${index}`));
    });
    expect(server.accepted).toBe(5);
  });

  test('asks the nameservers that it is given, trusts the CA that it is given, and goes through the proxy', async () => {
    const site = await serveTls((request, response) => response.end(`secret of ${request.headers.host}`));
    const proxy = await serveProxy('user:pass');
    const dns = await serveDns({ 'site.test': ['127.0.0.1'] });
    const ssl = createSslContext({ cafile });
    const resolver = new Resolver({ nameservers: [dns.address] });
    const url = `https://site.test:${site.port}/`;
    const direct = await run(textOf({ ssl, resolver }, url));
    expect(direct).toBe(`secret of site.test:${site.port}`);
    expect(dns.questions.toSorted()).toEqual(['A site.test', 'AAAA site.test']);
    const proxyAuth = new BasicAuth('user', 'pass');
    expect(await run(textOf({ ssl, resolver, proxy: proxy.url, proxyAuth }, url))).toBe(direct);
    expect(proxy.seen).toMatchObject([
      { line: `CONNECT site.test:${site.port}`, headers: { 'proxy-authorization': `Basic ${btoa('user:pass')}` } },
    ]);
  });

  test('speaks absolute-form to a proxy for http, and keeps its credentials away from the server', async () => {
    const server = await echo();
    const proxy = await serveProxy('user:pass');
    const withUser = proxy.url.replace('//', '//user:pass@');
    const seen = JSON.parse(await run(textOf({ proxy: withUser }, `${server.url}/x`))) as Echo;
    expect(proxy.seen[0]?.line).toBe(`GET ${server.url}/x`);
    expect(seen.raw.join().toLowerCase()).not.toContain('proxy-authorization');
  });

  test('turns verification off for one request alone, and shares nothing of it', async () => {
    const site = await serveTls((_, response) => response.end('ok'));
    await run(function* () {
      const session = yield* Session.open();
      expect(yield* (yield* session.get(site.url, { ssl: false })).text()).toBe('ok');
      expect(yield* (yield* session.get(site.url, { verifySsl: false })).text()).toBe('ok');
      let failed = false;
      try {
        yield* session.get(site.url);
      } catch (error) {
        failed = true;
        expect(error).toMatchObject({ name: 'ClientSslError', phase: 'tls' });
      }
      expect(failed).toBe(true);
    });
  });

  test('closes every socket before close() returns, seen from both sides', async () => {
    const server = await echo();
    await run(function* () {
      const session = yield* Session.open({ baseUrl: server.url });
      yield* gather([page(session, '/1'), page(session, '/2'), page(session, '/3')]);
      expect(session.pool.stats.sockets).toBe(3);
      yield* session.close();
      expect(session.pool.stats).toMatchObject({ sockets: 0, total: 0, idle: 0 });
      let failure: unknown;
      try {
        yield* session.get('/4');
      } catch (error) {
        failure = error;
      }
      expect(failure).toBeInstanceOf(SessionClosedError);
    });
  });
});

function* page(session: Session, url: string): Operation<Echo> {
  const response = yield* session.get(url);
  return yield* response.json<Echo>();
}

describe('bad input', () => {
  const refusals: [what: string, url: string, options: object, error: unknown, message: RegExp][] = [
    ['a malformed URL', 'http://', {}, InvalidUrlError, /cannot be requested/],
    ['another scheme', 'ftp://h/', {}, InvalidUrlError, /use http: or https:/],
    ['a relative URL without a base', '/x', {}, InvalidUrlError, /give a baseUrl/],
    ['a header with a line end', 'http://h/', { headers: { a: 'b\r\nc: d' } }, InvalidOptionError, /U\+000D/],
    [
      'a header name with a space',
      'http://h/',
      { headers: { 'a b': 'c' } },
      InvalidOptionError,
      /write letters, digits/,
    ],
    ['a header value beyond U+00FF', 'http://h/', { headers: { a: '€' } }, InvalidOptionError, /U\+20AC/],
    [
      'two Content-Length headers',
      'http://h/',
      {
        headers: [
          ['content-length', '1'],
          ['Content-Length', '2'],
        ],
      },
      InvalidOptionError,
      /given twice/,
    ],
    ['Transfer-Encoding', 'http://h/', { headers: { 'transfer-encoding': 'chunked' } }, InvalidOptionError, /framed/],
    ['json and body', 'http://h/', { json: 1, body: 'x' }, InvalidOptionError, /one body/],
    ['an unknown option', 'http://h/', { timeuot: 1 }, InvalidOptionError, /timeout/],
    ['an unknown limit', 'http://h/', { timeout: { totl: 1 } }, InvalidOptionError, /totl/],
    ['a negative timeout', 'http://h/', { timeout: -1 }, InvalidOptionError, /passed already/],
    ['NaN as timeout', 'http://h/', { timeout: { idle: Number.NaN } }, InvalidOptionError, /NaN/],
    ['a proxy of unknown scheme', 'http://h/', { proxy: 'ftp://p' }, InvalidOptionError, /no proxy speaks/],
    [
      'a CA that is not a certificate',
      'http://h/',
      { ssl: { ca: 'x' } },
      InvalidOptionError,
      /no readable certificate/,
    ],
    ['ssl of another kind', 'http://h/', { ssl: 'off' }, InvalidOptionError, /give false/],
    ['retry without attempts', 'http://h/', { retry: {} }, InvalidOptionError, /attempts/],
    ['a redirect mode that does not exist', 'http://h/', { redirect: 'folow' }, InvalidOptionError, /'follow'/],
    ['an auth that is text', 'http://h/', { auth: 'user:pass' }, InvalidOptionError, /BasicAuth/],
  ];
  test.each(refusals)('refuses %s before anything is sent', async (_, url, options, error, message) => {
    const got = run(textOf({}, url, options as RequestOptions));
    await expect(got).rejects.toBeInstanceOf(error);
    await expect(got).rejects.toThrow(message);
  });

  test('refuses a method that is not a token, and CONNECT', async () => {
    const ask = (method: string): Promise<void> =>
      run(function* () {
        const session = yield* Session.open();
        yield* session.request(method, 'http://h/');
      });
    await expect(ask('GE T')).rejects.toThrow(/give a token/);
    await expect(ask('connect')).rejects.toThrow(/option proxy/);
  });

  test('refuses a session of another scheduler', async () => {
    await run(function* () {
      const session = yield* Session.open();
      const other = run(session.get('http://127.0.0.1:1/'), { scheduler: new Scheduler() });
      expect(yield* attempt(until(other))).toMatchObject({
        error: { message: expect.stringContaining('another scheduler') },
      });
    });
  });

  test('is opened and not constructed', async () => {
    const make = (): unknown => Reflect.construct(Session, [{}]);
    expect(make).toThrow(/yield\* Session.open\(options\)/);
    await run(function* () {
      expect(make).toThrow(/yield\* Session.open\(options\)/);
    });
  });

  test('refuses sessions that cannot work', async () => {
    const open = (options: object): Promise<unknown> => run(textOf(options as SessionOptions, 'http://h/'));
    await expect(open({ baseURL: 'http://h/' })).rejects.toThrow(/Did you mean 'baseUrl'/);
    await expect(open({ pool: { limit: -1 } })).rejects.toThrow(/pool\.limit' is -1/);
    await expect(open({ body: 'x' })).rejects.toThrow(/no option 'body'/);
    await expect(open({ cookieJar: {} })).rejects.toThrow(/new CookieJar/);
    expect(() => new Resolver({ nameservers: ['dns.example'] })).toThrow(/write its address as/);
  });

  test('never reads options from Object.prototype', async () => {
    const server = await echo();
    const names = ['proxy', 'auth', 'headers', 'body', 'ssl', 'resolver', 'params', 'cookies'];
    for (const name of names)
      Object.defineProperty(Object.prototype, name, { value: 'http://evil.test', configurable: true, writable: true });
    try {
      const seen = JSON.parse(await run(textOf({}, server.url))) as Echo;
      expect(seen.method).toBe('GET');
    } finally {
      for (const name of names) Reflect.deleteProperty(Object.prototype, name);
    }
  });
});
