import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  BrokenChannelError,
  ClosedChannelError,
  channel,
  EndOfChannelError,
  gather,
  moveOnAfter,
  now,
  type Operation,
  type Receiver,
  Scheduler,
  type Sender,
  type Source,
  sleep,
  spawn,
  tick,
  WouldBlockError,
} from '../index.ts';
import { below, pause } from '../tasks/sabotage.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';
import { ChannelCore, SendWait } from './channel-core.ts';
import { harassed, perhaps } from './chaos.fixture.ts';
import { messageOf } from './message-of.fixture.ts';
import { type End, ReceiveWait } from './receiving.ts';

function* sendAll<T>(sender: Sender<T>, values: readonly T[]): Operation<void> {
  for (const value of values) yield* sender.send(value);
  sender.close();
}

function* receiveAll<T>(receiver: Source<T>): Operation<T[]> {
  const values: T[] = [];
  for (let r = yield* receiver.next(); !r.done; r = yield* receiver.next()) values.push(r.value);
  return values;
}

/** An end of a channel without its words. */
const end = (): End => ({ closed: false, waits: null });

function* failureOf(operation: Operation<unknown>): Operation<string> {
  const tried = yield* attempt(operation);
  return tried.ok ? 'no failure' : `${(tried.error as Error).name}: ${(tried.error as Error).message}`;
}

const CLOSED_SENDER =
  'ClosedChannelError: send on a sender that was closed. Close it after its last message; for several tasks give each its own `sender.clone()`.';
const CLOSED_RECEIVER =
  'ClosedChannelError: receive on a receiver that was closed. For several tasks give each its own `receiver.clone()`.';
const BROKEN = 'BrokenChannelError: send on a channel from which nobody can receive: every receiver was closed.';
const ENDED =
  'EndOfChannelError: receive on a channel that has ended: every sender was closed and every message received. To loop until the end use forEach(receiver, fn) or receiver.next().';

describe('a channel', () => {
  test(
    'carries messages in order and ends when its sender is closed',
    coroutineTest(function* () {
      for (const capacity of [0, 1, 10, Number.POSITIVE_INFINITY]) {
        const { sender, receiver } = channel<number>(capacity);
        spawn(sendAll(sender, [1, 2, 3]));
        expect(yield* receiveAll(receiver)).toEqual([1, 2, 3]);
        expect(yield* receiveAll(receiver)).toEqual([]);
      }
    }),
  );

  test(
    'of capacity 0 is a rendezvous: a send ends when its message is received',
    coroutineTest(function* () {
      const { sender, receiver } = channel<string>();
      const sent = spawn(
        (function* () {
          yield* sender.send('a');
          return now();
        })(),
      );
      yield* sleep(10);
      expect(sent.done).toBe(false);
      expect(yield* receiver.receive()).toBe('a');
      expect(yield* sent).toBe(10);
    }),
  );

  test(
    'with a capacity stores so many messages, then lets send wait',
    coroutineTest(function* () {
      const { sender, receiver } = channel<number>(2);
      yield* sender.send(1);
      yield* sender.send(2);
      const third = spawn(sender.send(3));
      yield* tick();
      expect(third.done).toBe(false);
      expect(receiver.receiveNowait()).toBe(1);
      yield* third;
      expect([receiver.receiveNowait(), receiver.receiveNowait()]).toEqual([2, 3]);
    }),
  );

  test(
    'gives each message to one receiver, in order of arrival',
    coroutineTest(function* () {
      const { sender, receiver } = channel<string>();
      const first = spawn(receiver.receive());
      const second = spawn(receiver.clone().next());
      yield* tick();
      yield* sender.send('a');
      yield* sender.send('b');
      expect(yield* first).toBe('a');
      expect(yield* second).toEqual({ done: false, value: 'b' });
    }),
  );

  test(
    'has lost nothing when a send or a receive is cancelled',
    coroutineTest(function* () {
      const { sender, receiver } = channel<string>();
      expect((yield* moveOnAfter(5, sender.send('a'))).timedOut).toBe(true);
      expect((yield* moveOnAfter(5, receiver.receive())).timedOut).toBe(true);
      spawn(sender.send('b'));
      expect(yield* receiver.receive()).toBe('b');
    }),
  );

  test(
    'can be sent to from outside of tasks',
    coroutineTest(function* () {
      const { sender, receiver } = channel<string>();
      const got = spawn(receiver.receive());
      yield* tick();
      void Promise.resolve().then(() => sender.sendNowait('from a callback'));
      expect(yield* got).toBe('from a callback');
    }),
  );
});

