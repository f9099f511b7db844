import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { attempt, type Operation, run } from '@coloop/core';
import { BasicAuth, createSslContext, type ProxyOption, Session } from '@coloop/http';
import { CA, freePort, SERVER_CERT, SERVER_KEY, startHttp, startHttps } from '@coloop/test-servers';
import { beforeAll, describe, expect, test } from 'vitest';
import { directoryWith, find, start, titleOf, untilFileEnds } from './daemon.ts';

const ssl = createSslContext({ ca: CA });
const sites: { plain: string; secure: string } = { plain: '', secure: '' };

beforeAll(async () => {
  const plain = startHttp((request, response) => response.end(`plain ${JSON.stringify(request.headers)}`));
  const secure = startHttps((request, response) => response.end(`secure ${JSON.stringify(request.headers)}`));
  sites.plain = `${(await untilFileEnds(plain)).url}/`;
  sites.secure = `${(await untilFileEnds(secure)).url}/`;
});

function* both(proxy: ProxyOption, proxyAuth?: BasicAuth): Operation<string[]> {
  const session = yield* Session.open({ ssl, proxy, proxyAuth });
  const texts: string[] = [];
  for (const url of [sites.plain, sites.secure, sites.plain, sites.secure]) {
    const response = yield* session.get(url);
    expect(response.status).toBe(200);
    texts.push(yield* response.text());
  }
  return texts;
}

async function carries(proxy: ProxyOption, proxyAuth?: BasicAuth): Promise<void> {
  const texts = await run(both(proxy, proxyAuth));
  expect(texts.map((text) => text.split(' ')[0])).toEqual(['plain', 'secure', 'plain', 'secure']);
  expect(texts.join().toLowerCase()).not.toContain('proxy-authorization');
}

async function refuses(proxy: string, status: number): Promise<void> {
  await run(function* () {
    const session = yield* Session.open({ ssl, proxy });
    const response = yield* session.get(sites.plain);
    expect(response.status).toBe(status);
    yield* response.release();
    const tried = yield* attempt(session.get(sites.secure));
    expect(tried).toMatchObject({ ok: false, error: { name: 'ProxyResponseError', status } });
  });
}

/** squid with user `me` and password `secret`. */
async function startSquid(): Promise<number> {
  const port = await freePort();
  const helper = ['/usr/lib/squid/basic_ncsa_auth', '/usr/libexec/squid/basic_ncsa_auth'].find((path) => {
    try {
      execFileSync('test', ['-x', path]);
      return true;
    } catch {
      return false;
    }
  });
  const hash = execFileSync(find('openssl') as string, ['passwd', '-apr1', 'secret'])
    .toString()
    .trim();
  const directory = await directoryWith({ users: `me:${hash}\n` });
  execFileSync('chmod', ['777', directory]);
  const file = `${directory}/squid.conf`;
  writeFileSync(
    file,
    `http_port 127.0.0.1:${port}
auth_param basic program ${helper} ${directory}/users
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
access_log none
cache_log ${directory}/cache.log
pid_filename ${directory}/squid.pid
coredump_dir ${directory}
pinger_enable off
shutdown_lifetime 0 seconds
`,
  );
  await start('squid', ['-N', '-f', file], port);
  return port;
}

describe.skipIf(find('squid') === undefined || find('openssl') === undefined)(
  titleOf('squid', 'squid', 'openssl'),
  () => {
    let port: number;
    beforeAll(async () => {
      port = await startSquid();
    });

    test('carries http in absolute-form and https in tunnels, with credentials from the URL or proxyAuth', async () => {
      await carries(`http://me:secret@127.0.0.1:${port}`);
      await carries(`http://127.0.0.1:${port}`, new BasicAuth('me', 'secret'));
    });

    test('answers 407 to whom it does not know', async () => {
      await refuses(`http://127.0.0.1:${port}`, 407);
      await refuses(`http://me:wrong@127.0.0.1:${port}`, 407);
    });

    test.skipIf(find('stunnel4') === undefined)(titleOf('is an https proxy behind stunnel', 'stunnel4'), async () => {
      const outer = await freePort();
      const directory = await directoryWith({ 'cert.pem': SERVER_CERT, 'key.pem': SERVER_KEY });
      const file = `${directory}/stunnel.conf`;
      writeFileSync(
        file,
        `foreground = yes\npid =\n[proxy]\naccept = 127.0.0.1:${outer}\nconnect = 127.0.0.1:${port}\ncert = ${directory}/cert.pem\nkey = ${directory}/key.pem\n`,
      );
      await start('stunnel4', [file], outer);
      await carries({ url: `https://me:secret@127.0.0.1:${outer}`, ssl: { ca: CA } });
    });
  },
);

describe.skipIf(find('tinyproxy') === undefined)(titleOf('tinyproxy', 'tinyproxy'), () => {
  const startTinyproxy = async (auth: string): Promise<number> => {
    const port = await freePort();
    const directory = await directoryWith({
      'tiny.conf': `Port ${port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nAllow 127.0.0.1\n${auth}`,
    });
    await start('tinyproxy', ['-d', '-c', `${directory}/tiny.conf`], port);
    return port;
  };

  test('carries http and https without credentials', async () => {
    await carries(`http://127.0.0.1:${await startTinyproxy('')}`);
  });

  test('carries http and https with credentials, and refuses without', async () => {
    const port = await startTinyproxy('BasicAuth me secret\n');
    await carries(`http://me:secret@127.0.0.1:${port}`);
    await refuses(`http://127.0.0.1:${port}`, 407);
  });
});

describe.skipIf(find('microsocks') === undefined)(titleOf('microsocks', 'microsocks'), () => {
  test('carries http and https, with and without a password', async () => {
    const [open, closed] = [await freePort(), await freePort()];
    await start('microsocks', ['-i', '127.0.0.1', '-p', String(open)], open);
    await start('microsocks', ['-i', '127.0.0.1', '-p', String(closed), '-u', 'me', '-P', 'secret'], closed);
    await carries(`socks5://127.0.0.1:${open}`);
    await carries(`socks5h://127.0.0.1:${open}`);
    await carries(`socks5://me:secret@127.0.0.1:${closed}`);
    const tried = await run(attempt(both(`socks5://127.0.0.1:${closed}`)));
    expect(tried).toMatchObject({ ok: false, error: { name: 'ClientProxyConnectionError', code: 'SOCKS_AUTH' } });
  });
});

describe.skipIf(find('danted') === undefined)(titleOf('dante', 'danted'), () => {
  test('carries http and https over SOCKS 5 and 4', async () => {
    const port = await freePort();
    const directory = await directoryWith({
      'danted.conf': `logoutput: stderr
internal: 127.0.0.1 port = ${port}
external: lo
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
`,
    });
    await start('danted', ['-f', `${directory}/danted.conf`], port);
    await carries(`socks5://127.0.0.1:${port}`);
    await carries(`socks4://127.0.0.1:${port}`);
  });
});
