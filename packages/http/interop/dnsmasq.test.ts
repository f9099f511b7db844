import { attempt, run } from '@coloop/core';
import { Resolver, Session } from '@coloop/http';
import { freePort } from '@coloop/test-servers';
import { serve } from '@coloop/test-servers/vitest';
import { beforeAll, describe, expect, test } from 'vitest';
import { find, start, titleOf } from './daemon.ts';

describe.skipIf(find('dnsmasq') === undefined)(titleOf('dnsmasq', 'dnsmasq'), () => {
  let nameserver: string;
  beforeAll(async () => {
    const port = await freePort();
    await start(
      'dnsmasq',
      [
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        '--no-resolv',
        '--no-hosts',
        '--listen-address=127.0.0.1',
        '--bind-interfaces',
        `--port=${port}`,
        '--address=/site.test/127.0.0.1',
        '--cname=alias.test,site.test',
        '--host-record=both.test,127.0.0.1,::1',
      ],
      port,
    );
    nameserver = `127.0.0.1:${port}`;
  });

  test('answers for names that only it knows', async () => {
    const { port } = await serve((request, response) => response.end(request.headers.host));
    await run(function* () {
      const session = yield* Session.open({ resolver: new Resolver({ nameservers: [nameserver] }) });
      for (const name of ['site.test', 'www.site.test', 'both.test']) {
        expect(yield* (yield* session.get(`http://${name}:${port}/`)).text()).toBe(`${name}:${port}`);
      }
      const tried = yield* attempt(session.get('http://nowhere.test/'));
      expect(tried).toMatchObject({ ok: false, error: { name: 'DnsError', phase: 'dns' } });
    });
  });
});