describe('closing a channel', () => {
  test(
    'a sender lets what is stored be received, then the channel has ended',
    coroutineTest(function* () {
      const { sender, receiver } = channel<number>(5);
      sender.sendNowait(1);
      yield* sender.close();
      sender.close();
      expect(yield* receiver.receive()).toBe(1);
      expect(yield* failureOf(receiver.receive())).toBe(ENDED);
      expect(messageOf(() => receiver.receiveNowait())).toBe(ENDED);
      expect(yield* receiver.next()).toEqual({ done: true, value: undefined });
    }),
  );

  test(
    'the last sender ends the channel for a receiver that waits',
    coroutineTest(function* () {
      const { sender, receiver } = channel<number>();
      const other = sender.clone();
      const received = spawn(failureOf(receiver.receive()));
      const next = spawn(receiver.next());
      yield* tick();
      sender.close();
      yield* tick();
      expect([received.done, next.done]).toEqual([false, false]);
      other.close();
      expect(yield* received).toBe(ENDED);
      expect(yield* next).toEqual({ done: true, value: undefined });
    }),
  );

  test(
    'the last receiver breaks the channel: senders fail, also those that wait, and what is stored is dropped',
    coroutineTest(function* () {
      const { sender, receiver } = channel<object>(1);
      const other = receiver.clone();
      sender.sendNowait({});
      const waiting = spawn(failureOf(sender.send({})));
      yield* tick();
      receiver.close();
      yield* tick();
      expect(waiting.done).toBe(false);
      yield* other.close();
      expect(yield* waiting).toBe(BROKEN);
      expect(yield* failureOf(sender.send({}))).toBe(BROKEN);
      expect(messageOf(() => sender.sendNowait({}))).toBe(BROKEN);
    }),
  );

  test(
    'an end that is closed fails what waits through it and what is asked of it, and leaves its clones alone',
    coroutineTest(function* () {
      const { sender, receiver } = channel<string>();
      const secondSender = sender.clone();
      const sends = [spawn(failureOf(sender.send('a'))), spawn(sender.clone().send('b'))] as const;
      yield* tick();
      sender.close();
      expect(yield* sends[0]).toBe(CLOSED_SENDER);
      expect(yield* failureOf(sender.send('c'))).toBe(CLOSED_SENDER);
      expect(messageOf(() => sender.sendNowait('c'))).toBe(CLOSED_SENDER);
      expect(messageOf(() => sender.clone())).toBe(CLOSED_SENDER.replace('send on', 'clone on'));
      expect(yield* receiver.receive()).toBe('b');
      yield* sends[1];

      const secondReceiver = receiver.clone();
      const receives = [spawn(failureOf(receiver.receive())), spawn(secondReceiver.receive())] as const;
      const next = spawn(receiver.next());
      yield* tick();
      receiver.close();
      expect(yield* receives[0]).toBe(CLOSED_RECEIVER);
      expect(yield* next).toEqual({ done: true, value: undefined });
      expect(yield* receiver.next()).toEqual({ done: true, value: undefined });
      expect(yield* failureOf(receiver.receive())).toBe(CLOSED_RECEIVER);
      expect(messageOf(() => receiver.receiveNowait())).toBe(CLOSED_RECEIVER.replace('receive', 'receiveNowait'));
      expect(messageOf(() => receiver.clone())).toBe(CLOSED_RECEIVER.replace('receive', 'clone'));
      yield* secondSender.send('d');
      expect(yield* receives[1]).toBe('d');
    }),
  );

  test('errors of closing are three different ones', () => {
    const kinds = [ClosedChannelError, BrokenChannelError, EndOfChannelError];
    for (const kind of kinds) {
      expect(kinds.filter((other) => new kind() instanceof other)).toEqual([kind]);
    }
  });
});

