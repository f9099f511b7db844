/**
 * Timeouts: the default, per request, none, by phase, and around request and body.
 *
 * aiohttp: `ClientTimeout(total=…)`, `timeout=None`, and `async with async_timeout.timeout(0.1): …`
 */
import type { ServerResponse } from 'node:http';
import { acquire, attempt, type Operation, run, Scheduler, sleep, timeout, until } from '@coloop/core';
import { VirtualClock } from '@coloop/core/testing';
import { type RequestOptions, ServerTimeoutError, Session } from '@coloop/http';
import { httpServer, tcpServer } from '@coloop/test-servers/resources';
import { startExample } from '../shared/start-example.ts';

/** Answers late, drips its body, or never answers. */
function answerSlowly(path: string | undefined, response: ServerResponse): void {
  if (path === '/late') setTimeout(() => response.end('late but good'), 300);
  else if (path === '/drip') {
    response.write('one drop ');
    setTimeout(() => response.end('and the last one'), 5000).unref();
  } else if (path !== '/never') response.end('hello');
}

function* read(session: Session, path: string, options?: RequestOptions): Operation<string> {
  using response = yield* session.get(path, options);
  return yield* response.text();
}

/** Says how an operation ended, without the times, which differ from run to run. */
function* show(what: string, operation: Operation<string>): Operation<void> {
  const end = yield* attempt(operation);
  if (end.ok) console.log(`${what}: ${end.value}`);
  else if (end.error instanceof ServerTimeoutError) {
    const { limit, phase, timing } = end.error;
    const slowest = timing !== undefined && phase !== undefined && timing[phase] > timing.total / 2;
    console.log(
      `${what}: the limit '${limit}' passed in the phase '${phase}'${slowest ? ', which took most of the time' : ''}`,
    );
  } else console.log(`${what}: ${String(end.error)}`);
}

function* askForever(baseUrl: string): Operation<string> {
  const session = yield* Session.open({ baseUrl });
  return yield* read(session, '/never');
}

export function* timeouts(): Operation<void> {
  const site = yield* acquire(httpServer((request, response) => answerSlowly(request.url, response)));
  const mute = yield* acquire(tcpServer(() => {}));
  const baseUrl = `http://127.0.0.1:${site.port}/`;
  const session = yield* Session.open({ baseUrl });

  yield* show('100 ms for a page that takes 300', read(session, '/late', { timeout: 100 }));
  yield* show('no limit, null', read(session, '/late', { timeout: null }));
  yield* show('no limit, 0', read(session, '/late', { timeout: 0 }));
  yield* show('100 ms for a body that takes 5 s', read(session, '/drip', { timeout: 100 }));
  yield* show('100 ms between two chunks of a body', read(session, '/drip', { timeout: { idle: 100 } }));
  yield* show(
    '100 ms to connect to a server that never shakes hands',
    read(session, `https://127.0.0.1:${mute.port}/`, { timeout: { connect: 100 } }),
  );

  // A deadline of the core covers whatever happens inside it: several requests, their bodies, and anything else.
  function* several(): Operation<string> {
    const hello = yield* read(session, '/');
    yield* sleep(10);
    return `${hello} ${yield* read(session, '/drip')}`;
  }
  yield* show("core's timeout(200) around two requests", timeout(200, several()));

  // The default is five minutes. A virtual clock gets there as soon as nothing else happens.
  const clock = new VirtualClock();
  const patient = new Scheduler({ clock });
  yield* show('the default', until(run(askForever(baseUrl), { scheduler: patient })));
  console.log(`  on a virtual clock, which now says ${Math.round(clock.now() / 60_000)} minutes`);
}

await startExample(import.meta.url, timeouts);
