import { mkdirSync, writeFileSync } from 'node:fs';
import { run } from '@coloop/core';
import { Session } from '@coloop/http';
import { freePort } from '@coloop/test-servers';
import { beforeAll, describe, expect, test } from 'vitest';
import { directoryWith, find, start, titleOf } from './daemon.ts';
import { challenges, DIGEST_USERS, servesFiles, TEXT } from './site.ts';

describe.skipIf(find('lighttpd') === undefined)(titleOf('lighttpd', 'lighttpd'), () => {
  let base: string;

  beforeAll(async () => {
    const port = await freePort();
    const directory = await directoryWith({ 'text.txt': TEXT, users: DIGEST_USERS });
    mkdirSync(`${directory}/secret`);
    writeFileSync(`${directory}/secret/text.txt`, TEXT);
    writeFileSync(
      `${directory}/lighttpd.conf`,
      `server.modules = ("mod_redirect", "mod_auth", "mod_authn_file", "mod_deflate")
      server.document-root = "${directory}"
      server.bind = "127.0.0.1"
      server.port = ${port}
      server.max-keep-alive-requests = 1000
      mimetype.assign = (".txt" => "text/plain")
      deflate.mimetypes = ("text/plain")
      deflate.allowed-encodings = ("gzip", "deflate")
      url.redirect = ("^/moved$" => "/text.txt")
      auth.backend = "htdigest"
      auth.backend.htdigest.userfile = "${directory}/users"
      auth.require = ("/secret/" => ("method" => "digest", "realm" => "coloop", "require" => "valid-user"))
      `,
    );
    await start('lighttpd', ['-D', '-f', `${directory}/lighttpd.conf`], port);
    base = `http://127.0.0.1:${port}`;
  });

  servesFiles(() => base);
  challenges(() => base);

  test('redirects, and closes a connection of which it says so', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base });
      const moved = yield* session.get('/moved');
      expect([moved.url, yield* moved.text()]).toEqual([`${base}/text.txt`, TEXT]);
      const { created } = session.pool.stats;
      for (let index = 0; index < 3; index++) {
        expect(yield* session.get('/text.txt', { headers: { Connection: 'close' } }).text()).toBe(TEXT);
      }
      expect(session.pool.stats.created).toBe(created + 2);
    });
  });
});
