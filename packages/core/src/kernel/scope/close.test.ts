import { describe, expect, test } from 'vitest';
import {
  attempt,
  defer,
  forever,
  type Group,
  gather,
  group,
  moveOnAfter,
  now,
  type Operation,
  race,
  run,
  shield,
  sleep,
  spawn,
  supervise,
  type Task,
  timeout,
} from '../../index.ts';
import { coroutineTest } from '../../testing/index.ts';
import { cleaning, failing } from '../fixtures/bodies.fixture.ts';
import { virtual } from '../fixtures/run.fixture.ts';

/** Its cleanup takes a second. */
const slow = (): Operation<never> => cleaning([], 'slow', 1_000);

/** Scopes that would give a value, after a teardown that goes from 100 to 1,100. */
const SCOPES: Record<string, () => Operation<unknown>> = {
  'a group that cancels itself': () =>
    group(function* (g) {
      g.spawn(slow());
      yield* sleep(100);
      g.cancel();
      yield* forever();
    }),
  'a group with a daemon': () =>
    group(function* (g) {
      g.spawn(slow(), { daemon: true });
      return yield* sleep(100, 'lost');
    }),
  'a supervised group with a daemon': () =>
    supervise(function* (g) {
      g.spawn(slow(), { daemon: true });
      return yield* sleep(100, 'lost');
    }),
  'a group with a cleanup that takes time': () =>
    group(function* () {
      defer(() => sleep(1_000));
      return yield* sleep(100, 'lost');
    }),
  'a race whose loser takes time to end': () => race([slow(), sleep(100, 'lost')]),
  'a gather around such a race': () => gather([race([slow(), sleep(100, 'lost')]), sleep(10)]),
  'a race around such a gather': () => race([gather([race([slow(), sleep(100, 'lost')])]), forever()]),
  'a group inside of a group': () =>
    group(() =>
      group(function* (g) {
        g.spawn(slow(), { daemon: true });
        return yield* sleep(100, 'lost');
      }),
    ),
};

describe('a scope commits when its teardown has ended', () => {
  test.each(Object.entries(SCOPES))('%s: a deadline that passes meanwhile takes effect', async (_what, scope) => {
    await coroutineTest(function* () {
      expect(yield* moveOnAfter(500, scope())).toEqual({ timedOut: true, value: undefined });
      expect(now()).toBe(1_100);
      expect(yield* attempt(timeout(500, scope()))).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(now()).toBe(2_200);
    })();
  });

  test.each(Object.entries(SCOPES))('%s: a cancel from outside takes effect', async (_what, scope) => {
    await coroutineTest(function* () {
      const task = spawn(scope);
      yield* sleep(500);
      expect(yield* task.cancel('from outside')).toBe(true);
      expect(task.status).toBe('cancelled');
      expect(now()).toBe(1_100);
    })();
  });

  test.each(Object.entries(SCOPES))(
    '%s: without a cancel it gives its value, and one that comes later is too late',
    async (_what, scope) => {
      await coroutineTest(function* () {
        const task = spawn(scope);
        yield* task;
        expect(now()).toBe(1_100);
        expect(yield* task.cancel()).toBe(false);
        expect((yield* moveOnAfter(1_200, scope())).timedOut).toBe(false);
      })();
    },
  );

  test(
    'a task that is cancelled while its daemons or its cleanups end is cancelled',
    coroutineTest(function* () {
      const daemons = spawn(function* () {
        spawn(slow(), { daemon: true });
        return yield* sleep(100, 'lost');
      });
      const cleanups = spawn(function* () {
        defer(() => sleep(1_000));
        return yield* sleep(100, 'lost');
      });
      yield* sleep(500);
      yield* gather([daemons.cancel(), cleanups.cancel()]);
      expect([daemons.status, cleanups.status]).toEqual(['cancelled', 'cancelled']);
      expect(now()).toBe(1_100);
    }),
  );

  test('a run whose signal is aborted in its teardown is cancelled', async () => {
    const { scheduler } = virtual();
    const stop = new AbortController();
    function* closing(): Operation<void> {
      yield* sleep(500);
      stop.abort('closed');
    }
    function* body(): Operation<string> {
      spawn(slow(), { daemon: true });
      spawn(shield(closing()), { daemon: true });
      return yield* sleep(100, 'lost');
    }
    const tried = await run(body, { scheduler, signal: stop.signal }).catch((error: unknown) => error);
    expect(tried).toMatchObject({ name: 'CancelledError', reason: 'closed' });
  });

  test(
    'a value whose teardown has ended in the very moment of the cancel is delivered',
    coroutineTest(function* () {
      const work = spawn(() => group(() => sleep(5, 'value')));
      yield* sleep(5);
      yield* work.cancel();
      expect(work.status).toBe('succeeded');
    }),
  );

  test(
    'in a cleanup, and behind a shield, a cancel from outside waits as it does for everything',
    coroutineTest(function* () {
      const log: string[] = [];
      const scope = SCOPES['a group with a daemon'] as () => Operation<unknown>;
      const shielded = spawn(function* () {
        log.push(String(yield* shield(scope())));
        yield* sleep(1);
        log.push('never');
      });
      const cleanup = spawn(function* () {
        try {
          yield* forever();
        } finally {
          log.push(String(yield* scope()));
        }
      });
      yield* sleep(500);
      yield* gather([shielded.cancel(), cleanup.cancel()]);
      expect(log).toEqual(['lost', 'lost']);
      expect([shielded.status, cleanup.status]).toEqual(['cancelled', 'cancelled']);
    }),
  );

  test(
    'a failure of its own is not replaced by the cancel, which comes at the next wait',
    coroutineTest(function* () {
      const error = new Error('mine');
      let seen: unknown;
      const task = spawn(function* () {
        seen = yield* attempt(gather([slow(), failing(error, 100)]));
        yield* sleep(1);
      });
      yield* sleep(500);
      yield* task.cancel();
      expect(seen).toEqual({ ok: false, error });
      expect(task.status).toBe('cancelled');
    }),
  );
});

describe('yield* task.cancel() of a task that had failed by itself', () => {
  const error = new Error('its own');

  const FAILING: Record<string, (g: Group) => Operation<Task<unknown>>> = {
    *'by its body, while its children end'(g) {
      const task = g.spawn(function* () {
        spawn(slow());
        yield* failing(error, 10);
      });
      yield* sleep(20);
      return task;
    },
    *'by its body, while its cleanups run'(g) {
      const task = g.spawn(function* () {
        defer(() => sleep(1_000));
        yield* failing(error, 10);
      });
      yield* sleep(20);
      return task;
    },
    *'by a child'(g) {
      const task = g.spawn(function* () {
        spawn(slow());
        spawn(failing(error, 10));
        yield* slow();
      });
      yield* sleep(20);
      return task;
    },
    *'in the same moment'(g) {
      const task = g.spawn(failing(error, 10));
      yield* sleep(10);
      return task;
    },
  };

  test.each(Object.entries(FAILING))('%s: leaves the failure to its owner', async (_how, start) => {
    await coroutineTest(function* () {
      let told: unknown;
      const tried = yield* attempt(
        group(function* (g) {
          const task = yield* start(g);
          told = yield* attempt(shield(task.cancel()));
        }),
      );
      expect(told).toMatchObject({ ok: true });
      const { error: failure } = tried as { error: { errors: readonly unknown[] } };
      const [first] = failure.errors as readonly { errors?: readonly unknown[] }[];
      expect(first?.errors?.[0] ?? first).toBe(error);
    })();
  });
});
