/** Programs with a bug each that no plain run shows: everything in them that might wait finishes at once. */
import { gather, group, type Operation, sleep } from '../../index.ts';
import { TinyLock } from './tiny-lock.fixture.ts';

/** The first look at the cache is not under the lock, and sees an entry that is not complete yet. */
export function* doubleCheckedCache(): Operation<void> {
  const cache = new Map<string, { body: string | null }>();
  const lock = new TinyLock('cache');
  const connection = new TinyLock('connection');
  function* page(url: string): Operation<string | null> {
    const early = cache.get(url);
    if (early !== undefined) return early.body;
    yield* lock.acquire();
    try {
      const entry = cache.get(url) ?? { body: null };
      if (entry.body === null) {
        cache.set(url, entry);
        yield* connection.acquire();
        entry.body = `the page ${url}`;
        connection.release();
      }
      return entry.body;
    } finally {
      lock.release();
    }
  }
  const pages = yield* gather([page('/'), page('/'), page('/')]);
  if (pages.includes(null)) throw new Error('a reader got a page that was not loaded');
}

/** Between the check and the act lies a write to a log, which usually does not wait. */
export function* checkThenAct(): Operation<void> {
  const log = new TinyLock('log');
  let seats = 1;
  function* book(): Operation<void> {
    if (seats === 0) return;
    yield* log.acquire();
    log.release();
    seats--;
  }
  yield* gather([book(), book()]);
  if (seats < 0) throw new Error('a seat was sold twice');
}

/** Two locks, taken in two orders. */
export function* lockOrder(): Operation<void> {
  const from = new TinyLock('from');
  const to = new TinyLock('to');
  function* transfer(first: TinyLock, second: TinyLock): Operation<void> {
    yield* first.acquire();
    yield* second.acquire();
    second.release();
    first.release();
  }
  yield* group(function* (g) {
    g.spawn(transfer(from, to), { name: 'pay' });
    g.spawn(transfer(to, from), { name: 'refund' });
  });
}

/** A cancel that comes between the acquire and the `try` leaves the lock locked. */
export function* cancelBetweenAcquireAndUse(): Operation<void> {
  const lock = new TinyLock('lock');
  function* worker(): Operation<void> {
    yield* lock.acquire();
    yield* sleep(10);
    try {
      yield* sleep(10);
    } finally {
      lock.release();
    }
  }
  yield* group(function* (g) {
    g.spawn(worker(), { name: 'a' });
    g.spawn(worker(), { name: 'b' });
  });
}

/** The same, right: nothing can go wrong here. */
export function* correct(): Operation<void> {
  const lock = new TinyLock('lock');
  let inside = 0;
  function* worker(): Operation<void> {
    yield* lock.acquire();
    try {
      if (++inside > 1) throw new Error('two workers in one lock');
      yield* sleep(10);
      inside--;
    } catch (error) {
      inside--;
      throw error;
    } finally {
      lock.release();
    }
  }
  yield* group(function* (g) {
    g.spawn(worker(), { name: 'a' });
    g.spawn(worker(), { name: 'b' });
  });
}
