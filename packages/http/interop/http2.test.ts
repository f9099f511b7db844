// HTTP/2 with the servers that are installed, each over TLS and, where the program can, without.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { attempt, gather, run, spawn, type Task } from '@coloop/core';
import { createSslContext, Session } from '@coloop/http';
import { CA, freePort, SERVER_CERT, SERVER_KEY, startHttp } from '@coloop/test-servers';
import { beforeAll, describe, expect, test } from 'vitest';
import { directoryWith, find, start, titleOf, untilFileEnds } from './daemon.ts';
import { TEXT } from './site.ts';

const ssl = createSslContext({ ca: CA });
const LARGE = Buffer.alloc(5_000_000, 'large');

/** What every server does: many requests on one connection, a large body, a cancel beside others, and an upload. */
function speaks(urls: () => readonly string[]): void {
  test('serves hundreds of requests on one connection', async () => {
    await run(function* () {
      for (const url of urls()) {
        const session = yield* Session.open({ ssl, http2: 'only', pool: { limit: 1 } });
        const texts = yield* gather(Array.from({ length: 300 }, () => session.get(`${url}/text.txt`).text()));
        expect(texts.every((text) => text === TEXT)).toBe(true);
        expect(session.pool.stats).toMatchObject({ created: 1, total: 1, streams: 0 });
      }
    });
  });

  test('gives a large body while another request is cancelled, heads, ranges and errors', async () => {
    await run(function* () {
      for (const url of urls()) {
        const session = yield* Session.open({ ssl, http2: 'only' });
        const large: Task<Uint8Array> = spawn(session.get(`${url}/large.bin`).bytes());
        {
          using response = yield* session.get(`${url}/large.bin`);
          expect((yield* response.chunks().next()).done).toBe(false);
        }
        expect(Buffer.from(yield* large).equals(LARGE)).toBe(true);
        const head = yield* session.head(`${url}/text.txt`);
        expect([head.status, yield* head.text()]).toEqual([200, '']);
        expect((yield* session.get(`${url}/missing.txt`)).status).toBe(404);
        expect(session.pool.stats.created).toBe(1);
      }
    });
  });
}

describe.skipIf(find('nginx') === undefined)(titleOf('nginx, HTTP/2', 'nginx'), () => {
  let plain: string;
  let secure: string;
  let counting: string;

  beforeAll(async () => {
    const [clear, tls, few] = [await freePort(), await freePort(), await freePort()];
    const directory = await directoryWith({
      'text.txt': TEXT,
      'large.bin': LARGE,
      'cert.pem': SERVER_CERT,
      'key.pem': SERVER_KEY,
    });
    const keys = `ssl_certificate ${directory}/cert.pem; ssl_certificate_key ${directory}/key.pem;`;
    writeFileSync(
      `${directory}/nginx.conf`,
      `worker_processes 1; daemon off; pid ${directory}/pid; error_log ${directory}/error.log; user root;
      events { worker_connections 1024; }
      http {
        default_type text/plain; access_log off; client_body_temp_path ${directory}/b; proxy_temp_path ${directory}/p;
        fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s; root ${directory};
        client_max_body_size 1k;
        server { listen 127.0.0.1:${clear} http2; }
        server { listen 127.0.0.1:${tls} ssl http2; ${keys} location /echo { return 200 "$http_x_name|$http_cookie|$server_protocol"; } }
        server { listen 127.0.0.1:${few} ssl http2; ${keys} keepalive_requests 100; }
      }`,
    );
    await start('nginx', ['-c', `${directory}/nginx.conf`], tls);
    plain = `http://127.0.0.1:${clear}`;
    secure = `https://127.0.0.1:${tls}`;
    counting = `https://127.0.0.1:${few}`;
  });

  speaks(() => [plain, secure]);

  test('chooses HTTP/2 where both are offered, and gets headers and cookies', async () => {
    await run(function* () {
      const session = yield* Session.open({ ssl, http2: true, cookies: { a: '1', b: '2' } });
      const seen = yield* session.get(`${secure}/echo`, { headers: { 'X-Name': 'é x' } }).text('latin1');
      expect(seen).toBe('é x|a=1; b=2|HTTP/2.0');
      const one = yield* Session.open({ ssl });
      expect(yield* one.get(`${secure}/echo`).text()).toContain('HTTP/1.1');
    });
  });

  test('ends its connections after every hundredth request, and no request is lost', async () => {
    await run(function* () {
      const session = yield* Session.open({ ssl, http2: true, pool: { limit: 2 } });
      for (let round = 0; round < 3; round++) {
        const tried = yield* gather(
          Array.from({ length: 400 }, () => attempt(session.get(`${counting}/text.txt`).text())),
        );
        expect(tried.filter(({ ok }) => !ok)).toEqual([]);
      }
      expect(session.pool.stats.created).toBeGreaterThanOrEqual(11);
    });
  });

  test('refuses an upload before it was sent, and the connection lives', async () => {
    await run(function* () {
      const session = yield* Session.open({ ssl, http2: true });
      const refused = yield* session.post(`${secure}/text.txt`, { body: LARGE });
      expect(refused.status).toBe(413);
      yield* refused.text();
      expect(yield* session.get(`${secure}/text.txt`).text()).toBe(TEXT);
    });
  });
});

