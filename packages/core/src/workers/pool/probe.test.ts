import { expect, test } from 'vitest';
import { sleep } from '../../index.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { runningTask } from '../../kernel/task/current.ts';
import { runTest } from '../../testing/index.ts';
import type { CallWorker } from './call.ts';
import { Probe } from './probe.ts';

function* probedAfter(deadline: number, ended = Number.POSITIVE_INFINITY) {
  const scheduler = runningTask('the test').scheduler as Scheduler;
  const begin = scheduler.now();
  const probed: number[] = [];
  const worker = { probe: () => void probed.push(scheduler.now() - begin) } as Partial<CallWorker> as CallWorker;
  const probe = new Probe(scheduler, worker);
  probe.begin(begin + deadline);
  if (ended < deadline) {
    yield* sleep(ended);
    probe.end();
  }
  yield* sleep(10_000);
  return probed;
}

test('a worker is asked for a sign of life as long before a deadline as it may take to give one', () =>
  runTest(function* () {
    expect(yield* probedAfter(5_000)).toEqual([4_800]);
  }));

test('before a short deadline it is asked when half of the time has passed', () =>
  runTest(function* () {
    expect(yield* probedAfter(100)).toEqual([50]);
  }));

test('it is not asked where the call has ended before', () =>
  runTest(function* () {
    expect(yield* probedAfter(5_000, 4_000)).toEqual([]);
  }));
