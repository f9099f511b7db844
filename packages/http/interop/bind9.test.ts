import dns from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { attempt, type Operation, run } from '@coloop/core';
import { Resolver, Session } from '@coloop/http';
import { freePort } from '@coloop/test-servers';
import { serve } from '@coloop/test-servers/vitest';
import { beforeAll, describe, expect, test } from 'vitest';
import { directoryWith, find, start, titleOf } from './daemon.ts';

describe.skipIf(find('named') === undefined)(titleOf('bind9', 'named'), () => {
  let nameserver: string;

  beforeAll(async () => {
    const port = await freePort();
    const directory = await directoryWith({});
    const many = Array.from({ length: 90 }, (_, index) => `many IN A 127.0.0.${index + 1}`);
    writeFileSync(
      `${directory}/zone`,
      `$TTL 60
@ IN SOA ns.site.test. me.site.test. 1 60 60 60 60
@ IN NS ns
ns IN A 127.0.0.1
@ IN A 127.0.0.1
*.any IN A 127.0.0.1
both IN A 127.0.0.1
both IN AAAA ::1
alias IN CNAME first
first IN CNAME second
second IN A 127.0.0.1
loop IN CNAME pool
pool IN CNAME loop
dangling IN CNAME nothing
mail IN MX 10 ns
${many.join('\n')}
xn--bcher-kva IN A 127.0.0.1
`,
    );
    writeFileSync(
      `${directory}/named.conf`,
      `options {
        directory "${directory}"; pid-file "${directory}/pid"; session-keyfile "${directory}/key";
        listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
        recursion no; dnssec-validation no; allow-query { any; };
      };
      controls { };
      zone "site.test" { type primary; file "${directory}/zone"; };
      `,
    );
    await start('named', ['-g', '-c', `${directory}/named.conf`], port);
    nameserver = `127.0.0.1:${port}`;
    const resolver = new dns.Resolver();
    resolver.setServers([nameserver]);
    // Real time: it listens before it has read its zone, and fails for a moment.
    for (let tries = 0; tries < 100 && (await resolver.resolve4('site.test').catch(() => [])).length === 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  function* hostOf(session: Session, name: string, port: number): Operation<string> {
    return yield* session.get(`http://${name}:${port}/`).text();
  }

  test('answers for aliases, wildcards, international names, and more addresses than a datagram holds', async () => {
    const { port } = await serve((request, response) => response.end(request.headers.host));
    await run(function* () {
      const session = yield* Session.open({ resolver: new Resolver({ nameservers: [nameserver] }) });
      for (const name of ['site.test', 'a.b.any.site.test', 'both.site.test', 'alias.site.test', 'many.site.test']) {
        expect(yield* hostOf(session, name, port)).toBe(`${name}:${port}`);
      }
      expect(yield* hostOf(session, 'bücher.site.test', port)).toBe(`xn--bcher-kva.site.test:${port}`);
      expect(yield* hostOf(session, 'site.test.', port)).toBe(`site.test.:${port}`);
    });
  });

  test.each(['nowhere.site.test', 'loop.site.test', 'dangling.site.test', 'mail.site.test', 'elsewhere.test'])(
    'has no address for %s, and says so at once',
    async (name) => {
      await run(function* () {
        const session = yield* Session.open({ resolver: new Resolver({ nameservers: [nameserver] }), timeout: 10_000 });
        const tried = yield* attempt(session.get(`http://${name}/`));
        expect(tried).toMatchObject({ ok: false, error: { name: 'DnsError', phase: 'dns' } });
        expect(String(!tried.ok && tried.error)).toContain(name);
      });
    },
  );

  test('is asked after a nameserver where nobody is', async () => {
    const { port } = await serve((_, response) => response.end('here'));
    const nobody = `127.0.0.1:${await freePort()}`;
    await run(function* () {
      const session = yield* Session.open({ resolver: new Resolver({ nameservers: [nobody, nameserver] }) });
      expect(yield* hostOf(session, 'site.test', port)).toBe('here');
    });
  });
});
