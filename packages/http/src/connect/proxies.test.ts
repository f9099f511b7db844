import { inspect } from 'node:util';
import { type Operation, run } from '@coloop/core';
import { CA, CLIENT_CERT, CLIENT_KEY } from '@coloop/test-servers';
import { serve, serveDns, serveProxy, serveRaw, serveSocks, serveTls } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import { ClientProxyConnectionError, ClientSslError, ProxyResponseError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import type { ProxyOptions, RequestOptions } from '../request/options.ts';
import { Resolver } from './resolver.ts';
import { createSslContext } from './ssl.ts';

const ssl = createSslContext({ ca: CA });

function* textOf(options: SessionOptions, url: string, request: RequestOptions = {}): Operation<string> {
  const session = yield* Session.open(options);
  return yield* (yield* session.get(url, request)).text();
}

async function failureOf(operation: Operation<unknown>): Promise<unknown> {
  try {
    await run(operation);
  } catch (error) {
    return error;
  }
  return undefined;
}

const site = (): ReturnType<typeof serveTls> =>
  serveTls((request, response) => response.end(JSON.stringify(request.rawHeaders)));

describe('the advice about the TLS of a proxy', () => {
  const wantsCertificate = { requestCert: true, rejectUnauthorized: true, ca: CA };
  const mutual = (version: 'TLSv1.2' | 'TLSv1.3') => async (): Promise<string> => {
    const versions = { minVersion: version, maxVersion: version } as const;
    return (await serveTls((_, response) => response.end('through'), { ...wantsCertificate, ...versions })).url;
  };
  const secureProxy = async (): Promise<string> => (await serveProxy(undefined, { secure: true })).url;
  const own = { cert: CLIENT_CERT, key: CLIENT_KEY };

  // What is given to the session's ssl concerns no proxy.
  const cases: readonly (readonly [string, () => Promise<string>, ProxyOptions['ssl'], RegExp, ProxyOptions['ssl']])[] =
    [
      ['an unknown CA', secureProxy, {}, /proxy: \{ url, ssl: \{ cafile \} \}/, { ca: CA }],
      ['an unknown CA, once more', secureProxy, {}, /proxy: \{ url, ssl: false \}/, false],
      [
        'another name',
        secureProxy,
        { ca: CA, servername: 'other.test' },
        /ssl: \{ servername \} \}/,
        { ca: CA, servername: 'site.test' },
      ],
      [
        'no certificate (TLS 1.2)',
        mutual('TLSv1.2'),
        { ca: CA },
        /proxy: \{ url, ssl: \{ cert, key \} \}/,
        { ca: CA, ...own },
      ],
      [
        'no certificate (TLS 1.3)',
        mutual('TLSv1.3'),
        { ca: CA },
        /proxy: \{ url, ssl: \{ cert, key \} \}/,
        { ca: CA, ...own },
      ],
    ];
  test.each(cases)('helps where it is followed: %s', async (_, start, wrong, advice, right) => {
    const url = await start();
    const server = await serve((_request, response) => response.end('through'));
    const options = { ssl: false, retry: { attempts: 3, delay: 0 } } as const;
    const error = (await failureOf(textOf({ ...options, proxy: { url, ssl: wrong } }, server.url))) as Error;
    expect(error).toMatchObject({ message: expect.stringMatching(advice), request: { attempts: expect.any(Number) } });
    expect(error.message).not.toContain('for this request alone');
    expect(error instanceof ClientSslError || error.cause instanceof ClientSslError).toBe(true);
    expect(await run(textOf({ ...options, proxy: { url, ssl: right } }, server.url))).toBe('through');
  });

  test('is about the proxy for a tunnel, too, and it is not asked again', async () => {
    const server = await site();
    const url = await mutual('TLSv1.3')();
    const error = await failureOf(
      textOf({ ssl, retry: { attempts: 3, delay: 0 }, proxy: { url, ssl: { ca: CA } } }, server.url),
    );
    expect(error).toBeInstanceOf(ClientProxyConnectionError);
    expect(error).toMatchObject({ message: expect.stringContaining('proxy: { url, ssl: { cert, key } }') });
    expect((error as Error).cause).toBeInstanceOf(ClientSslError);
  });

  test('names http:// where the proxy speaks no TLS', async () => {
    const proxy = await serveProxy();
    const server = await serve((_, response) => response.end('through'));
    const error = (await failureOf(textOf({ proxy: proxy.url.replace('http', 'https') }, server.url))) as Error;
    expect(error.message).toContain('write the proxy with http://');
    expect(await run(textOf({ proxy: proxy.url }, server.url))).toBe('through');
  });
});

