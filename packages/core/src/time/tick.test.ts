import { describe, expect, test } from 'vitest';
import { EventFlag, now, type Operation, run, Scheduler, spawn, tick } from '../index.ts';
import { coroutineTest } from '../testing/index.ts';

describe('tick', () => {
  test(
    'lets every task run that is ready, in the order in which they became ready',
    coroutineTest(function* () {
      const log: string[] = [];
      function* twice(name: string): Operation<void> {
        log.push(`${name} 1`);
        yield* tick();
        log.push(`${name} 2`);
      }
      spawn(twice('a'));
      spawn(twice('b'));
      yield* tick();
      log.push('body');
      yield* tick();
      expect(log).toEqual(['a 1', 'b 1', 'body', 'a 2', 'b 2']);
      expect(now()).toBe(0);
    }),
  );

  test(
    'always gives way, while an operation that is ready does not, up to the budget',
    coroutineTest(function* () {
      const log: string[] = [];
      const flag = new EventFlag();
      flag.set();
      spawn(function* () {
        log.push('other');
        yield* tick();
      });
      for (let i = 0; i < 100; i++) yield* flag.wait();
      expect(log).toEqual([]);
      yield* tick();
      expect(log).toEqual(['other']);
    }),
  );

  test('a task that only does what is ready gives way when its budget is spent', async () => {
    const log: number[] = [];
    const flag = new EventFlag();
    flag.set();
    function* busy(): Operation<void> {
      for (let i = 0; i < 30; i++) yield* flag.wait();
    }
    function* watching(): Operation<void> {
      for (let i = 0; i < 3; i++) {
        log.push(i);
        yield* tick();
      }
    }
    const scheduler = new Scheduler({ budget: 10 });
    await run(
      function* () {
        const task = spawn(busy());
        spawn(watching());
        yield* task;
        expect(log.length).toBeGreaterThanOrEqual(2);
      },
      { scheduler },
    );
  });

  test(
    'throws a cancel that is due; one that comes while it gives way is thrown at the next wait',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        for (;;) {
          log.push('tick');
          yield* tick();
        }
      });
      yield* tick();
      yield* tick();
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
      expect(log).toEqual(['tick', 'tick', 'tick']);
    }),
  );
});
