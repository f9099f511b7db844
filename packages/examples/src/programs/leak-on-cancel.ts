/**
 * A leak on cancel: a permit is taken, and something that waits stands between that and the `try` which gives it back.
 *
 * Nobody sees it until a request is cancelled just there; then there is one permit less, for ever.
 */
import { attempt, type Operation, Semaphore, sleep, spawn } from '@coloop/core';
import { huntFor } from '../shared/hunt-for.ts';
import { startExample } from '../shared/start-example.ts';

function* query(permits: Semaphore): Operation<string> {
  yield* permits.acquire();
  yield* sleep(1); // greets the server
  try {
    yield* sleep(10);
    return 'rows';
  } finally {
    permits.release();
  }
}

/** The same with a permit that goes back by itself, wherever the block is left. */
function* safeQuery(permits: Semaphore): Operation<string> {
  using _permit = yield* permits.acquire();
  yield* sleep(1);
  yield* sleep(10);
  return 'rows';
}

function* database(ask: typeof query): Operation<void> {
  const permits = new Semaphore(2);
  const queries = Array.from({ length: 3 }, (_, i) => spawn(attempt(ask(permits)), { name: `query ${i + 1}` }));
  for (const each of queries) yield* attempt(each);
  if (permits.available !== 2) throw new Error(`all queries are over, and ${permits.available} of 2 permits are there`);
}

export function* leakOnCancel(): Operation<void> {
  yield* huntFor('a permit that is given back by hand', () => database(query), { cancel: true });
  yield* huntFor('a permit that goes back by itself', () => database(safeQuery), { seeds: 20, cancel: true });
}

await startExample(import.meta.url, leakOnCancel);
