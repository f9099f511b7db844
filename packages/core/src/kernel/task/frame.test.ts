import { expect, test } from 'vitest';
import {
  attempt,
  coroutine,
  currentTask,
  EventFlag,
  gather,
  generator,
  group,
  Lock,
  moveOnAfter,
  type Operation,
  Queue,
  race,
  run,
  Scheduler,
  shield,
  sleep,
  spawn,
  tick,
  timeout,
} from '../../index.ts';
import { VirtualClock } from '../../testing/index.ts';

function* nothing(): Operation<void> {}

const call = coroutine(nothing);

test.each([
  ['gather of nothing', () => gather([])],
  ['a group with an empty body', () => group(nothing())],
  ['attempt', () => attempt(nothing())],
  ['moveOnAfter', () => moveOnAfter(1_000, nothing())],
  ['a coroutine', () => call()],
] as [string, () => Operation<unknown>][])(
  '%s that never waits, in a loop without end, lets others run and can be cancelled',
  async (_, make) => {
    const loop = function* (): Operation<void> {
      for (;;) yield* make();
    };
    const status = await run(function* () {
      const task = spawn(loop());
      for (let turn = 0; turn < 10; turn++) yield* tick();
      expect(currentTask().status).toBe('running');
      yield* task.cancel();
      return task.status;
    });
    expect(status).toBe('cancelled');
  },
);

test('calls that never wait give the host its turn when the slice is over, and the order of tasks stays the same', async () => {
  const logs: string[][] = [];
  const slices: number[] = [];
  for (const slice of [0, 600_000]) {
    const log: string[] = [];
    const lock = new Lock();
    function* calls(name: string): Operation<void> {
      for (let i = 0; i < 2_500; i++) {
        yield* attempt(call());
        // What finishes at once has a budget of its own, which a turn of the host must not fill up.
        if (i % 3 === 0) (yield* lock.acquire())[Symbol.dispose]();
        if (i % 50 === 0) log.push(`${name} ${i}`);
      }
    }
    const scheduler = new Scheduler({ slice });
    await scheduler.run(function* () {
      for (const name of ['a', 'b', 'c']) spawn(calls(name));
    });
    logs.push(log);
    slices.push(scheduler.slices);
  }
  expect(logs[0]).toEqual(logs[1]);
  // Two calls in each round, and a look at the clock after 32.
  expect(slices[0]).toBeGreaterThanOrEqual(Math.floor((3 * 2_500 * 2) / 32) - 3 * 5);
  expect(slices[1]).toBe(1);
});

test('operations that finish at once give the host its turn when the slice is over, and the order of tasks stays the same', async () => {
  const logs: string[][] = [];
  const slices: number[] = [];
  for (const slice of [0, 600_000]) {
    const log: string[] = [];
    function* takes(name: string): Operation<void> {
      const lock = new Lock();
      for (let i = 0; i < 2_500; i++) {
        (yield* lock.acquire())[Symbol.dispose]();
        if (i % 50 === 0) log.push(`${name} ${i}`);
      }
    }
    const scheduler = new Scheduler({ slice });
    await scheduler.run(function* () {
      for (const name of ['a', 'b', 'c']) spawn(takes(name));
    });
    logs.push(log);
    slices.push(scheduler.slices);
  }
  expect(logs[0]).toEqual(logs[1]);
  // A look at the clock after 32 operations, and after each step.
  expect(slices[0]).toBeGreaterThanOrEqual(Math.floor((3 * 2_500) / 32) - 3 * 5);
  expect(slices[1]).toBe(1);
});

test('an operation in a generator, which must not wait, says so also where the slice is over', async () => {
  const scheduler = new Scheduler({ slice: 0 });
  const lock = new Lock();
  const made = generator(function* (): Generator<number, void, unknown> {
    yield* lock.acquire() as unknown as Generator<number, void, unknown>;
  });
  await scheduler.run(function* () {
    for (let i = 0; i < 40; i++) expect(() => [...made()]).toThrow('An operation cannot wait inside of a generator()');
  });
});

test('calls that never wait end when the host cancels them in its turn', async () => {
  const controller = new AbortController();
  let calls = 0;
  function* loop(): Operation<void> {
    for (;;) {
      calls++;
      yield* attempt(nothing());
    }
  }
  // Real time: it is a turn of the host that is looked at.
  setTimeout(() => controller.abort('enough'));
  const ended = new Scheduler({ slice: 0 }).run(loop(), { signal: controller.signal });
  await expect(ended).rejects.toMatchObject({ name: 'CancelledError', reason: 'enough' });
  // The first call that was to be tried after that turn, not the next at which others have theirs.
  expect(calls % 32).toBe(0);
});

