/**
 * Custom nameservers: a name that only one DNS server of this world knows.
 *
 * aiohttp: `ClientSession(connector=TCPConnector(resolver=AsyncResolver(nameservers=['8.8.8.8', '8.8.4.4'])))`
 */
import { acquire, attempt, gather, type Operation } from '@coloop/core';
import { Resolver, Session } from '@coloop/http';
import { httpServer, nameServer } from '@coloop/test-servers/resources';
import { startExample } from '../shared/start-example.ts';

const NAME = 'hello.coloop.test';

function* read(session: Session, url: string, resolver: Resolver): Operation<string> {
  using response = yield* session.get(url, { resolver });
  return yield* response.text();
}

export function* nameservers(): Operation<void> {
  // Two DNS servers and a web server, all on loopback, all ended at the end of this function's task.
  const knows = yield* acquire(nameServer({ [NAME]: ['127.0.0.1'] }));
  const knowsNot = yield* acquire(nameServer({}));
  const site = yield* acquire(httpServer((request, response) => response.end(`I am ${request.headers.host}`)));
  const url = `http://${NAME}:${site.port}/`;

  const session = yield* Session.open();

  console.log('asking the DNS server that does not know the name:');
  const asked = yield* attempt(read(session, url, new Resolver({ nameservers: [knowsNot.address] })));
  if (!asked.ok) console.log(`  ${(asked.error as Error).name}: ${(asked.error as Error).message}`);

  console.log('asking the one that does:');
  const resolver = new Resolver({ nameservers: [knows.address], ttl: 60_000 });
  console.log(`  ${yield* read(session, url, resolver)}`);

  const before = knows.questions.length;
  yield* gather([read(session, url, resolver), read(session, url, resolver), read(session, url, resolver)]);
  console.log(
    `three more requests asked it ${knows.questions.length - before} questions: the answer is kept for its time to live`,
  );
}

await startExample(import.meta.url, nameservers);