describe('an HTTP proxy', () => {
  test('is asked for a tunnel for https, and sees neither the path nor the headers', async () => {
    const server = await site();
    const proxy = await serveProxy('user:pass');
    const text = await run(
      textOf({ ssl, proxy: proxy.url, proxyAuth: new BasicAuth('user', 'pass') }, `${server.url}/secret?q=1`, {
        headers: { Authorization: 'Bearer s3cret' },
      }),
    );
    expect(text).toContain('Bearer s3cret');
    expect(text.toLowerCase()).not.toContain('proxy-authorization');
    expect(JSON.stringify(proxy.seen)).not.toContain('secret');
  });

  test('may itself speak TLS, with settings of its own', async () => {
    const server = await site();
    const proxy = await serveProxy('user:pass', { secure: true });
    const option = {
      url: proxy.url,
      auth: new BasicAuth('user', 'pass'),
      ssl: { ca: CA },
      headers: { 'X-Proxy': 'yes' },
    };
    expect(await run(textOf({ ssl, proxy: option }, server.url))).toContain('host');
    expect(proxy.seen[0]?.headers['x-proxy']).toBe('yes');
    const refused = await failureOf(textOf({ ssl, proxy: { url: proxy.url } }, server.url));
    expect(refused).toBeInstanceOf(ClientProxyConnectionError);
    expect(refused).toMatchObject({ phase: 'proxy', request: { proxy: proxy.url } });
  });

  test('that wants credentials is visible as 407 with its answer, for https as an error and for http as a response', async () => {
    const server = await site();
    const proxy = await serveProxy('user:pass');
    const error = await failureOf(textOf({ ssl, proxy: proxy.url.replace('//', '//user:wrong@') }, server.url));
    expect(error).toBeInstanceOf(ProxyResponseError);
    expect(error).toMatchObject({
      status: 407,
      body: 'This proxy wants a name and a password.',
      phase: 'proxy',
      code: 'PROXY_RESPONSE',
    });
    expect((error as ProxyResponseError).headers.get('proxy-authenticate')).toBe('Basic realm="test"');
    expect(inspect(error)).not.toContain('wrong');
    const plain = await serve((_, response) => response.end());
    await run(function* () {
      const session = yield* Session.open({ proxy: proxy.url });
      const response = yield* session.get(plain.url);
      expect([response.status, yield* response.text()]).toEqual([407, 'This proxy wants a name and a password.']);
    });
    expect(proxy.seen.filter(({ line }) => line.startsWith('CONNECT'))).toHaveLength(1);
  });

  test('never gets the credentials of another proxy', async () => {
    const server = await serve((_, response) => response.end('ok'));
    const [first, second] = [await serveProxy(), await serveProxy()];
    await run(function* () {
      const session = yield* Session.open({ proxy: first.url, proxyAuth: new BasicAuth('user', 'pass') });
      yield* (yield* session.get(server.url)).text();
      yield* (yield* session.get(server.url, { proxy: second.url })).text();
      yield* (yield* session.get(server.url, { proxy: null })).text();
    });
    expect([first.seen[0]?.headers['proxy-authorization'], second.seen[0]?.headers['proxy-authorization']]).toEqual([
      `Basic ${btoa('user:pass')}`,
      undefined,
    ]);
    expect(first.seen).toHaveLength(1);
  });

  test.each<[what: string, answer: string, message: RegExp]>([
    ['closes', '', /closed the connection/],
    ['does not speak HTTP', 'SSH-2.0-x\r\n', /not HTTP/],
    ['has a malformed head', 'HTTP/1.1 200 OK\r\nbad line\r\n\r\n', /malformed/],
    ['sends bytes before the target does', 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', /after its response/],
  ])('that %s is an error, once', async (_, answer, message) => {
    let asked = 0;
    const proxy = await serveRaw((socket) => {
      socket.once('data', () => {
        asked += 1;
        socket.end(answer);
      });
    });
    const error = await failureOf(textOf({ proxy: proxy.url }, 'https://site.test/'));
    expect(error).toBeInstanceOf(ClientProxyConnectionError);
    expect((error as Error).message).toMatch(message);
    expect(asked).toBe(1);
  });

  test('gets its credentials alone, also where a header of the request carries others', async () => {
    const server = await serve((_, response) => response.end('ok'));
    const proxy = await serveProxy('user:pass');
    const options = { proxy: proxy.url, proxyAuth: new BasicAuth('user', 'pass') };
    const headers = { 'Proxy-Authorization': 'Basic b3RoZXI6eA==' };
    expect(await run(textOf(options, server.url, { headers }))).toBe('ok');
  });

  test('that never ends its head is cut', async () => {
    const proxy = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const pour = (): void => {
          while (!socket.destroyed && socket.write(`X: ${'x'.repeat(1_000)}\r\n`));
          if (!socket.destroyed) socket.once('drain', pour);
        };
        pour();
      });
    });
    const error = await failureOf(textOf({ proxy: proxy.url }, 'https://site.test/'));
    expect((error as Error).message).toMatch(/more than 65536 bytes/);
  });

  test('that does not listen is named, with its cause', async () => {
    const error = await failureOf(textOf({ proxy: 'http://user:pass@127.0.0.1:1' }, 'http://site.test/'));
    expect(error).toBeInstanceOf(ClientProxyConnectionError);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', request: { proxy: 'http://127.0.0.1:1' } });
    expect(inspect(error)).not.toContain('pass@');
  });
});