describe.skipIf(find('haproxy') === undefined)(titleOf('haproxy, HTTP/2', 'haproxy'), () => {
  let plain: string;
  let secure: string;

  beforeAll(async () => {
    const site = startHttp((request, response) => {
      if (request.url === '/missing.txt') response.writeHead(404).end('no');
      else if (request.url === '/large.bin') response.end(LARGE);
      else if (request.method === 'POST') request.pipe(response);
      else response.end(TEXT);
    });
    const behind = new URL((await untilFileEnds(site)).url).host;
    const [clear, tls] = [await freePort(), await freePort()];
    const directory = await directoryWith({ 'both.pem': `${SERVER_CERT}\n${SERVER_KEY}` });
    writeFileSync(
      `${directory}/haproxy.cfg`,
      `defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend plain
  bind 127.0.0.1:${clear} proto h2
  default_backend site
frontend secure
  bind 127.0.0.1:${tls} ssl crt ${directory}/both.pem alpn h2,http/1.1
  default_backend site
backend site
  server one ${behind}
`,
    );
    await start('haproxy', ['-f', `${directory}/haproxy.cfg`, '-db'], tls);
    plain = `http://127.0.0.1:${clear}`;
    secure = `https://127.0.0.1:${tls}`;
  });

  speaks(() => [plain, secure]);

  test('takes uploads of known and unknown length through its windows', async () => {
    await run(function* () {
      const session = yield* Session.open({ ssl, http2: true });
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < LARGE.length; at += 100_000) yield LARGE.subarray(at, at + 100_000);
      };
      for (const body of [LARGE, chunks()]) {
        const back = yield* session.post(`${secure}/echo`, { body }).bytes();
        expect(Buffer.from(back).equals(LARGE)).toBe(true);
      }
      expect(session.pool.stats.created).toBe(1);
    });
  });
});

const MODULES = ['mpm_event', 'authz_core', 'mime', 'socache_shmcb', 'ssl', 'http2'];

describe.skipIf(find('apache2') === undefined)(titleOf('apache2, HTTP/2', 'apache2'), () => {
  let plain: string;
  let secure: string;

  beforeAll(async () => {
    const [clear, tls] = [await freePort(), await freePort()];
    const directory = await directoryWith({
      'text.txt': TEXT,
      'large.bin': LARGE,
      'cert.pem': SERVER_CERT,
      'key.pem': SERVER_KEY,
    });
    mkdirSync(`${directory}/run`);
    // Apache serves as a user of its own where it was started by root.
    chmodSync(directory, 0o755);
    chmodSync(`${directory}/run`, 0o777);
    const modules = MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
    writeFileSync(
      `${directory}/apache2.conf`,
      `${modules.join('\n')}
ServerName localhost
ServerRoot ${directory}
PidFile ${directory}/run/pid
DefaultRuntimeDir ${directory}/run
ErrorLog ${directory}/run/error.log
${process.geteuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
Listen 127.0.0.1:${clear}
Listen 127.0.0.1:${tls}
DocumentRoot ${directory}
TypesConfig /etc/mime.types
Protocols h2 h2c http/1.1
<VirtualHost 127.0.0.1:${tls}>
  SSLEngine on
  SSLCertificateFile ${directory}/cert.pem
  SSLCertificateKeyFile ${directory}/key.pem
</VirtualHost>
`,
    );
    await start('apache2', ['-f', `${directory}/apache2.conf`, '-DFOREGROUND'], tls);
    plain = `http://127.0.0.1:${clear}`;
    secure = `https://127.0.0.1:${tls}`;
  });

  speaks(() => [plain, secure]);
});

describe.skipIf(find('nghttpd') === undefined)(titleOf('nghttpd', 'nghttpd'), () => {
  let plain: string;
  let secure: string;

  beforeAll(async () => {
    const [clear, tls] = [await freePort(), await freePort()];
    const directory = await directoryWith({
      'text.txt': TEXT,
      'large.bin': LARGE,
      'cert.pem': SERVER_CERT,
      'key.pem': SERVER_KEY,
    });
    await start('nghttpd', ['--no-tls', '-d', directory, '-a', '127.0.0.1', String(clear)], clear);
    const keys = [`${directory}/key.pem`, `${directory}/cert.pem`];
    await start('nghttpd', ['-d', directory, '-a', '127.0.0.1', String(tls), ...keys], tls);
    plain = `http://127.0.0.1:${clear}`;
    secure = `https://127.0.0.1:${tls}`;
  });

  speaks(() => [plain, secure]);

  test('speaks nothing else, which is said', async () => {
    await run(function* () {
      const session = yield* Session.open({ ssl });
      const tried = yield* attempt(session.get(secure));
      expect(String(tried.ok ? '' : tried.error)).toContain('http2: true');
    });
  });
});
