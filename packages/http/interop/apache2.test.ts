import { chmodSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { attempt, run } from '@coloop/core';
import { createSslContext, Session } from '@coloop/http';
import { CA, freePort, SERVER_CERT, SERVER_KEY } from '@coloop/test-servers';
import { beforeAll, describe, expect, test } from 'vitest';
import { directoryWith, find, start, titleOf } from './daemon.ts';
import { challenges, DIGEST_USERS, servesFiles, TEXT } from './site.ts';

const MODULES = [
  'mpm_event',
  'authn_core',
  'authn_file',
  'authz_core',
  'authz_user',
  'auth_digest',
  'mime',
  'filter',
  'deflate',
  'alias',
  'dav',
  'dav_fs',
  'socache_shmcb',
  'ssl',
];

describe.skipIf(find('apache2') === undefined)(titleOf('apache2', 'apache2'), () => {
  let directory: string;
  let plain: string;
  let secure: string;

  beforeAll(async () => {
    const [http, https] = [await freePort(), await freePort()];
    directory = await directoryWith({
      'text.txt': TEXT,
      users: DIGEST_USERS,
      'cert.pem': SERVER_CERT,
      'key.pem': SERVER_KEY,
    });
    for (const folder of ['secret', 'upload', 'run']) mkdirSync(`${directory}/${folder}`);
    writeFileSync(`${directory}/secret/text.txt`, TEXT);
    // A file that is as young as its answer has a weak tag, which a download does not go on with.
    utimesSync(`${directory}/text.txt`, 1_000_000_000, 1_000_000_000);
    // Apache serves as a user of its own where it was started by root.
    for (const path of ['', '/secret']) chmodSync(`${directory}${path}`, 0o755);
    for (const path of ['/upload', '/run']) chmodSync(`${directory}${path}`, 0o777);
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
      Listen 127.0.0.1:${http}
      Listen 127.0.0.1:${https}
      DocumentRoot ${directory}
      TypesConfig /etc/mime.types
      AddOutputFilterByType DEFLATE text/plain
      KeepAlive On
      MaxKeepAliveRequests 0
      DavLockDB ${directory}/run/locks
      Redirect /moved /text.txt
      <Directory ${directory}/secret>
        AuthType Digest
        AuthName coloop
        AuthUserFile ${directory}/users
        Require valid-user
      </Directory>
      <Directory ${directory}/upload>
        Dav On
      </Directory>
      <VirtualHost 127.0.0.1:${https}>
        SSLEngine on
        SSLCertificateFile ${directory}/cert.pem
        SSLCertificateKeyFile ${directory}/key.pem
      </VirtualHost>
      `,
    );
    await start('apache2', ['-D', 'FOREGROUND', '-f', `${directory}/apache2.conf`], http);
    plain = `http://127.0.0.1:${http}`;
    secure = `https://127.0.0.1:${https}`;
  });

  servesFiles(() => plain);
  challenges(() => plain);

  test('takes uploads of every framing, and asks for them first where that is wanted', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: plain });
      const bodies = {
        text: { body: TEXT },
        stream: { body: Readable.from([TEXT.slice(0, 10_000), TEXT.slice(10_000)]) },
        asked: { body: () => Readable.from([TEXT]), expect100: true },
      };
      for (const [name, options] of Object.entries(bodies)) {
        const response = yield* session.put(`/upload/${name}`, options);
        expect([name, response.status]).toEqual([name, 201]);
        yield* response.release();
        expect(readFileSync(`${directory}/upload/${name}`, 'utf8')).toBe(TEXT);
      }
      const refused = yield* session.put('/text.txt', { body: TEXT, expect100: true });
      expect(refused.status).toBe(405);
      yield* refused.release();
    });
  });

  test('speaks TLS, and redirects', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: secure, ssl: createSslContext({ ca: CA }) });
      const moved = yield* session.get('/moved');
      expect([moved.url, moved.history.length, yield* moved.text()]).toEqual([`${secure}/text.txt`, 1, TEXT]);
      const tried = yield* attempt(session.get('/text.txt', { ssl: true }));
      expect(tried).toMatchObject({ ok: false, error: { name: 'ClientSslError' } });
    });
  });
});