describe('bad calls on a channel', () => {
  test('capacities that make no sense are refused', () => {
    expect(messageOf(() => channel(Number.NaN))).toBe(
      'RangeError: channel: capacity takes a whole number of at least 0, not NaN.',
    );
    expect(messageOf(() => channel(-1))).toBe(
      'RangeError: channel: capacity takes a whole number of at least 0, not -1.',
    );
    expect(messageOf(() => channel('1' as never))).toBe('TypeError: channel: capacity takes a whole number, not "1".');
  });

  test('the twins that do not wait say what to write', () => {
    const { sender, receiver } = channel<number>(1);
    expect(messageOf(() => receiver.receiveNowait())).toBe(
      'WouldBlockError: receiveNowait found no message. Wait for one with `yield* receiver.receive()`.',
    );
    sender.sendNowait(1);
    expect(messageOf(() => sender.sendNowait(2))).toBe(
      'WouldBlockError: sendNowait found no room (1 of 1 messages) and no receiver that waits. Wait with `yield* sender.send(value)`.',
    );
    expect(() => channel<number>().sender.sendNowait(1)).toThrow(WouldBlockError);
    expect(receiver.receiveNowait()).toBe(1);
  });

  test('a channel that was used on one scheduler is refused by another', async () => {
    const { sender, receiver } = channel<number>(1);
    await new Scheduler().run(() => sender.send(1));
    await expect(new Scheduler().run(() => receiver.receive())).rejects.toThrow(/This channel belongs to another/);
    expect(receiver.receiveNowait()).toBe(1);
  });
});

test('the types of both ends follow the messages', () => {
  const { sender, receiver } = channel<string>();
  expectTypeOf(receiver).toExtend<Source<string>>();
  expectTypeOf(receiver.receive()).toEqualTypeOf<Operation<string>>();
  expectTypeOf(receiver.next()).toEqualTypeOf<Operation<IteratorResult<string, void>>>();
  // @ts-expect-error: a number is not a message of this channel
  sender.send(1);
  // @ts-expect-error: a receiver cannot send
  expect(receiver.send).toBe(undefined);
});

/** Senders and receivers that are cut off at random, each with its own clone, closed at the end of its life. */
function* chaos(capacity: number): Operation<void> {
  const { sender, receiver } = channel<{ by: number; no: number }>(capacity);
  const sent = new Set<unknown>();
  const received: { by: number; no: number }[][] = [];
  function* send(by: number): Operation<void> {
    const own = sender.clone();
    try {
      for (let no = 0; ; no++) {
        const message = { by, no };
        if ((yield* perhaps(own.send(message))) !== null) sent.add(message);
        yield* pause();
      }
    } finally {
      own.close();
    }
  }
  function* receive(): Operation<void> {
    const own = receiver.clone();
    const mine: { by: number; no: number }[] = [];
    received.push(mine);
    try {
      for (;;) {
        if (below(2) === 0) {
          const taken = yield* perhaps(own.receive());
          if (taken !== null) mine.push(taken.value);
        } else {
          const taken = yield* perhaps(own.next());
          if (taken !== null && !taken.value.done) mine.push(taken.value.value);
        }
        yield* pause();
      }
    } finally {
      own.close();
    }
  }
  let senders = 0;
  const harass: Operation<void>[] = [];
  for (let i = 0; i < 3; i++) {
    harass.push(harassed(() => send(senders++), 60));
    harass.push(harassed(receive, 60));
  }
  yield* gather(harass);
  sender.close();
  const left = yield* receiveAll(receiver);
  expect(left.length <= capacity).toBe(true);
  for (const mine of received) {
    for (const [i, message] of mine.entries()) {
      const before = mine.slice(0, i).findLast((each) => each.by === message.by);
      expect(before === undefined || before.no < message.no).toBe(true);
    }
  }
  const all = [...received.flat(), ...left];
  expect(new Set(all).size).toBe(all.length);
  expect(new Set(all)).toEqual(sent);
}

