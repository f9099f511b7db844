import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  after,
  attempt,
  broadcast,
  ClosedChannelError,
  EndOfChannelError,
  gather,
  moveOnAfter,
  now,
  type Operation,
  type Source,
  type Subscription,
  select,
  sleep,
  spawn,
  tick,
  WouldBlockError,
} from '../index.ts';
import { below, pause } from '../tasks/sabotage.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';
import { harassed, perhaps } from './chaos.fixture.ts';
import { messageOf } from './message-of.fixture.ts';

function* receiveAll<T>(source: Source<T>): Operation<T[]> {
  const values: T[] = [];
  for (let r = yield* source.next(); !r.done; r = yield* source.next()) values.push(r.value);
  return values;
}

function* take<T>(source: Source<T>, count: number): Operation<T[]> {
  const values: T[] = [];
  for (let i = 0; i < count; i++) {
    const r = yield* source.next();
    if (!r.done) values.push(r.value);
  }
  return values;
}

describe('a broadcast', () => {
  test(
    'gives every message to every subscription, from its start on',
    coroutineTest(function* () {
      const news = broadcast<number>();
      const first = news.subscribe();
      yield* news.send(1);
      const second = news.subscribe();
      yield* news.send(2);
      news.close();
      expect(yield* receiveAll(first)).toEqual([1, 2]);
      expect(yield* receiveAll(second)).toEqual([2]);
    }),
  );

  test(
    'goes at the pace of the slowest subscription',
    coroutineTest(function* () {
      const news = broadcast<number>({ capacity: 2 });
      const [fast, slow] = [news.subscribe(), news.subscribe()];
      const log: string[] = [];
      function* send(): Operation<void> {
        for (const value of [1, 2, 3, 4]) {
          yield* news.send(value);
          log.push(`sent ${value} at ${now()}`);
        }
        news.close();
      }
      spawn(send());
      const got = spawn(receiveAll(fast));
      yield* sleep(10);
      expect(log).toEqual(['sent 1 at 0', 'sent 2 at 0']);
      expect(yield* take(slow, 1)).toEqual([1]);
      yield* sleep(10);
      expect(log.slice(2)).toEqual(['sent 3 at 10']);
      expect(yield* receiveAll(slow)).toEqual([2, 3, 4]);
      expect(yield* got).toEqual([1, 2, 3, 4]);
    }),
  );

  test(
    'of capacity 0 sends when all receive',
    coroutineTest(function* () {
      const news = broadcast<string>({ capacity: 0 });
      const [one, two] = [news.subscribe(), news.subscribe()];
      const sent = spawn(news.send('a'));
      const first = spawn(one.next());
      yield* tick();
      expect([sent.done, first.done]).toEqual([false, false]);
      expect(yield* two.next()).toEqual({ done: false, value: 'a' });
      expect(yield* first).toEqual({ done: false, value: 'a' });
      yield* sent;
    }),
  );

  test(
    'sends at once when nobody has subscribed',
    coroutineTest(function* () {
      const news = broadcast<string>({ capacity: 0 });
      yield* news.send('into the void');
      news.sendNowait('too');
    }),
  );

  test(
    'replays past messages to a new subscription, also after its end',
    coroutineTest(function* () {
      const news = broadcast<number>({ capacity: 0, replay: 2 });
      for (const value of [1, 2, 3]) yield* news.send(value);
      expect(yield* take(news.subscribe(), 2)).toEqual([2, 3]);
      news.close();
      expect(yield* receiveAll(news.subscribe())).toEqual([2, 3]);
    }),
  );

  test(
    'waits no longer for a subscription that is closed',
    coroutineTest(function* () {
      const news = broadcast<number>({ capacity: 1 });
      const [open, forgotten] = [news.subscribe(), news.subscribe()];
      yield* news.send(1);
      expect(yield* take(open, 1)).toEqual([1]);
      const sent = spawn(news.send(2));
      const waiting = spawn(open.next());
      yield* tick();
      expect(sent.done).toBe(false);
      yield* forgotten.close();
      forgotten.close();
      yield* sent;
      expect(yield* waiting).toEqual({ done: false, value: 2 });
      expect(yield* forgotten.next()).toEqual({ done: true, value: undefined });
    }),
  );

  test(
    'ends for a receiver that waits when it is closed, and a send that waits fails',
    coroutineTest(function* () {
      const news = broadcast<number>({ capacity: 1 });
      const [idle, busy] = [news.subscribe(), news.subscribe()];
      yield* news.send(1);
      yield* idle.next();
      const waiting = spawn(idle.next());
      const sent = spawn(attempt(news.send(2)));
      yield* tick();
      yield* news.close();
      news.close();
      expect(yield* waiting).toEqual({ done: true, value: undefined });
      expect(yield* sent).toMatchObject({ error: expect.any(ClosedChannelError) });
      expect(yield* receiveAll(busy)).toEqual([1]);
      expect(messageOf(() => news.sendNowait(3))).toBe(
        'ClosedChannelError: send on a broadcast that was closed. Close it after its last message.',
      );
    }),
  );

  test(
    'has reached nobody when a send is cancelled',
    coroutineTest(function* () {
      const news = broadcast<number>({ capacity: 1 });
      const [one, two] = [news.subscribe(), news.subscribe()];
      yield* news.send(1);
      yield* one.next();
      expect((yield* moveOnAfter(5, news.send(2))).timedOut).toBe(true);
      news.close();
      expect([yield* receiveAll(one), yield* receiveAll(two)]).toEqual([[], [1]]);
    }),
  );

  test(
    'takes part in select on both sides',
    coroutineTest(function* () {
      const news = broadcast<number>({ capacity: 0 });
      const [one, two] = [news.subscribe(), news.subscribe()];
      expect((yield* select({ sent: news.send(1), late: after(5) })).key).toBe('late');
      const chosen = spawn(select({ one, two }));
      yield* tick();
      expect(yield* select({ sent: news.send(2), late: after(5) })).toEqual({ key: 'sent', value: undefined });
      expect(yield* chosen).toEqual({ key: 'one', value: 2 });
      news.close();
      expect(yield* take(two, 1)).toEqual([2]);
      expect(yield* attempt(select({ two }))).toMatchObject({ error: expect.any(EndOfChannelError) });
    }),
  );

  test('refuses to send without waiting when a subscription has no room', () => {
    const news = broadcast<number>({ capacity: 1 });
    const subscription: Subscription<number> = news.subscribe();
    news.sendNowait(1);
    expect(messageOf(() => news.sendNowait(2))).toBe(
      'WouldBlockError: sendNowait found 1 of 1 subscriptions without room. Wait with `yield* broadcast.send(value)`, or give a larger capacity.',
    );
    expect(() => news.sendNowait(2)).toThrow(WouldBlockError);
    expectTypeOf(subscription.next()).toEqualTypeOf<Operation<IteratorResult<number, void>>>();
    // @ts-expect-error: a string is not a message of this broadcast
    expect(() => news.sendNowait('x')).toThrow(WouldBlockError);
  });

  test('options that make no sense are refused', () => {
    expect(messageOf(() => broadcast({ capacity: Number.NaN }))).toBe(
      'RangeError: broadcast: capacity takes a whole number of at least 0, not NaN.',
    );
    expect(messageOf(() => broadcast({ replay: -1 }))).toBe(
      'RangeError: broadcast: replay takes a whole number of at least 0, not -1.',
    );
    expect(messageOf(() => broadcast({ reply: 1 } as object))).toBe(
      "TypeError: broadcast has no option 'reply'. Did you mean 'replay'? It takes: capacity, replay.",
    );
  });
});

