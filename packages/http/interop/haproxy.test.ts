import { writeFileSync } from 'node:fs';
import { attempt, gather, run } from '@coloop/core';
import { createSslContext, Session } from '@coloop/http';
import {
  CA,
  CLIENT_CERT,
  CLIENT_KEY,
  freePort,
  SERVER_CERT,
  SERVER_KEY,
  startHttp,
  startWebSockets,
} from '@coloop/test-servers';
import { beforeAll, describe, expect, test } from 'vitest';
import { directoryWith, find, start, titleOf, untilFileEnds } from './daemon.ts';

describe.skipIf(find('haproxy') === undefined)(titleOf('haproxy', 'haproxy'), () => {
  let base: string;
  let secure: string;
  let guarded: string;
  let chat: string;

  beforeAll(async () => {
    const site = startHttp((request, response) => {
      if (request.url === '/silent') return;
      if (request.url === '/cut') {
        response.writeHead(200, { 'Content-Length': '1000' });
        response.write('begun', () => setImmediate(() => response.destroy()));
        return;
      }
      let size = 0;
      request.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
      request.on('end', () => {
        response.setHeader('Set-Cookie', ['a=1', 'b=2']);
        response.write(`${request.method} ${request.url} `);
        response.end(`${size} ${request.headers['transfer-encoding'] ?? request.headers['content-length']}`);
      });
    });
    const sockets = startWebSockets((socket) => socket.on('message', (data) => socket.send(`you said ${data}`)));
    const behind = new URL((await untilFileEnds(site)).url).host;
    const chats = new URL((await untilFileEnds(sockets)).url).host;
    const [plain, tls, mutual, upgraded] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const directory = await directoryWith({ 'both.pem': `${SERVER_CERT}\n${SERVER_KEY}`, 'ca.pem': CA });
    writeFileSync(
      `${directory}/haproxy.cfg`,
      `global
  maxconn 200
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 400ms
  timeout tunnel 5s
  option http-keep-alive
frontend plain
  bind 127.0.0.1:${plain}
  http-request redirect location /new code 307 if { path /old }
  http-request return status 429 content-type text/plain string "slow down" hdr Retry-After 0 if { path /busy }
  http-request reject if { path /rejected }
  default_backend site
frontend tls
  bind 127.0.0.1:${tls} ssl crt ${directory}/both.pem alpn h2,http/1.1
  default_backend site
frontend mutual
  bind 127.0.0.1:${mutual} ssl crt ${directory}/both.pem ca-file ${directory}/ca.pem verify required
  default_backend site
frontend chats
  bind 127.0.0.1:${upgraded}
  default_backend chats
backend site
  server site ${behind}
backend chats
  server chats ${chats}
`,
    );
    await start('haproxy', ['-db', '-f', `${directory}/haproxy.cfg`], plain);
    base = `http://127.0.0.1:${plain}`;
    secure = `https://127.0.0.1:${tls}`;
    guarded = `https://127.0.0.1:${mutual}`;
    chat = `ws://127.0.0.1:${upgraded}/`;
  });

  test('passes chunks and lengths on, over connections that are kept', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base, pool: { limit: 2 } });
      const body = 'x'.repeat(100_000);
      const asked = Array.from({ length: 10 }, (_, index) => [
        session.post(`/${index}`, { body }).text(),
        session.post(`/${index}`, { body: () => new Blob([body]).stream() }).text(),
      ]);
      const texts = yield* gather(asked.flat());
      expect(texts.slice(0, 2)).toEqual(['POST /0 100000 100000', 'POST /0 100000 chunked']);
      expect(new Set(texts).size).toBe(20);
      expect(session.pool.stats.created).toBe(2);
      const response = yield* session.get('/');
      expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      yield* response.release();
    });
  });

  test('redirects, asks for patience, and gives up on a server that says nothing', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base });
      expect(yield* session.post('/old', { body: 'abc' }).text()).toBe('POST /new 3 3');
      const busy = yield* session.get('/busy', { retry: { attempts: 2, delay: 1 } });
      expect([busy.status, yield* busy.text()]).toEqual([429, 'slow down']);
      const late = yield* session.get('/silent');
      expect(late.status).toBe(504);
      expect(yield* late.text()).toMatch(/Gateway/);
    });
  });

  test('drops what it rejects, and a body whose server was lost is an error', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base });
      const rejected = yield* attempt(session.get('/rejected', { retry: false }));
      expect(rejected).toMatchObject({ ok: false, error: { name: 'ServerDisconnectedError' } });
      const cut = yield* attempt(session.get('/cut').text());
      expect(cut).toMatchObject({ ok: false, error: { name: 'ContentLengthError' } });
    });
  });

  test('ends TLS, agreeing on HTTP/1.1', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: secure, ssl: createSslContext({ ca: CA }) });
      expect(yield* session.get('/').text()).toMatch(/^GET \/ 0/);
      expect(yield* session.get('/').text()).toMatch(/^GET \/ 0/);
      expect(session.pool.stats.created).toBe(1);
    });
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('wants a certificate of the client, over %s', async (version) => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: guarded });
      const versions = { minVersion: version, maxVersion: version };
      const known = { ca: CA, cert: CLIENT_CERT, key: CLIENT_KEY, ...versions };
      expect(yield* session.get('/', { ssl: known }).text()).toMatch(/^GET \/ 0/);
      const retry = { attempts: 3, delay: 1 };
      const tried = yield* attempt(session.get('/', { ssl: { ca: CA, ...versions }, retry }));
      expect(tried).toMatchObject({ ok: false, error: { name: 'ClientSslError' } });
      expect(String(!tried.ok && tried.error)).toContain('ssl: { cert, key }');
      // One of a server is for no client.
      const other = { ca: CA, cert: SERVER_CERT, key: SERVER_KEY, ...versions };
      const refused = yield* attempt(session.get('/', { ssl: other, retry }));
      expect(refused).toMatchObject({ ok: false, error: { name: 'ClientSslError' } });
      expect(String(!refused.ok && refused.error)).toContain('give another one with ssl: { cert, key }.');
      expect(session.pool.stats.created).toBeLessThan(4);
    });
  });

  test('passes WebSockets on', async () => {
    await run(function* () {
      const session = yield* Session.open();
      const socket = yield* session.ws(chat);
      yield* socket.send('hello');
      expect(yield* socket.receive()).toBe('you said hello');
      yield* socket.close();
    });
  });
});