describe('a SOCKS proxy', () => {
  const dnsOf = async (): Promise<Resolver> =>
    new Resolver({ nameservers: [(await serveDns({ 'site.test': ['127.0.0.1'] })).address] });

  test.each(['socks5', 'socks5h', 'socks4', 'socks4a'])(
    '%s carries http and https, and resolves names where it should',
    async (scheme) => {
      const server = await site();
      const socks = await serveSocks();
      const proxy = socks.url.replace('http', scheme).replace('//', scheme === 'socks4' ? '//me@' : '//');
      const text = await run(textOf({ ssl, proxy, resolver: await dnsOf() }, `https://site.test:${server.port}/`));
      expect(text).toContain(`site.test:${server.port}`);
      const name = scheme === 'socks5h' || scheme === 'socks4a' ? 'site.test' : '127.0.0.1';
      expect(socks.seen[0]).toContain(`${name}:${server.port}`);
      if (scheme === 'socks4') expect(socks.seen[0]).toBe(`4 me 127.0.0.1:${server.port}`);
    },
  );

  test('takes a user name and a password', async () => {
    const server = await serve((_, response) => response.end('ok'));
    const socks = await serveSocks('user:pass');
    const proxy = socks.url.replace('http://', 'socks5://user:pass@');
    expect(await run(textOf({ proxy }, server.url))).toBe('ok');
    const wrong = await failureOf(textOf({ proxy: proxy.replace('pass', 'no') }, server.url));
    expect(wrong).toMatchObject({ name: 'ClientProxyConnectionError', code: 'SOCKS_AUTH' });
    const none = await failureOf(textOf({ proxy: socks.url.replace('http', 'socks5') }, server.url));
    expect((none as Error).message).toMatch(/wants a user name/);
  });

  test.each<[what: string, answers: number[][], message: RegExp]>([
    [
      'refuses',
      [
        [5, 0],
        [5, 5, 0, 1, 0, 0, 0, 0, 0, 0],
      ],
      /connection refused/,
    ],
    ['speaks another version', [[4, 0]], /not SOCKS5/],
    [
      'answers with an unknown kind of address',
      [
        [5, 0],
        [5, 0, 0, 9, 0],
      ],
      /unknown kind 9/,
    ],
  ])('that %s is an error that says so', async (_, answers, message) => {
    const socks = await serveRaw((socket) => {
      const left = [...answers];
      socket.on('data', () => socket.write(Buffer.from(left.shift() ?? [])));
    });
    const error = await failureOf(textOf({ proxy: socks.url.replace('http', 'socks5') }, 'http://127.0.0.1:9/'));
    expect(error).toBeInstanceOf(ClientProxyConnectionError);
    expect((error as Error).message).toMatch(message);
  });
});

describe('the environment', () => {
  const names = [
    'http_proxy',
    'HTTP_PROXY',
    'https_proxy',
    'HTTPS_PROXY',
    'all_proxy',
    'ALL_PROXY',
    'no_proxy',
    'NO_PROXY',
  ];
  const withEnvironment = async <T>(values: Record<string, string>, body: () => Promise<T>): Promise<T> => {
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) delete process.env[name];
    Object.assign(process.env, values);
    try {
      return await body();
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  };

  test('is asked only with trustEnv, and not where the session says proxy: null', async () => {
    const server = await serve((_, response) => response.end('ok'));
    const proxy = await serveProxy('user:pass');
    const variables = { http_proxy: proxy.url.replace('//', '//user:pass@') };
    await withEnvironment(variables, async () => {
      expect(await run(textOf({}, server.url))).toBe('ok');
      expect(await run(textOf({ trustEnv: true, proxy: null }, server.url))).toBe('ok');
      expect(proxy.seen).toHaveLength(0);
      expect(await run(textOf({ trustEnv: true }, server.url))).toBe('ok');
      expect(await run(textOf({ trustEnv: true }, server.url, { proxy: false }))).toBe('ok');
    });
    expect(proxy.seen).toHaveLength(1);
  });

  test('is overruled by NO_PROXY, whatever the host is spelled like', async () => {
    const server = await serve((_, response) => response.end('ok'));
    const proxy = await serveProxy();
    await withEnvironment({ http_proxy: proxy.url, no_proxy: 'localhost' }, async () => {
      for (const host of ['127.0.0.1', '2130706433', '0x7f.1', 'localhost.']) {
        expect(await run(textOf({ trustEnv: true }, `http://${host}:${server.port}/`))).toBe('ok');
      }
    });
    expect(proxy.seen).toHaveLength(0);
  });
});
