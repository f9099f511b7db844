// Real time: Redis and its clients have no other.
import { fixed, gather, type Operation, run, sleep, spawn, timeout, until } from '@coloop/core';
import {
  bullmq,
  EngineUnavailableError,
  type JobHandle,
  JobQueue,
  type JobQueueOptions,
  QueueMismatchError,
  work,
} from '@coloop/jobs';
import { freePort, REDIS, type RunningRedis, redisTitle, startRedis } from '@coloop/test-servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTRACT } from '../src/fixtures/contract.ts';
import { failureOf } from '../src/fixtures/failure-of.ts';
import * as module from '../src/fixtures/jobs.ts';
import type { Jobs } from '../src/fixtures/serve.ts';
import { startCaller, startWorker } from './redis.fixture.ts';

describe.skipIf(REDIS === undefined)(redisTitle('jobs in Redis'), () => {
  let redis: RunningRedis;
  let queues = 0;
  const running: RunningRedis[] = [];

  /** It ends with the tests of the file, whatever they end with. */
  async function begin(...options: readonly string[]): Promise<RunningRedis> {
    const one = await startRedis(...options);
    running.push(one);
    return one;
  }

  beforeAll(async () => {
    redis = await begin();
  });
  afterAll(async () => {
    for (const one of running) await one.close();
  });

  const engineOf = (url = redis.url) => bullmq({ connection: url, lock: 1_000, check: 500 });
  const open = (name: string, options: JobQueueOptions = {}): Operation<JobQueue<Jobs>> =>
    JobQueue.open<Jobs>(name, { engine: engineOf(), ...options });

  /** A queue with a worker in this process. */
  function* served(name = `queue: ${++queues}`): Operation<JobQueue<Jobs>> {
    module.log.length = 0;
    const jobs = yield* open(name);
    spawn(work(module, { queue: name, engine: engineOf() }), { daemon: true });
    // Until the worker is there, nobody knows the names that it exports.
    yield* jobs.call('plain', 1);
    return jobs;
  }

  test.each(Object.entries(CONTRACT))('%s', (_, body) =>
    run(function* () {
      yield* timeout(30_000, body(yield* served()));
    }),
  );

  test('a worker that ends gives back what it has not done, and another one does it', () =>
    run(function* () {
      const jobs = yield* open('handed on');
      const first = spawn(work(module, { queue: 'handed on', engine: engineOf(), drain: 10 }), { daemon: true });
      module.log.length = 0;
      const job = yield* jobs.submit('restless', []);
      while (!module.log.includes('restless')) yield* sleep(5);
      yield* first.cancel();
      expect((yield* jobs.stats()).failed).toBe(0);
      spawn(work(module, { queue: 'handed on', engine: engineOf() }), { daemon: true });
      // The worker that ends may have been handed it once more.
      expect(yield* job).toBeGreaterThan(1);
    }));

  test('workers of one queue serve the same module', () =>
    run(function* () {
      yield* served('same');
      const other = work({ one: () => 1 }, { queue: 'same', engine: engineOf() });
      expect(yield* failureOf(other)).toBeInstanceOf(QueueMismatchError);
    }));

  test('the jobs of a worker that was killed are run again by another one', async () => {
    const one = await startWorker(redis.url, 'killed');
    await run(function* () {
      const jobs = yield* open('killed');
      const list = yield* jobs.submitAll(
        'restless',
        Array.from({ length: 20 }, () => [] as const),
      );
      while ((yield* jobs.stats()).running < list.length) yield* sleep(20);
      const two = yield* until(startWorker(redis.url, 'killed'));
      one.kill('SIGKILL');
      const attempts = yield* timeout(40_000, gather(list));
      expect(attempts.filter((attempt) => attempt < 2)).toEqual([]);
      two.kill('SIGTERM');
      yield* until(new Promise((resolve) => two.once('close', resolve)));
    });
  });

  test('a call whose caller was killed is cancelled', async () => {
    await run(function* () {
      const jobs = yield* served('orphans');
      const caller = yield* until(startCaller(redis.url, 'orphans'));
      while (!module.log.includes('begun')) yield* sleep(5);
      caller.kill('SIGKILL');
      // Its lease ends after 15 s.
      yield* timeout(
        40_000,
        (function* () {
          while ((yield* jobs.stats()).running > 0) yield* sleep(100);
        })(),
      );
      expect(module.log).toEqual(['begun', 'cleaned']);
    });
  });

  test('a Redis that is killed under load loses no job, and no job ends twice', async () => {
    const own = await begin();
    const engine = engineOf(own.url);
    await run(function* () {
      module.log.length = 0;
      spawn(work(module, { queue: 'power', engine, concurrency: 50 }), { daemon: true });
      const jobs = yield* JobQueue.open<Jobs>('power', { engine });
      expect(yield* jobs.call('plain', 1)).toBe(2);
      const list: JobHandle<string>[] = [];
      for (let round = 0; round < 5; round++) {
        list.push(
          ...(yield* jobs.submitAll(
            'nap',
            Array.from({ length: 200 }, (_, index) => [5, `${round}.${index}`] as const),
            { retry: fixed(1).attempts(3) },
          )),
        );
        yield* until(own.killAndRestart());
      }
      const results = yield* timeout(60_000, gather(list));
      expect(new Set(results).size).toBe(1_000);
      expect(new Set(module.log).size).toBe(1_000);
      expect(yield* jobs.stats()).toMatchObject({ succeeded: 1_000, failed: 0, waiting: 0, running: 0, delayed: 0 });
    });
  });

  test('no server, and a wrong password, are told without showing the password', async () => {
    const guarded = await begin('--requirepass', 'right-secret');
    const nobody = await freePort();
    await run(function* () {
      const gone = yield* failureOf(open('x', { engine: engineOf(`redis://me:some-secret@127.0.0.1:${nobody}`) }));
      expect(gone).toBeInstanceOf(EngineUnavailableError);
      expect(gone.message).toContain(`127.0.0.1:${nobody}`);
      const wrong = `redis://:wrong-secret@127.0.0.1:${guarded.port}`;
      const refused = yield* failureOf(open('x', { engine: engineOf(wrong) }));
      expect(refused).toBeInstanceOf(EngineUnavailableError);
      expect(refused.message).toContain('refuses the name and password');
      for (const error of [gone, refused]) expect(JSON.stringify(error) + String(error.cause)).not.toContain('secret');
      const right = `redis://:right-secret@127.0.0.1:${guarded.port}`;
      expect(yield* (yield* open('x', { engine: engineOf(right) })).stats()).toMatchObject({ waiting: 0 });
    });
  });

  test('what a stranger writes into the queue fails alone', () =>
    run(function* () {
      const jobs = yield* served('strange');
      const { Queue } = yield* until(import('bullmq'));
      const stranger = new Queue('strange', { connection: { host: '127.0.0.1', port: redis.port } });
      yield* until(stranger.add('constructor', { args: '[' }, { jobId: 'poison' }));
      yield* until(stranger.add('nap', null, { jobId: 'empty' }));
      const poison = (yield* jobs.get('poison')) as JobHandle;
      const empty = (yield* jobs.get('empty')) as JobHandle;
      expect(yield* failureOf(poison)).toBeInstanceOf(Error);
      expect(yield* failureOf(empty)).toBeInstanceOf(Error);
      expect(yield* jobs.call('plain', 1)).toBe(2);
      yield* until(stranger.close());
    }));
});
