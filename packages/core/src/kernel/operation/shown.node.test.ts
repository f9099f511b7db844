import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createScope } from '../../bridge/create-scope.ts';
import { events } from '../../bridge/events.ts';
import { broadcast } from '../../channels/broadcast.ts';
import { channel } from '../../channels/channel.ts';
import { Queue } from '../../channels/queue.ts';
import { stream } from '../../streams/stream.ts';
import { Barrier } from '../../sync/barrier.ts';
import { EventFlag } from '../../sync/event-flag.ts';
import { Future } from '../../sync/future.ts';
import { Lock } from '../../sync/lock.ts';
import { Semaphore } from '../../sync/semaphore.ts';
import { asCompleted } from '../../tasks/as-completed.ts';
import { group } from '../../tasks/group.ts';
import { interval } from '../../time/interval.ts';
import { sleep } from '../../time/sleep.ts';
import { virtual } from '../fixtures/run.fixture.ts';
import { spawn } from '../scheduler/spawn.ts';

test('a task is shown with its name, its status and what it waits for', async () => {
  await virtual().scheduler.run(function* () {
    const task = spawn(sleep(10), { name: 'worker' });
    expect(inspect(task)).toBe("Task { name: 'worker', status: 'ready' }");
    yield* sleep(1);
    expect(inspect(task)).toBe("Task { name: 'worker', status: 'waiting', waitsFor: 'sleep(10)' }");
    expect(`${task}`).toBe('Task(worker, waiting, sleep(10))');
    expect(JSON.stringify({ task })).toBe('{"task":{"name":"worker","status":"waiting","waitsFor":"sleep(10)"}}');
    yield* task;
    expect(inspect({ task })).toBe("{ task: Task { name: 'worker', status: 'succeeded' } }");
  });
});

test('an operation is shown as reports call it', () => {
  const operation = sleep(10);
  expect(inspect(operation)).toBe('Operation(sleep(10))');
  expect(`${operation}`).toBe('sleep(10)');
  expect(JSON.stringify([operation])).toBe('["sleep(10)"]');
});

test('what tasks meet at is shown with its state', () => {
  const queue = new Queue<string>(2);
  queue.putNowait('a');
  expect(inspect(queue)).toBe('Queue { maxsize: 2, size: 1, empty: false, full: false }');
  expect(JSON.stringify(queue)).toBe('{"maxsize":2,"size":1,"empty":false,"full":false}');
  expect(`${queue}`).toBe('Queue(maxsize: 2, size: 1, empty: false, full: false)');
  expect(inspect(new Lock())).toContain('locked: false');
  expect(inspect(new Semaphore(3))).toContain('available: 3');
  expect(inspect(new EventFlag())).toMatch(/^EventFlag \{ .*: false/);
  expect(inspect(new Future())).toContain('done: false');
  expect(inspect(new Barrier(2))).toContain('parties: 2');
});

test('channels, broadcasts, streams and other sources are shown with their state', async () => {
  const { sender, receiver } = channel<string>(2);
  sender.sendNowait('a');
  expect(inspect({ sender, receiver })).toBe(
    '{\n  sender: Sender { closed: false, stored: 1 },\n  receiver: Receiver { closed: false, stored: 1 }\n}',
  );
  receiver.clone();
  sender.close();
  expect(`${sender}`).toBe('Sender(closed: true, stored: 1)');
  expect(JSON.stringify(receiver)).toBe('{"closed":false,"stored":1}');
  const news = broadcast<number>();
  const subscription = news.subscribe();
  news.sendNowait(1);
  expect(inspect(news)).toBe('Broadcast { closed: false, subscriptions: 1 }');
  expect(inspect(subscription)).toBe('Subscription { closed: false, stored: 1 }');
  expect(`${subscription}`).toBe('Subscription(closed: false, stored: 1)');
  await virtual().scheduler.run(function* () {
    const ticks = interval(5);
    expect(inspect(ticks)).toBe("Source { name: 'interval(5)', closed: false }");
    ticks.close();
    expect(`${ticks}`).toBe('Source(interval(5), closed: true)');
    expect(inspect(events(new EventTarget(), 'x'))).toBe("Source { name: 'events(x)', closed: false }");
    const numbers = stream([1]);
    expect(inspect(numbers)).toMatch(/^Stream \{ source: 'Source\(.+, closed: false\)' \}$/);
    const answers = asCompleted([sleep(1), sleep(2)]);
    yield* answers.next();
    expect(inspect(answers)).toBe('Completions { running: 1, ended: 0, closed: false }');
  });
});

test('scopes and schedulers are shown in a line, and can be written as JSON', async () => {
  const { scheduler } = virtual();
  expect(inspect(scheduler)).toMatch(/^Scheduler \{ now: 0, tasks: 0, debug: false \}$/);
  const app = createScope({ name: 'app', scheduler });
  expect(inspect(app)).toMatch(/^HostScope \{ name: 'app', status: '\w+' \}$/);
  expect(JSON.parse(JSON.stringify({ app, scheduler }))).toMatchObject({
    app: { name: 'app' },
    scheduler: { tasks: 1 },
  });
  await scheduler.run(() =>
    group(function* (g) {
      g.spawn(sleep(1), { name: 'child' });
      expect(inspect(g)).toMatch(/^Group \{ name: 'a group in task task-\d+', tasks: 1 \}$/);
      JSON.stringify(g);
    }),
  );
  await app.close();
});
