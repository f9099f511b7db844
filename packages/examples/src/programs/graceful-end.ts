/**
 * A graceful end: whatever is under way when the scope ends, nothing is left.
 *
 * aiohttp needs `await asyncio.sleep(0.250)` after the session is closed, or the transports of TLS connections stay open.
 */
import { acquire, defer, gather, group, isCancelled, type Operation, sleep, spawn } from '@coloop/core';
import { Session } from '@coloop/http';
import { CA } from '@coloop/test-servers';
import { httpsServer } from '@coloop/test-servers/resources';
import { startExample } from '../shared/start-example.ts';

const MEGABYTE = 'x'.repeat(1_000_000);

function* read(session: Session, path: string): Operation<string> {
  using response = yield* session.get(path);
  return yield* response.text();
}

/** Waits for an answer that never comes, and says how that ended. */
function* waitForever(session: Session): Operation<void> {
  try {
    yield* session.get('/never');
  } catch (error) {
    console.log(`the waiting request: ${isCancelled(error) ? 'cancelled' : String(error)}`);
    throw error;
  }
}

export function* gracefulEnd(): Operation<void> {
  const site = yield* acquire(
    httpsServer((request, response) => {
      if (request.url === '/large') response.write(MEGABYTE);
      else if (request.url !== '/never') response.end('hello');
    }),
  );
  const clients = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  const before = clients();

  let stats = (): string => '';
  yield* group(function* () {
    const session = yield* Session.open({ baseUrl: `https://localhost:${site.port}/`, ssl: { ca: CA } });
    stats = () => `${session.pool.stats.total} connections, ${session.pool.stats.busy} of them busy`;

    yield* gather([read(session, '/1'), read(session, '/2'), read(session, '/3')]);
    const large = yield* session.get('/large');
    const first = yield* large.chunks().next();
    spawn(waitForever(session), { daemon: true });
    yield* sleep(100);

    console.log(`a body is half read: ${!first.done && !large.released}`);
    console.log(`the session has ${stats()}`);
    console.log(`the server sees ${site.open.size} connections`);
    defer(() => console.log('the scope ends: no sleep, no close by hand'));
  });

  console.log(`the session has ${stats()}`);
  // The server's side of a connection learns of its end through the network.
  while (site.open.size > 0) yield* sleep(1);
  console.log(`the server sees ${site.open.size} connections`);
  console.log(`sockets of this process that were not there before: ${clients() - before}`);
}

await startExample(import.meta.url, gracefulEnd);