/** Senders and subscribers that are cut off at random: every subscription sees one unbroken part of what was sent. */
function* chaos(capacity: number): Operation<void> {
  const news = broadcast<number>({ capacity });
  const reference = news.subscribe();
  const all = spawn(receiveAll(reference));
  const sent: number[] = [];
  const parts: number[][] = [];
  let next = 0;
  function* send(): Operation<void> {
    for (;;) {
      const value = next++;
      if ((yield* perhaps(news.send(value))) !== null) sent.push(value);
      yield* pause();
    }
  }
  function* subscribe(): Operation<void> {
    const subscription = news.subscribe();
    const mine: number[] = [];
    parts.push(mine);
    try {
      for (;;) {
        if (below(2) === 0) {
          const taken = yield* perhaps(subscription.next());
          if (taken !== null && !taken.value.done) mine.push(taken.value.value);
        } else {
          const chosen = yield* select({ subscription, late: after(below(3)) });
          if (chosen.key === 'subscription') mine.push(chosen.value);
        }
        yield* pause();
      }
    } finally {
      subscription.close();
    }
  }
  yield* gather([send, send, subscribe, subscribe, subscribe].map((body) => harassed(body, 60)));
  news.close();
  const order = yield* all;
  expect(order.toSorted()).toEqual(sent.toSorted());
  for (const mine of parts) {
    const from = order.indexOf(mine[0] ?? -1);
    if (mine.length > 0) expect(order.slice(from, from + mine.length)).toEqual(mine);
  }
}