test('calls that never wait are free to run where nothing may wait, however many they are', async () => {
  const counter = generator(function* () {
    for (let n = 0; n < 5_000; n++) {
      yield* attempt(call());
      yield n;
    }
  });
  await new Scheduler({ slice: 0 }).run(function* () {
    expect([...counter()]).toHaveLength(5_000);
  });
});

const nested = coroutine(function* (depth: number): Operation<string> {
  if (depth > 0) return yield* nested(depth - 1);
  yield* sleep(10);
  return 'done';
});

const BY_HAND: readonly [how: string, use: (operation: Iterable<unknown>) => unknown][] = [
  ['spread', (operation) => [...operation]],
  ['destructured', ([value]) => value],
  [
    'looped over and left',
    (operation) => {
      for (const value of operation) return value;
    },
  ],
];

const DRIVEN: readonly [what: string, make: () => Operation<unknown>][] = [
  ['a wait', () => sleep(1)],
  ['a call', () => nested(3)],
  ['a very deep call', () => nested(500)],
  ['attempt', () => attempt(nested(3))],
  ['a deadline', () => timeout(1, nested(3))],
  ['a shield', () => shield(sleep(1), { timeout: 1 })],
  ['gather', () => gather([sleep(1), failing()])],
  ['a race', () => race([sleep(1), nested(3)])],
  [
    'a group',
    () =>
      group(function* (g) {
        g.spawn(failing());
        yield* sleep(1);
      }),
  ],
];

function* failing(): Operation<never> {
  throw new Error('ran');
}

const everyWay = DRIVEN.flatMap(([what, make]) => BY_HAND.map(([how, use]) => [what, how, make, use] as const));

test.each(everyWay)(
  '%s that is %s, without yield*, is an error there, and all else goes on',
  async (_, __, make, use) => {
    const drive = coroutine(function* (): Operation<unknown> {
      return use(make() as Iterable<unknown>);
    });
    const log: unknown[] = [];
    await run(
      function* () {
        const sibling = spawn(sleep(50, 'sibling'));
        for (const within of [drive(), plainly(() => use(make() as Iterable<unknown>))]) {
          const message = /was iterated by hand/;
          expect(yield* attempt(within)).toMatchObject({ error: { message: expect.stringMatching(message) } });
          log.push(yield* nested(3));
          yield* tick();
          yield* sleep(5);
        }
        log.push(yield* sibling);
      },
      { scheduler: new Scheduler({ clock: new VirtualClock() }) },
    );
    expect(log).toEqual(['done', 'done', 'sibling']);
  },
);

test('what a queue gets goes to the task that waits for it, not to a get() that was driven by hand', async () => {
  const jobs = new Queue<string>();
  await run(function* () {
    expect(() => [...(jobs.get() as Iterable<unknown>)]).toThrow(/was iterated by hand/);
    jobs.putNowait('job');
    expect(yield* jobs.get()).toBe('job');
  });
});

test('tick gives way also after another tick was driven by hand', async () => {
  const log: string[] = [];
  await run(function* () {
    spawn(function* () {
      log.push('other');
    });
    expect(() => {
      const [value] = tick() as Iterable<unknown>;
      return value;
    }).toThrow(/was iterated by hand/);
    yield* tick();
    log.push('body');
  });
  expect(log).toEqual(['other', 'body']);
});

test.each([
  ['a wait', () => sleep(2, 'done'), /was used a second time/],
  ['a call', () => nested(3), /was iterated by hand/],
] as [string, () => Operation<string>, RegExp][])(
  '%s of another task that is driven by hand goes on',
  async (_, make, said) => {
    await run(function* () {
      const operation = make();
      const task = spawn(operation);
      yield* tick();
      const drive = coroutine(function* (): Operation<void> {
        yield* tick();
        const byHand = operation as Operation<string> & Iterator<unknown>;
        expect(() => byHand.next()).toThrow(said);
        expect(() => byHand.return?.()).toThrow(said);
        yield* sleep(0);
      });
      yield* drive();
      expect(yield* task).toBe('done');
    });
  },
);

test('what an operation yields can be asked by hand, and tasks give way all the same', async () => {
  const wasSet = new EventFlag();
  wasSet.set();
  await run(function* () {
    const wait = sleep(1)[Symbol.iterator]();
    const yielded = wait.next().value as unknown as Iterator<unknown>;
    expect(() => yielded.next()).toThrow(/was iterated by hand/);
    expect(() => wait.return?.()).toThrow(/was iterated by hand/);
    const busy = spawn(function* () {
      for (;;) yield* wasSet.wait();
    });
    for (let turn = 0; turn < 10; turn++) yield* tick();
    yield* busy.cancel();
  });
});

function* plainly(use: () => unknown): Operation<unknown> {
  return use();
}
