import { expect, test } from 'vitest';
import { attempt, gather, sleep, spawn } from '../../index.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { runningTask } from '../../kernel/task/current.ts';
import { runTest } from '../../testing/index.ts';
import type { Carrier, CarrierEvents, Launcher } from '../carrier.ts';
import { OK, type Order, READY } from '../protocol.ts';
import { checkPoolOptions } from './options.ts';
import { Pool } from './pool.ts';

/** Workers that do what the test says, at the moment when it says so. */
class HandLauncher implements Launcher {
  readonly name = 'jobs.ts';
  readonly foreign = false;
  readonly workers: HandWorker[] = [];

  launch(events: CarrierEvents): Carrier {
    const worker = new HandWorker(events);
    this.workers.push(worker);
    queueMicrotask(() => events.received([[READY, { work: 'function' }]]));
    return worker;
  }
}

class HandWorker implements Carrier {
  readonly events: CarrierEvents;
  readonly orders: Order[] = [];

  constructor(events: CarrierEvents) {
    this.events = events;
  }

  post(orders: readonly Order[]): void {
    this.orders.push(...orders);
  }

  end(): void {
    this.lost();
  }

  running(): null {
    return null;
  }

  lost(): void {
    this.events.lost({ reason: 'crash', exitCode: 1, how: 'with code 1' });
  }

  /** Answers its last call. */
  answer(): void {
    const id = this.orders.at(-1)?.[1] as number;
    this.events.received([[OK, id, id]]);
  }
}

function pool(launcher: Launcher, queue: number): Pool {
  const options = checkPoolOptions({ size: 1, concurrency: 1, queue }, 1);
  return new Pool(runningTask('the test').scheduler as Scheduler, launcher, options);
}

test('one whose worker is lost between its turn and its call goes before the others, also where the queue is full', () =>
  runTest(function* () {
    const launcher = new HandLauncher();
    const jobs = pool(launcher, 2);
    yield* jobs.start();
    const order: string[] = [];
    const call = function* (name: string) {
      yield* jobs.call('work');
      order.push(name);
    };
    const calls = ['first', 'second', 'third'].map((name) => spawn(call(name)));
    yield* sleep(1);
    const before = launcher.workers[0] as HandWorker;
    before.answer();
    before.lost();
    yield* sleep(1);
    expect(jobs.stats).toMatchObject({ waiting: 1, running: 1, lost: 1 });
    for (let answers = 0; answers < 2; answers++) {
      (launcher.workers[1] as HandWorker).answer();
      yield* sleep(1);
    }
    yield* gather(calls);
    expect(order).toEqual(['first', 'second', 'third']);
    yield* jobs.close();
  }));

test('one whose worker is lost while the pool closes is told that it was closed', () =>
  runTest(function* () {
    const launcher = new HandLauncher();
    const jobs = pool(launcher, 2);
    yield* jobs.start();
    const first = spawn(attempt(jobs.call('work')));
    const second = spawn(attempt(jobs.call('work')));
    yield* sleep(1);
    const worker = launcher.workers[0] as HandWorker;
    worker.answer();
    const closing = spawn(jobs.close());
    worker.lost();
    yield* closing;
    expect(yield* first).toMatchObject({ ok: true });
    expect(yield* second).toMatchObject({ ok: false, error: { name: 'PoolClosedError' } });
  }));