describe('a select that sends and receives on one broadcast', () => {
  test(
    'does neither while its own receive is the only room for its send',
    coroutineTest(function* () {
      const news = broadcast<string>({ capacity: 0 });
      const [mine, other] = [news.subscribe(), news.subscribe()];
      const reader = spawn(take(other, 1), { daemon: true });
      yield* sleep(1);
      for (const branches of [
        { out: news.send('m'), mine, late: after(5) },
        { mine, out: news.send('m'), late: after(5) },
      ]) {
        expect((yield* select(branches)).key).toBe('late');
        expect(reader.done).toBe(false);
      }
    }),
  );

  test(
    'sends when another task receives from that subscription, too, and does not receive its own message',
    coroutineTest(function* () {
      const news = broadcast<string>({ capacity: 0 });
      const mine = news.subscribe();
      const chosen = spawn(select({ mine, out: news.send('m') }));
      yield* sleep(1);
      expect(yield* take(mine, 1)).toEqual(['m']);
      expect((yield* chosen).key).toBe('out');
    }),
  );

  test(
    'lets the message of another task pass the send that cannot go',
    coroutineTest(function* () {
      const news = broadcast<string>({ capacity: 0 });
      const mine = news.subscribe();
      const chosen = spawn(select({ out: news.send('blocked'), mine }));
      yield* sleep(1);
      yield* news.send('from outside');
      expect(yield* chosen).toEqual({ key: 'mine', value: 'from outside' });
      expect((yield* moveOnAfter(5, mine.next())).timedOut).toBe(true);
    }),
  );

  test(
    'stores its message for itself where there is capacity, and keeps it for the next receive',
    coroutineTest(function* () {
      const news = broadcast<string>({ capacity: 1 });
      const [mine, full] = [news.subscribe(), news.subscribe()];
      news.sendNowait('first');
      yield* take(mine, 1);
      const chosen = spawn(select({ mine, out: news.send('second') }));
      yield* sleep(1);
      yield* take(full, 1);
      expect((yield* chosen).key).toBe('out');
      expect(yield* take(mine, 1)).toEqual(['second']);
      expect(yield* take(full, 1)).toEqual(['second']);
    }),
  );
});

/** Tasks that send and receive on one broadcast by one select, cut off at random; every message is told whether it went. */
function* selecting(capacity: number): Operation<void> {
  const news = broadcast<number>({ capacity });
  const given = new Set<number>();
  const witness = news.subscribe();
  const seen: number[] = [];
  let next = 0;
  spawn(
    function* witnessing(): Operation<void> {
      for (let r = yield* witness.next(); !r.done; r = yield* witness.next()) seen.push(r.value);
    },
    { daemon: true },
  );
  function* worker(): Operation<void> {
    const mine = news.subscribe();
    const received: number[] = [];
    try {
      for (;;) {
        const item = next++;
        const late = after(below(4));
        const chosen =
          below(2) === 0
            ? yield* select({ out: news.send(item), mine, late })
            : yield* select({ mine, out: news.send(item), late });
        if (chosen.key === 'out') given.add(item);
        else if (chosen.key === 'mine') received.push(chosen.value);
        yield* pause();
      }
    } finally {
      mine.close();
      expect(new Set(received).size).toBe(received.length);
    }
  }
  yield* gather([1, 2, 3].map(() => harassed(worker, 40)));
  yield* sleep(1);
  expect(seen).toEqual([...new Set(seen)]);
  expect(new Set(seen)).toEqual(given);
}

test('under random cancels a select on one broadcast has sent exactly what it says', () =>
  fc.assert(
    fc.asyncProperty(fc.integer(), fc.nat(2), (seed, capacity) => runTest(() => selecting(capacity), { seed })),
    { numRuns: 30 },
  ));

test('under random cancels every subscription sees one unbroken part of what was sent', () =>
  fc.assert(
    fc.asyncProperty(fc.integer(), fc.constantFrom(0, 1, 3), (seed, capacity) =>
      runTest(() => chaos(capacity), { seed }),
    ),
    { numRuns: 25 },
  ));
