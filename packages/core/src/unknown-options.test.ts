// What a word does not know is refused at the call, by its name and with the names that there are: nothing is ignored.
import { expect, test } from 'vitest';
import * as core from './index.ts';
import { explore } from './testing/explore/explore.ts';
import { runTest } from './testing/run-test.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

type Loose = (...args: unknown[]) => unknown;

const loose = (word: unknown): Loose => word as Loose;
const emitter = new EventTarget();
const source = core.stream([1]);
const schedule = core.fixed(1);
const door = core.resource<number>(function* (provide) {
  yield* provide(1);
});

async function said(call: () => unknown): Promise<string> {
  try {
    await core.run(function* () {
      const made = call();
      if (made instanceof Promise) yield* core.until(made);
    });
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}

/** Each word that takes options, with one that it does not know. */
const OPTIONS: Readonly<Record<string, () => unknown>> = {
  run: () => loose(core.run)(core.sleep(1), { timeout: 5 }),
  'scheduler.run': () => loose(new core.Scheduler().run.bind(new core.Scheduler()))(core.sleep(1), { scheduler: 5 }),
  'new Scheduler': () => new core.Scheduler({ gracee: 5 } as object),
  createScope: () => loose(core.createScope)({ signal: 5 }),
  'scope.run': () => loose(scope().run)(core.sleep(1), { daemon: true }),
  'scope.spawn': () => loose(scope().spawn)(core.sleep(1), { signal: 5 }),
  asAsync: () => loose(core.asAsync)(core.forever, undefined, { retries: 5 }),
  spawn: () => loose(core.spawn)(core.sleep(1), { timeout: 5 }),
  gather: () => loose(core.gather)([core.sleep(1)], { limit: 5 }),
  wait: () => loose(core.wait)([core.spawn(core.sleep(1))], { returnWhen: 5 }),
  shield: () => loose(core.shield)(core.sleep(1), { grace: 5 }),
  until: () => loose(core.until)(Promise.resolve(), { signal: 5 }),
  events: () => loose(core.events)(emitter, 'x', { signal: 5 }),
  broadcast: () => loose(core.broadcast)({ size: 5 }),
  'new Semaphore': () => new core.Semaphore(1, { maximum: 5 } as object),
  rateLimiter: () => loose(core.rateLimiter)({ permits: 1, per: 1, bursts: 5 }),
  createContext: () => loose(core.createContext)(1, { name: 5 }),
  'queue.shutdown': () => new core.Queue().shutdown({ now: true } as object),
  'stream.batch': () => source.batch({ count: 5 } as object),
  'stream.throttle': () => source.throttle(1, { leading: true } as object),
  runTest: () => loose(runTest)(core.sleep(1), { timeout: 5 }),
  explore: () => loose(explore)(() => core.sleep(1), { runs: 5 }),
  'new VirtualClock': () => new VirtualClock({ start: 5 } as object),
};

function scope(): { run: Loose; spawn: Loose; close: Loose; hold: Loose } {
  const { run, spawn, close, hold } = core.createScope() as unknown as ReturnType<typeof scope>;
  const own = core.createScope();
  return { run: run.bind(own), spawn: spawn.bind(own), close: close.bind(own), hold: hold.bind(own) };
}

test.each(Object.entries(OPTIONS))('%s refuses an option that it does not know', async (word, call) => {
  const message = await said(call);
  expect(message).toMatch(
    new RegExp(`^${word.replace('.', '\\.')}\\b.* has no option '\\w+'\\. (Did you mean '\\w+'\\? )?It takes: \\w+`),
  );
});

/** Each word with an argument more than it has. */
const ARGUMENTS: Readonly<Record<string, (more: object) => unknown>> = {
  sleep: (more) => loose(core.sleep)(1, 'value', more),
  spawn: (more) => loose(core.spawn)(core.sleep(1), {}, more),
  run: (more) => loose(core.run)(core.sleep(1), {}, more),
  fixed: (more) => loose(core.fixed)(1, more),
  exponential: (more) => loose(core.exponential)(1, 2, more),
  after: (more) => loose(core.after)(1, more),
  tick: (more) => loose(core.tick)(more),
  forever: (more) => loose(core.forever)(more),
  random: (more) => loose(core.random)(more),
  channel: (more) => loose(core.channel)(1, more),
  defer: (more) => loose(core.defer)(() => {}, more),
  'stream.take': (more) => bound(source, 'take')(1, more),
  'stream.drop': (more) => bound(source, 'drop')(1, more),
  'stream.buffer': (more) => bound(source, 'buffer')(1, more),
  'stream.debounce': (more) => bound(source, 'debounce')(1, more),
  'stream.collect': (more) => bound(source, 'collect')(more),
  'broadcast.subscribe': (more) => bound(core.broadcast(), 'subscribe')(more),
  'new Barrier': (more) => made(core.Barrier, 1, more),
  'new Future': (more) => made(core.Future, more),
  'new EventFlag': (more) => made(core.EventFlag, more),
  'lock.acquire': (more) => bound(new core.Lock(), 'acquire')(more),
  'semaphore.acquire': (more) => bound(new core.Semaphore(1), 'acquire')(more),
  'condition.acquire': (more) => bound(new core.Condition(), 'acquire')(more),
  'condition.wait': (more) => bound(new core.Condition(), 'wait')(more),
  'condition.waitFor': (more) => bound(new core.Condition(), 'waitFor')(() => true, more),
  'flag.wait': (more) => bound(new core.EventFlag(), 'wait')(more),
  'barrier.wait': (more) => bound(new core.Barrier(1), 'wait')(more),
  'queue.put': (more) => bound(new core.Queue(), 'put')(1, more),
  'queue.get': (more) => bound(new core.Queue(), 'get')(more),
  'queue.join': (more) => bound(new core.Queue(), 'join')(more),
  'sender.send': (more) => bound(core.channel().sender, 'send')(1, more),
  'receiver.receive': (more) => bound(core.channel().receiver, 'receive')(more),
  'receiver.next': (more) => bound(core.channel().receiver, 'next')(more),
  'broadcast.send': (more) => bound(core.broadcast(), 'send')(1, more),
  group: (more) => loose(core.group)(core.sleep(1), more),
  supervise: (more) => loose(core.supervise)(core.sleep(1), more),
  race: (more) => loose(core.race)([core.sleep(1)], more),
  asCompleted: (more) => loose(core.asCompleted)([core.sleep(1)], more),
  timeout: (more) => loose(core.timeout)(5, core.sleep(1), more),
  moveOnAfter: (more) => loose(core.moveOnAfter)(5, core.sleep(1), more),
  attempt: (more) => loose(core.attempt)(core.sleep(1), more),
  forEach: (more) => loose(core.forEach)(source, () => {}, more),
  retry: (more) => loose(core.retry)(() => core.sleep(1), schedule, more),
  once: (more) => loose(core.once)(emitter, 'x', more),
  acquire: (more) => loose(core.acquire)(door, more),
  resource: (more) => loose(core.resource)(function* () {}, more),
  interval: (more) => loose(core.interval)(5, more),
  select: (more) => loose(core.select)({ late: core.after(1) }, more),
  asAsync: (more) => loose(core.asAsync)(core.forever, undefined, {}, more),
  gather: (more) => loose(core.gather)([core.sleep(1)], {}, more),
  wait: (more) => loose(core.wait)([core.spawn(core.sleep(1))], {}, more),
  shield: (more) => loose(core.shield)(core.sleep(1), {}, more),
  until: (more) => loose(core.until)(Promise.resolve(), {}, more),
  events: (more) => loose(core.events)(emitter, 'x', {}, more),
  createScope: (more) => loose(core.createScope)({}, more),
  stream: (more) => loose(core.stream)([1], more),
  'stream.batch': (more) => bound(source, 'batch')({ size: 1 }, more),
  'stream.throttle': (more) => bound(source, 'throttle')(1, {}, more),
  'scope.close': (more) => scope().close('why', more),
  'scope.hold': (more) => scope().hold(core.acquire(door), more),
};

function bound<K extends string>(owner: Record<K, unknown>, method: K): Loose {
  return (...args) => loose(owner[method]).apply(owner, args);
}

function made(type: unknown, ...args: unknown[]): unknown {
  return new (type as new (...args: unknown[]) => unknown)(...args);
}

test('what is known from elsewhere, and means something else there, is told how to write it', () => {
  expect(() => made(core.Future, () => {})).toThrow('Call its `resolve(value)` or `reject(error)`');
  expect(() => loose(core.fixed)(100, 3)).toThrow('Its methods set the rest, as `.attempts(count)` does.');
  expect(() => loose(core.tick)(100)).toThrow('For a pause write `sleep(ms)`.');
  expect(() => loose(core.random)(6)).toThrow('It gives a number from 0 up to 1: multiply that.');
  expect(() => made(core.EventFlag, true)).toThrow('Call its `set()`.');
});

test('a wait that was given a limit of time is told how to write one', () => {
  // @ts-expect-error as in Python
  expect(() => new core.Lock().acquire(5)).toThrow(
    'lock.acquire() takes no further argument, but got 5. For a limit of time write `timeout(ms, …)` around it.',
  );
  // @ts-expect-error as with semaphores of other libraries
  expect(() => new core.Semaphore(5).acquire(2)).toThrow('It takes one permit.');
});

test.each(Object.entries(ARGUMENTS))('%s refuses an argument more than it has', async (word, call) => {
  const message = await said(() => call({ signal: AbortSignal.abort() }));
  expect(message).toMatch(
    new RegExp(`^${word.replace('.', '\\.')}\\(.*\\) takes no further argument, but got an object\\.`),
  );
});

test('what the methods of an array hand to a function does not count as an argument', () =>
  runTest(function* () {
    expect(yield* core.gather([door, door].map(core.acquire))).toEqual([1, 1]);
    const tried = yield* core.gather([core.sleep(1, 'a')].map(core.attempt));
    expect(tried).toEqual([{ ok: true, value: 'a' }]);
    expect(yield* core.gather([1, 2].map(core.sleep))).toEqual([0, 1]);
    const queue = new core.Queue<number>();
    yield* core.gather([1, 2].map(queue.put, queue));
    expect(queue.size).toBe(2);
    expect(Array.from({ length: 2 }, core.random)).toHaveLength(2);
    expect(yield* core.moveOnAfter(5, core.race(Array.from({ length: 2 }, core.forever)))).toMatchObject({
      timedOut: true,
    });
  }));