/** The ends are closed at random moments: a task that uses them ends with the error of its side, and none hangs. */
function* closeRace(capacity: number): Operation<void> {
  const { sender, receiver } = channel<number>(capacity);
  const sent: number[] = [];
  const got: number[] = [];
  let receiversLeft = 2;
  function* send(own: Sender<number>, from: number): Operation<void> {
    for (let i = from; ; i++) {
      const tried = yield* attempt(own.send(i));
      if (!tried.ok) {
        const closed = tried.error instanceof ClosedChannelError;
        return void expect(closed || (tried.error instanceof BrokenChannelError && receiversLeft === 0)).toBe(true);
      }
      sent.push(i);
      yield* pause();
    }
  }
  function* receive(own: Receiver<number>): Operation<void> {
    for (;;) {
      const tried = yield* attempt(own.receive());
      if (!tried.ok) {
        const { error } = tried;
        return void expect(error instanceof ClosedChannelError || error instanceof EndOfChannelError).toBe(true);
      }
      got.push(tried.value);
      yield* pause();
    }
  }
  const senders = [sender, sender.clone()] as const;
  const receivers = [receiver, receiver.clone()] as const;
  const work = spawn(
    gather([send(senders[0], 0), send(senders[1], 1_000), receive(receivers[0]), receive(receivers[1])]),
  );
  function* closer(close: () => unknown): Operation<void> {
    yield* sleep(below(20));
    close();
  }
  const closeReceiver = (each: Receiver<number>) => () => {
    receiversLeft--;
    each.close();
  };
  const receiversStay = below(2) === 0;
  const closers = [...senders.map((each) => closer(() => each.close()))];
  if (!receiversStay) closers.push(...receivers.map((each) => closer(closeReceiver(each))));
  yield* gather(closers);
  yield* work;
  if (receiversStay) expect(got.toSorted()).toEqual(sent.toSorted());
  else expect(new Set(got).size).toBe(got.length);
}

describe('under random cancels and closes', () => {
  test('every message is received once or still there, in order', () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(0, 1, 3), (seed, capacity) =>
        runTest(() => chaos(capacity), { seed }),
      ),
      { numRuns: 25 },
    ));

  test('ends that are closed at any moment end who uses them', () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(0, 1, 3), (seed, capacity) =>
        runTest(() => closeRace(capacity), { seed }),
      ),
      { numRuns: 25 },
    ));
});

test(
  'closing an end of many clones looks only at what waits through it',
  coroutineTest(function* () {
    for (const side of ['receivers', 'senders'] as const) {
      const core = new ChannelCore<number>(0);
      core.senders = 1;
      core.receivers = 1;
      const ends = [end()];
      for (let i = 1; i < 500; i++) {
        const clone = end();
        core.share(ends[i - 1] as End, clone);
        ends.push(clone);
      }
      core[side] = ends.length;
      let looks = 0;
      const tasks = ends.map((each) => {
        const wait = side === 'receivers' ? new ReceiveWait(core, each) : new SendWait(core, each, 1);
        const counting = {
          get() {
            looks++;
            return each;
          },
        };
        return spawn(attempt<unknown>(Object.defineProperty(wait, 'end', counting)));
      });
      yield* tick();
      looks = 0;
      for (const each of ends.toReversed()) {
        each.closed = true;
        if (side === 'receivers') core.receiverClosed(each);
        else core.senderClosed(each);
      }
      expect(looks).toBeLessThan(4 * ends.length);
      for (const task of tasks) expect(yield* task).toMatchObject({ error: { name: 'ClosedChannelError' } });
    }
  }),
);

test(
  'a clone closes its own waits, and leaves those of the others, also those from before it was made',
  coroutineTest(function* () {
    const { sender, receiver } = channel<number>();
    const before = spawn(attempt(receiver.receive()));
    yield* tick();
    const clone = receiver.clone();
    const after = spawn(attempt(clone.receive()));
    const another = spawn(attempt(clone.receive()));
    yield* tick();
    clone.close();
    for (const task of [after, another]) expect(yield* task).toMatchObject({ error: { name: 'ClosedChannelError' } });
    yield* sender.send(1);
    expect(yield* before).toEqual({ ok: true, value: 1 });
    const late = spawn(attempt(receiver.receive()));
    yield* tick();
    yield* late.cancel();
    receiver.close();
    expect(late.status).toBe('cancelled');
  }),
);
