import { createHash, X509Certificate } from 'node:crypto';
import { attempt, gather, type Operation, run } from '@coloop/core';
import { CA, CLIENT_CERT, CLIENT_KEY, SERVER_CERT } from '@coloop/test-servers';
import {
  serve,
  serveHttp2,
  serveHttp2Tls,
  serveProxy,
  serveSocks,
  serveTls,
  serveWebSockets,
} from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { ClientPayloadError, ClientSslError, InvalidOptionError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import { ConnectionPool } from '../pool/connection-pool.ts';
import { simulate } from '../testing/simulation.ts';
import { kindOfPlatform } from '../web/platform.ts';
import { Session as WebSession } from '../web/session.ts';

const ssl = { ca: CA };

function* versionOf(session: Session, url: string): Operation<string> {
  return yield* session.get(url).text();
}

/** Answers with the version in which it was asked. */
const either = (options = {}): ReturnType<typeof serveHttp2Tls> =>
  serveHttp2Tls((request, response) => void response.end(request.httpVersion), { allowHTTP1: true, ...options });

describe('the option http2', () => {
  test('decides which versions are offered, and the server chooses among them', async () => {
    const both = await either();
    const one = await serveTls((request, response) => response.end(request.httpVersion));
    const two = await serveHttp2Tls((request, response) => void response.end(request.httpVersion));
    await run(function* () {
      const answers = function* (http2: SessionOptions['http2'], url: string): Operation<string> {
        return yield* versionOf(yield* Session.open({ ssl, http2 }), url);
      };
      expect(yield* answers(undefined, both.url)).toBe('1.1');
      expect(yield* answers(false, both.url)).toBe('1.1');
      expect(yield* answers(true, both.url)).toBe('2.0');
      expect(yield* answers('only', both.url)).toBe('2.0');
      expect(yield* answers(true, one.url)).toBe('1.1');
      expect(yield* answers(true, two.url)).toBe('2.0');
    });
  });

  test('is named where a server speaks nothing else', async () => {
    const secure = await serveHttp2Tls((_, response) => void response.end());
    const plain = await serveHttp2((_, response) => void response.end());
    const one = await serveTls((_, response) => response.end());
    await run(function* () {
      const session = yield* Session.open({ ssl });
      const overTls = yield* attempt(session.get(secure.url));
      expect(overTls).toMatchObject({ ok: false, error: { phase: 'tls' } });
      expect(overTls.ok ? undefined : overTls.error).toBeInstanceOf(ClientSslError);
      expect(String(overTls.ok ? '' : overTls.error)).toContain('open the session with http2: true.');
      const inClear = yield* attempt(session.get(plain.url));
      expect(inClear.ok ? undefined : inClear.error).toBeInstanceOf(ClientPayloadError);
      expect(String(inClear.ok ? '' : inClear.error)).toContain("http2: 'only' for http:");
      const only = yield* Session.open({ ssl, http2: 'only' });
      const tried = yield* attempt(only.get(one.url));
      expect(tried).toMatchObject({ ok: false, error: { name: 'ClientSslError', phase: 'tls' } });
      expect(String(tried.ok ? '' : tried.error)).toContain("leave out http2: 'only'");
    });
  });

  test('true asks http: URLs in HTTP/1.1, since nothing is negotiated there', async () => {
    const server = await serve((request, response) => response.end(request.httpVersion));
    await run(function* () {
      const pool = yield* ConnectionPool.open();
      for (const http2 of [true, false]) {
        expect(yield* versionOf(yield* Session.open({ http2, pool }), server.url)).toBe('1.1');
      }
      // Without TLS they mean the same, and share connections.
      expect(pool.stats).toMatchObject({ created: 1, reused: 1 });
    });
  });

  test('is a part of the pool’s key', async () => {
    const server = await either();
    await run(function* () {
      const pool = yield* ConnectionPool.open();
      for (const http2 of [true, false, true, false] as const) {
        const session = yield* Session.open({ http2, pool, ssl });
        expect(yield* versionOf(session, server.url)).toBe(http2 ? '2.0' : '1.1');
      }
      expect(pool.stats).toMatchObject({ created: 2, reused: 2, total: 2 });
    });
  });

  test.each([null, 1, 'yes', 'true', {}])('refuses %j, and says what it takes', async (http2) => {
    const open = Session.open({ http2: http2 as never });
    await expect(run(open)).rejects.toThrow(InvalidOptionError);
    await expect(run(Session.open({ http2: http2 as never }))).rejects.toThrow(/give true, false, or 'only'/);
  });

  test('is refused over the platform’s fetch, which chooses by itself', async () => {
    for (const http2 of [true, 'only'] as const) {
      const opening = WebSession.open({ http2: http2 as never });
      await expect(run(opening)).rejects.toThrow(/cannot offer http2 to Session.open/);
    }
    expect(kindOfPlatform()).toBe('server');
    await run(WebSession.open({ http2: false }));
  });

  test('does not touch WebSockets, which go over HTTP/1.1', async () => {
    const server = await serveWebSockets((socket) => socket.send('hello'), { secure: true });
    await run(function* () {
      for (const http2 of [true, 'only'] as const) {
        const session = yield* Session.open({ http2, ssl });
        const socket = yield* session.ws(server.url);
        expect((yield* socket.next()).value).toBe('hello');
        yield* socket.close();
      }
    });
  });

  test('in a simulated network, true is HTTP/1.1, and only is refused', async () => {
    await simulate(function* (net) {
      for (const origin of ['https://api.test', 'http://api.test']) {
        net.serve(origin, () => 'one');
        expect(yield* versionOf(yield* Session.open({ http2: true }), origin)).toBe('one');
        const only = yield* Session.open({ http2: 'only' });
        expect(yield* attempt(only.get(origin))).toMatchObject({ ok: false, error: { code: 'HTTP2' } });
      }
    });
  });
});

describe('while it is open whether a server speaks HTTP/2', () => {
  test('one connection is opened, and all requests share it if it does', async () => {
    const server = await either();
    await run(function* () {
      const session = yield* Session.open({ http2: true, ssl });
      const all = yield* gather(Array.from({ length: 100 }, () => versionOf(session, server.url)));
      expect(new Set(all)).toEqual(new Set(['2.0']));
    });
    expect(server.accepted).toBe(1);
  });

  test('each request opens its own if it does not, up to the limit', async () => {
    const server = await serveTls((request, response) => response.end(request.httpVersion));
    await run(function* () {
      const session = yield* Session.open({ http2: true, ssl, pool: { limit: 7 } });
      const all = yield* gather(Array.from({ length: 30 }, () => versionOf(session, server.url)));
      expect(new Set(all)).toEqual(new Set(['1.1']));
      expect(session.pool.stats.total).toBe(7);
    });
  });

  test('a server that cannot be reached fails every request', async () => {
    await run(function* () {
      const session = yield* Session.open({ http2: true });
      const all = yield* gather(Array.from({ length: 20 }, () => attempt(session.get('https://127.0.0.1:1/'))));
      for (const each of all) expect(each).toMatchObject({ ok: false, error: { code: 'ECONNREFUSED' } });
      expect(session.pool.stats).toMatchObject({ total: 0, waiting: 0 });
    });
  });
});

describe('on the way to the server', () => {
  test('pins, client certificates and names are checked as over HTTP/1.1', async () => {
    const server = await either({ requestCert: true, rejectUnauthorized: true, ca: CA });
    const key = new X509Certificate(SERVER_CERT).publicKey.export({ type: 'spki', format: 'der' });
    const pin = `sha256/${createHash('sha256').update(key).digest('base64')}`;
    const wrong = `sha256/${Buffer.alloc(32, 9).toString('base64')}`;
    const own = { ca: CA, cert: CLIENT_CERT, key: CLIENT_KEY };
    await run(function* () {
      const ask = function* (given: SessionOptions['ssl']): Operation<unknown> {
        return yield* attempt(versionOf(yield* Session.open({ http2: true, ssl: given }), server.url));
      };
      expect(yield* ask({ ...own, fingerprint: pin })).toEqual({ ok: true, value: '2.0' });
      expect(yield* ask({ ...own, fingerprint: wrong })).toMatchObject({ error: { name: 'FingerprintMismatchError' } });
      expect(yield* ask({ ca: CA })).toMatchObject({ ok: false, error: { name: 'ClientSslError' } });
      expect(yield* ask({})).toMatchObject({ ok: false, error: { name: 'ClientSslError' } });
    });
  });

  test('proxies of every kind are gone through, with and without TLS behind them', async () => {
    const secure = await either();
    const plain = await serveHttp2((request, response) => void response.end(request.httpVersion));
    const http = await serveProxy();
    const https = await serveProxy(undefined, { secure: true });
    const socks = await serveSocks();
    await run(function* () {
      const proxies = [http.url, { url: https.url, ssl }, `socks5://127.0.0.1:${socks.port}`];
      for (const proxy of proxies) {
        for (const { url } of [secure, plain]) {
          const session = yield* Session.open({ http2: 'only', ssl, proxy });
          const all = yield* gather(Array.from({ length: 5 }, () => versionOf(session, url)));
          expect(all).toEqual(Array(5).fill('2.0'));
          expect(session.pool.stats.created).toBe(1);
        }
      }
    });
  });
});
