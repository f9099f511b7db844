import { gather, now, type Operation, sleep, spawn } from '@coloop/core';
import { explore, runTest } from '@coloop/core/testing';
import { expect, test } from 'vitest';
import { JobLostError } from '../errors.ts';
import { failureOf } from '../fixtures/failure-of.ts';
import { log } from '../fixtures/jobs.ts';
import { serve } from '../fixtures/serve.ts';
import { JobQueue } from '../queue/job-queue.ts';
import { work } from '../worker/work.ts';
import { memoryEngine } from './memory-engine.ts';

test('a job that is delivered twice runs twice and has one outcome', () =>
  runTest(function* () {
    const jobs = yield* serve(memoryEngine({ faults: { twice: 'nap' } }));
    expect(yield* yield* jobs.submit('nap', [10, 'a'])).toBe('a');
    expect(log).toEqual(['nap a', 'nap a']);
    expect((yield* jobs.stats()).succeeded).toBe(1);
  }));

test('a cancel reaches every run of a job, and waits for all of their cleanups', () =>
  runTest(function* () {
    const jobs = yield* serve(memoryEngine({ faults: { twice: 1 } }));
    const job = yield* jobs.submit('stubborn', [50]);
    yield* sleep(10);
    expect(yield* job.cancel()).toBe(true);
    expect(log).toEqual(['begun', 'begun', 'cleaned', 'cleaned']);
  }));

test('the job of a lost worker is delivered again within 15 s, what it did stays done, and losses are bounded', () =>
  runTest(function* () {
    const once = (attempt: number) => attempt === 1;
    const jobs = yield* serve(memoryEngine({ faults: { lose: (each) => once(each.attempt) } }));
    expect(yield* jobs.call('nap', 10, 'a')).toBe('a');
    expect(now()).toBeGreaterThanOrEqual(10_000);
    expect(now()).toBeLessThanOrEqual(15_020);
    expect(log).toEqual(['nap a', 'nap a']);
  }));

test('a job that loses its workers too often fails', () =>
  runTest(function* () {
    const jobs = yield* serve(memoryEngine({ maxLost: 2, faults: { crash: 1 } }));
    const error = yield* failureOf(jobs.call('nap', 10));
    expect(error).toBeInstanceOf(JobLostError);
    expect(error.message).toContain('lost its worker 3 times');
    expect(log).toEqual([]);
  }));

test('jobs arrive late and in another order, by the seed', async () => {
  const orders = new Set<string>();
  for (const seed of [1, 2, 3, 4]) {
    await runTest(
      function* () {
        const jobs = yield* serve(memoryEngine({ faults: { reorder: true, late: 1_000 } }));
        yield* gather(
          yield* jobs.submitAll(
            'nap',
            [['a'], ['b'], ['c'], ['d']].map(([name]) => [1, name as string]),
          ),
        );
        orders.add(log.join());
      },
      { seed },
    );
  }
  expect(orders.size).toBeGreaterThan(1);
});

test('wrong faults are named', () => {
  expect(() => memoryEngine({ faults: { crash: 2 } })).toThrow('a share from 0 to 1');
  expect(() => memoryEngine({ faults: { loses: 1 } as never })).toThrow("Did you mean 'lose'?");
});

test('whatever is lost, doubled, late or cancelled, each submitted job has exactly one outcome', async () => {
  await explore(
    function* () {
      const faults = { twice: 0.3, crash: 0.2, lose: 0.2, late: 100, reorder: true };
      const engine = memoryEngine({ faults, maxLost: Number.POSITIVE_INFINITY });
      const ended = new Map<string, number>();
      const module = {
        *step(name: string): Operation<string> {
          yield* sleep(5);
          return name;
        },
      };
      const jobs = yield* JobQueue.open<typeof module>('steps', { engine });
      const first = spawn(work(module, { queue: 'steps', engine, drain: 2 }));
      spawn(work(module, { queue: 'steps', engine, concurrency: 2 }), { daemon: true });
      const all = yield* jobs.submitAll('step', [['a'], ['b'], ['c']]);
      yield* sleep(3);
      const cancelling = spawn(all[0]?.cancel() ?? sleep(0, false));
      yield* first.cancel();
      yield* cancelling;
      for (const [index, job] of all.entries()) {
        if (index > 0) expect(yield* job).toBe('abc'[index]);
        ended.set(yield* job.status(), (ended.get(yield* job.status()) ?? 0) + 1);
      }
      expect([...ended.values()].reduce((a, b) => a + b)).toBe(3);
    },
    { seeds: 60 },
  );
});
