/**
 * Custom nameservers: a name that only one DNS server of this world knows.
 *
 * aiohttp: `ClientSession(connector=TCPConnector(resolver=AsyncResolver(nameservers=['8.8.8.8', '8.8.4.4'])))`
 */
import { createServer } from 'node:http';
import { acquire, attempt, gather, type Operation } from '@coloop/core';
import { Resolver, Session } from '@coloop/http';
import { closing } from '../shared/closing.ts';
import { localServer } from '../shared/local-server.ts';
import { startExample } from '../shared/start-example.ts';
import { startNameServer } from '../site-checker/world/name-server.ts';

const NAME = 'hello.coloop.test';

function* read(session: Session, url: string, resolver: Resolver): Operation<string> {
  using response = yield* session.get(url, { resolver });
  return yield* response.text();
}

export function* nameservers(): Operation<void> {
  // Two DNS servers and a web server, all on loopback, all ended at the end of this function's task.
  const knows = yield* acquire(closing(() => startNameServer([NAME])));
  const knowsNot = yield* acquire(closing(() => startNameServer([])));
  const site = yield* acquire(
    localServer(createServer((request, answer) => answer.end(`I am ${request.headers.host}`))),
  );
  const url = `http://${NAME}:${site.port}/`;

  const session = yield* Session.open();

  console.log('asking the DNS server that does not know the name:');
  const asked = yield* attempt(read(session, url, new Resolver({ nameservers: [knowsNot.address] })));
  if (!asked.ok) console.log(`  ${(asked.error as Error).name}: ${(asked.error as Error).message}`);

  console.log('asking the one that does:');
  const resolver = new Resolver({ nameservers: [knows.address], ttl: 60_000 });
  console.log(`  ${yield* read(session, url, resolver)}`);

  const before = knows.queries;
  yield* gather([read(session, url, resolver), read(session, url, resolver), read(session, url, resolver)]);
  console.log(
    `three more requests asked it ${knows.queries - before} questions: the answer is kept for its time to live`,
  );
}

await startExample(import.meta.url, nameservers);
