import { describe, expect, test } from 'vitest';
import { attempt, forever, gather, group, type Operation, sleep, spawn, tick } from '../../index.ts';
import { coroutineTest } from '../../testing/index.ts';

function* noting(log: string[], name: string): Operation<void> {
  try {
    yield* forever();
  } finally {
    log.push(name);
  }
}

describe('the cancel of a tree of tasks', () => {
  test(
    'reaches a task that joins a child which has not started as its own cancel, not as the child’s failure',
    coroutineTest(function* () {
      const parent = spawn(function* () {
        yield* spawn(forever());
      });
      spawn(function* () {
        parent.cancel('enough');
        yield* tick();
      });
      yield* attempt(parent);
      expect(parent.status).toBe('cancelled');
    }),
  );

  test(
    'reaches a group that joins a task which has not started as well',
    coroutineTest(function* () {
      const parent = spawn(() =>
        group(function* (g) {
          yield* g.spawn(forever());
        }),
      );
      spawn(function* () {
        parent.cancel('enough');
        yield* tick();
      });
      yield* attempt(parent);
      expect(parent.status).toBe('cancelled');
    }),
  );

  test(
    'wakes children before the task that owns them, siblings in the order of their start',
    coroutineTest(function* () {
      const log: string[] = [];
      const parent = spawn(function* () {
        spawn(noting(log, 'first'));
        spawn(function* () {
          spawn(noting(log, 'grandchild'));
          yield* noting(log, 'second');
        });
        yield* noting(log, 'parent');
      });
      yield* sleep(1);
      yield* parent.cancel();
      expect(log).toEqual(['first', 'grandchild', 'second', 'parent']);
    }),
  );

  test(
    'reaches a tree of any depth',
    coroutineTest(function* () {
      let ended = 0;
      function* level(n: number): Operation<void> {
        if (n > 0) spawn(level(n - 1));
        try {
          yield* forever();
        } finally {
          ended++;
        }
      }
      const root = spawn(level(20_000));
      yield* sleep(1);
      yield* root.cancel();
      expect(ended).toBe(20_001);
    }),
  );

  test(
    'tells through which scopes it came',
    coroutineTest(function* () {
      let seen: unknown;
      const root = spawn(
        function* () {
          spawn(
            function* () {
              yield* gather([
                (function* (): Operation<void> {
                  try {
                    yield* forever();
                  } catch (error) {
                    seen = error;
                    throw error;
                  }
                })(),
              ]);
            },
            { name: 'middle' },
          );
          yield* forever();
        },
        { name: 'root' },
      );
      yield* sleep(1);
      yield* root.cancel('shutdown');
      expect(seen).toMatchObject({
        reason: 'shutdown',
        through: ['task root', 'gather() in task middle'],
        message: expect.stringMatching(
          /^Cancelled by task task-\d+ through task root > gather\(\) in task middle: shutdown$/,
        ),
      });
    }),
  );
});
