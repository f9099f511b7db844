import { gzipSync } from 'node:zlib';
import { attempt, gather, type Operation, run } from '@coloop/core';
import { createSslContext, Session } from '@coloop/http';
import { CA, freePort, SERVER_CERT, SERVER_KEY } from '@coloop/test-servers';
import { beforeAll, describe, expect, test } from 'vitest';
import { directoryWith, find, start, titleOf } from './daemon.ts';

describe.skipIf(find('nginx') === undefined)(titleOf('nginx', 'nginx'), () => {
  const text = 'The quick brown fox jumps over the lazy dog.\n'.repeat(2_000);
  const ssl = createSslContext({ ca: CA });
  let plain: string;
  let tls12: string;
  let tls13: string;

  beforeAll(async () => {
    const [http, https12, https13] = [await freePort(), await freePort(), await freePort()];
    const directory = await directoryWith({
      'text.txt': text,
      'cert.pem': SERVER_CERT,
      'key.pem': SERVER_KEY,
      'packed.txt.gz': gzipSync(text),
      'nginx.conf': '',
    });
    const server = (listen: string): string => `
      server {
        listen ${listen};
        root ${directory};
        gzip on; gzip_types text/plain; gzip_min_length 100;
        location /moved { return 301 /text.txt; }
        location /echo { return 200 "$http_x_name|$request_method|$connection|$connection_requests"; }
        location /close { keepalive_timeout 0; return 200 "closed"; }
        location /secret { auth_basic "secret"; auth_basic_user_file ${directory}/users; return 200 "in"; }
      }`;
    const secure = (port: number, version: string): string =>
      server(
        `127.0.0.1:${port} ssl; ssl_certificate ${directory}/cert.pem; ssl_certificate_key ${directory}/key.pem; ssl_protocols ${version}; ssl_session_cache shared:S${port}:1m`,
      );
    const { writeFileSync } = await import('node:fs');
    writeFileSync(
      `${directory}/nginx.conf`,
      `worker_processes 1; daemon off; pid ${directory}/pid; error_log ${directory}/error.log; user root;
      events { worker_connections 1024; }
      http {
        default_type text/plain; access_log off; client_body_temp_path ${directory}/b; proxy_temp_path ${directory}/p;
        fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
        ${server(`127.0.0.1:${http}`)}
        ${secure(https12, 'TLSv1.2')}
        ${secure(https13, 'TLSv1.3')}
      }`,
    );
    await start('nginx', ['-c', `${directory}/nginx.conf`], http);
    plain = `http://127.0.0.1:${http}`;
    tls12 = `https://127.0.0.1:${https12}`;
    tls13 = `https://127.0.0.1:${https13}`;
  });

  test('keeps its connections over both versions of TLS, however fast it answers', async () => {
    await run(function* () {
      for (const base of [plain, tls12, tls13]) {
        const session = yield* Session.open({ ssl, pool: { limit: 3 } });
        yield* gather(Array.from({ length: 300 }, () => session.get(`${base}/echo`).text()));
        expect(session.pool.stats).toMatchObject({ created: 3, total: 3 });
      }
    });
  });

  test('serves text, gzipped on the way, over http and both versions of TLS', async () => {
    await run(function* () {
      const session = yield* Session.open({ ssl });
      for (const base of [plain, tls12, tls13]) {
        const response = yield* session.get(`${base}/text.txt`);
        expect(response.headers.get('content-encoding')).toBe('gzip');
        expect(yield* response.text()).toBe(text);
        const raw = yield* session.get(`${base}/text.txt`, { decompress: false });
        expect(raw.headers.get('content-encoding')).toBeNull();
        expect((yield* raw.bytes()).length).toBe(text.length);
      }
      expect(session.pool.stats).toMatchObject({ created: 3, reused: 3 });
    });
  });

  test('refuses a version of TLS that is too old for us', async () => {
    await run(function* () {
      const session = yield* Session.open();
      const tried = yield* attempt(session.get(tls12, { ssl: { ca: CA, minVersion: 'TLSv1.3' } }));
      expect(tried).toMatchObject({ ok: false, error: { name: 'ClientSslError' } });
    });
  });

  test('gives ranges, conditions and redirects', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: plain });
      const part = yield* session.get('/text.txt', { headers: { Range: 'bytes=4-8' } });
      expect([part.status, yield* part.text()]).toEqual([206, 'quick']);
      const moved = yield* session.get('/moved');
      expect([moved.url, moved.history.length]).toEqual([`${plain}/text.txt`, 1]);
      const modified = moved.headers.get('last-modified') ?? '';
      yield* moved.release();
      const same = yield* session.get('/text.txt', { headers: { 'If-Modified-Since': modified } });
      expect([same.status, yield* same.text()]).toEqual([304, '']);
      const head = yield* session.head('/text.txt');
      expect([head.status, yield* head.text()]).toEqual([200, '']);
    });
  });

  test('keeps connections alive, and closes them when it says so', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: plain, pool: { limit: 3 } });
      const pages = yield* gather(Array.from({ length: 60 }, () => echo(session)));
      expect(new Set(pages.map((page) => page.split('|')[2])).size).toBe(3);
      expect(Math.max(...pages.map((page) => Number(page.split('|')[3])))).toBeGreaterThan(10);
      for (let index = 0; index < 3; index++) expect(yield* (yield* session.get('/close')).text()).toBe('closed');
    });
  });
});

function* echo(session: Session): Operation<string> {
  return yield* (yield* session.get('/echo', { headers: { 'X-Name': 'coloop' } })).text();
}
