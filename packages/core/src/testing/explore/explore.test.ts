import { describe, expect, test } from 'vitest';
import {
  createScope,
  DeadlockError,
  Future,
  forever,
  gather,
  group,
  now,
  type Operation,
  random,
  Scheduler,
  sleep,
  spawn,
  supervise,
  type Task,
  tick,
} from '../../index.ts';
import { ExploreError, type ExploreOptions, explore, VirtualClock } from '../index.ts';
import {
  cancelBetweenAcquireAndUse,
  checkThenAct,
  correct,
  doubleCheckedCache,
  lockOrder,
} from './programs.fixture.ts';

/** The error that `explore` rejects with. */
async function bugIn(program: () => Operation<unknown>, options?: ExploreOptions): Promise<ExploreError> {
  const error: unknown = await explore(program, options).then(
    (report) => new Error(`no bug was found: ${report}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ExploreError)) throw error;
  return error;
}

const BUGS: readonly [string, () => Operation<void>, ExploreOptions, message: RegExp][] = [
  ['a double-checked cache', doubleCheckedCache, {}, /a page that was not loaded/],
  ['check-then-act', checkThenAct, {}, /sold twice/],
  ['two locks in two orders', lockOrder, {}, /circle: task (pay|refund) waits for (to|from)\.acquire\(\)/],
  ['a cancel between acquire and use', cancelBetweenAcquireAndUse, { cancel: true }, /waiting for lock\.acquire\(\)/],
];

describe('bugs that 10,000 plain runs do not show', () => {
  test.each(BUGS)('%s', async (_name, program, options, message) => {
    for (let seed = 1; seed <= 10_000; seed++) await new Scheduler({ clock: new VirtualClock({}, true) }).run(program);
    for (const strategy of ['random', 'pct', 'exhaustive'] as const) {
      const bug = await bugIn(program, { ...options, strategy });
      expect(bug.message).toMatch(message);
    }
  });

  test.each(BUGS)(
    '%s is shrunk to one deviation, and is repeated by its trace and by its seed',
    async (_n, program, options) => {
      const bug = await bugIn(program, options);
      expect(bug.message).toContain('It takes 1 deviation from the plain order');
      expect((await bugIn(program, { replay: bug.trace })).trace).toBe(bug.trace);
      expect((await bugIn(program, { ...options, seeds: [bug.seed] })).trace).toBe(bug.trace);
      expect((await bugIn(program, options)).trace).toBe(bug.trace);
    },
  );

  test('the traces are the same on every engine', async () => {
    const traces: string[] = [];
    for (const [, program, options] of BUGS) {
      for (const strategy of ['random', 'pct', 'exhaustive'] as const) {
        traces.push((await bugIn(program, { ...options, strategy })).trace);
      }
    }
    expect(traces).toMatchInlineSnapshot(`
      [
        "v1/17/p2.2",
        "v1/3/p2.2",
        "v1/1/p2.2",
        "v1/19/p2.1",
        "v1/1/p2.1",
        "v1/1/p2.1",
        "v1/54/p2.2",
        "v1/6/p2.2",
        "v1/1/p2.2",
        "v1/1/c2.1w",
        "v1/1/c2.1w",
        "v1/1/c2.1w",
      ]
    `);
  });

  test('a program without a bug passes all of that', async () => {
    const report = await explore(correct, { seeds: 50, cancel: true });
    expect(report.cancels.tried).toBe(report.cancels.found);
    expect(report.runs).toBeGreaterThan(150);
    expect(String(report)).toMatch(
      /^\d+ runs in \d+ different orders, .* Cancelled at (\d+) of \1 moments that were found\.$/,
    );
    const all = await explore(correct, { strategy: 'exhaustive', cancel: true, limit: 500 });
    expect(all).toMatchObject({ runs: 500, exhausted: false });
    expect(all.bound).toBeGreaterThanOrEqual(1);
  });
});

describe('an ExploreError', () => {
  test('has the interleaving as text, with what deviates marked', async () => {
    const bug = await bugIn(lockOrder, { strategy: 'exhaustive' });
    expect(bug.interleaving).toMatchInlineSnapshot(`
      "  lockOrder: begins -> the children of a group in task lockOrder
      * pay: begins -> gives way before its next operation
        refund: begins -> from.acquire()
        pay: given way -> to.acquire()"
    `);
    expect(bug.message).toContain(bug.interleaving);
    expect(bug.message).toContain(`explore(program, { replay: '${bug.trace}' })`);
    expect(bug.cause).toBeInstanceOf(DeadlockError);
  });

  test('tells where tasks without a name were made', async () => {
    const bug = await bugIn(checkThenAct, { strategy: 'exhaustive' });
    expect(bug.message).toMatch(/\n\(task-2 was made at .*programs\.fixture\.ts:\d+:\d+\)\n/);
  });

  test('shows where a task was cancelled', async () => {
    const bug = await bugIn(cancelBetweenAcquireAndUse, { cancel: true });
    expect(bug.interleaving).toMatchInlineSnapshot(`
      "  cancelBetweenAcquireAndUse: begins -> the children of a group in task cancelBetweenAcquireAndUse
        a: begins -> sleep(10)
      * cancel a here, while it waits for sleep(10)
        b: begins -> lock.acquire()
        a: sleep(10) -> ends cancelled"
    `);
  });

  test('a program that fails in the plain order has an empty trace', async () => {
    const error = new Error('always');
    const bug = await bugIn(function* () {
      yield* tick();
      throw error;
    });
    expect(bug).toMatchObject({ seed: 1, trace: 'v1/1', cause: error });
    expect(bug.message).toMatch(/^Found in run 1, with seed 1: Error: always\nIt fails in the plain order of events\./);
  });
});

describe('explore finds', () => {
  test('what a program leaves behind', async () => {
    const bug = await bugIn(function* () {
      createScope({ name: 'app' }).spawn(forever());
      yield* tick();
    });
    expect(bug.message).toContain('tasks of it are still there');
  });

  test('tasks that only wake each other and never end', async () => {
    const bug = await bugIn(
      function* () {
        for (;;) yield* tick();
      },
      { maxSteps: 1_000 },
    );
    expect(bug.message).toContain('not ended after 1000 steps');
  });

  test('failures that nobody receives', async () => {
    const bug = await bugIn(function* () {
      yield* supervise(function* () {
        spawn(failing());
        yield* tick();
      });
    });
    expect(bug.message).toContain('nobody looks');
  });

  test('an order of two timers that are due at the same time', async () => {
    let first = '';
    function* sleeper(name: string, delay: number) {
      yield* sleep(delay);
      yield* sleep(10 - delay);
      first ||= name;
    }
    function* program() {
      first = '';
      yield* gather([sleeper('a', 6), sleeper('b', 4)]);
      if (first === 'a') throw new Error('a was first');
    }
    expect((await bugIn(program)).message).toContain('a was first');
  });

  test('no other order of sleeps that began together', async () => {
    const order: number[] = [];
    function* sleeper(index: number) {
      yield* sleep(10);
      order.push(index);
    }
    await explore(function* () {
      order.length = 0;
      for (let i = 0; i < 3; i++) spawn(sleeper(i));
      yield* sleep(10.5);
      if (order.length !== 3 || now() !== 10.5) throw new Error(`${order} at ${now()}`);
    });
  });

  test('bugs that depend on random()', async () => {
    const bug = await bugIn(function* () {
      if (random() > 0.99) throw new Error('unlucky');
      yield* tick();
    });
    expect(
      (
        await bugIn(
          function* () {
            if (random() > 0.99) throw new Error('unlucky');
            yield* tick();
          },
          { seeds: [bug.seed] },
        )
      ).trace,
    ).toBe(bug.trace);
  });
});

describe('cancels', () => {
  test('come before a task begins, at the begin of each wait, and when it has passed', async () => {
    const seen = new Set<string>();
    function* worker() {
      let at = 'begun';
      try {
        yield* sleep(1);
        at = 'slept';
        yield* tick();
        at = 'ticked';
        return at;
      } finally {
        seen.add(at);
      }
    }
    const report = await explore(
      function* () {
        yield* group(function* (g) {
          g.spawn(worker());
        });
      },
      { cancel: true, seeds: 1 },
    );
    expect([...seen].sort()).toEqual(['begun', 'slept', 'ticked']);
    expect(report.cancels.found).toBeGreaterThanOrEqual(4);
  });

  test('never hit the root, and are not a failure where a join throws them', async () => {
    await explore(
      function* () {
        yield* spawn(tick());
      },
      { cancel: true, seeds: 5 },
    );
  });

  test('hit the tasks that a function says', async () => {
    const cancelled = new Set<string>();
    function* worker(name: string) {
      let done = false;
      try {
        yield* sleep(1);
        done = true;
      } finally {
        if (!done) cancelled.add(name);
      }
    }
    await explore(
      function* () {
        spawn(worker('a'), { name: 'a' });
        spawn(worker('b'), { name: 'b' });
      },
      { cancel: (task: Task) => task.name === 'b', seeds: 10 },
    );
    expect([...cancelled]).toEqual(['b']);
  });

  test('a failure that a cancel leads to is found', async () => {
    let open = 0;
    function* worker() {
      open++;
      yield* sleep(1);
      open--;
    }
    const bug = await bugIn(
      function* () {
        open = 0;
        yield* group(function* (g) {
          g.spawn(worker());
        });
        if (open !== 0) throw new Error('left open');
      },
      { cancel: true },
    );
    expect(bug.trace).toMatch(/^v1\/1\/c\d+\.1w$/);
  });
});

describe('a program that cannot be repeated', () => {
  test('is reported at the first step that differs', async () => {
    let runs = 0;
    const bug = await bugIn(function* () {
      yield* sleep(5);
      yield* sleep(++runs);
    });
    expect(bug.message).toMatch(
      /another way in a second run with the same seed, first at step 3:\n {2}first run: {2}.*sleep\(5\) -> sleep\(1\)/,
    );
    expect(bug.message).toContain('Use now() and random()');
  });

  test('one that uses the host’s clock or chance is told so, where that is asked for', async () => {
    const bug = await bugIn(
      function* () {
        yield* sleep(Math.random());
      },
      { trap: true },
    );
    expect(bug.message).toMatch(
      /Math\.random\(\) was called inside of a task at .*explore\.test\.ts:\d+:\d+.*Write random\(\) instead/,
    );
  });
});

describe('a program that the host wakes', () => {
  test('is given time for that, and the wake is a step of the interleaving', async () => {
    function* program() {
      const future = new Future<string>();
      void Promise.resolve().then(() => future.resolve('from the host'));
      const value = yield* future;
      if (random() < 2) throw new Error(value);
    }
    const bug = await bugIn(program, { seeds: 3 });
    expect(bug.interleaving).toContain('the host wakes program');
  });
});

describe('the report', () => {
  test('says that every schedule was run', async () => {
    const report = await explore(
      function* () {
        yield* gather([tick(), tick()]);
      },
      { strategy: 'exhaustive', preempt: false },
    );
    expect(report.exhausted).toBe(true);
    expect(String(report)).toContain('Every schedule there is was run.');
  });

  test('says that there may be more', async () => {
    const report = await explore(
      function* () {
        yield* gather(Array.from({ length: 5 }, () => tick()));
      },
      { strategy: 'exhaustive', limit: 200 },
    );
    expect(report.exhausted).toBe(false);
    expect(String(report)).toMatch(/Every schedule with up to \d deviations? was run\./);
  });
});

describe('bad input', () => {
  test('is refused before anything runs', async () => {
    const never = (): Operation<void> => {
      throw new Error('it was run');
    };
    await expect(explore('x' as never)).rejects.toThrow(/explore takes a function, not "x"/);
    await expect(explore(never, { seeds: 0 })).rejects.toThrow(/at least 1, not 0/);
    await expect(explore(never, { seeds: [] })).rejects.toThrow(/at least one seed/);
    await expect(explore(never, { seeds: [Number.NaN] })).rejects.toThrow(/finite number as seed/);
    await expect(explore(never, { strategy: 'dfs' as never })).rejects.toThrow(/'exhaustive', not "dfs"/);
    await expect(explore(never, { cancel: 'all' as never })).rejects.toThrow(/takes a boolean or a function of a task/);
    await expect(explore(never, { replay: 'x' })).rejects.toThrow(/cannot replay "x"/);
    await expect(explore(never, { seed: 1 } as never)).rejects.toThrow(/no option 'seed'. Did you mean 'seeds'/);
  });

  test('a trace of another program is refused', async () => {
    await expect(explore(() => tick(), { replay: 'v1/1/s9=1' })).rejects.toThrow(
      /the program has changed since, and s9/,
    );
  });

  test('one operation for all runs is refused', async () => {
    const operation = tick();
    await expect(explore(() => operation)).rejects.toThrow(/used a second time/);
  });
});

function* failing(): Operation<void> {
  yield* tick();
  throw new Error('nobody looks');
}
