/**
 * Producer and consumer: with `next`, `send` and `close`, with waits inside, over a queue.
 *
 * Python:
 *
 *     def consumer():
 *         reply = ''
 *         while True:
 *             item = yield reply
 *             if not item:
 *                 return
 *             print('[consumer] consuming', item)
 *             reply = '200 OK'
 *
 *     def produce(c):
 *         c.send(None)
 *         for item in range(1, 6):
 *             print('[producer] producing', item)
 *             print('[producer] the consumer says', c.send(item))
 *         c.close()
 *
 *     produce(consumer())
 */
import {
  asyncGenerator,
  type Emit,
  generator,
  type Operation,
  type PythonGenerator,
  Queue,
  sleep,
  spawn,
} from '@coloop/core';
import { startExample } from '../shared/start-example.ts';

// 1. Line for line. No scheduler is needed: the producer drives the consumer by hand.

const consumer = generator(function* (): Generator<string, void, number> {
  let reply = '';
  for (;;) {
    const item = yield reply;
    if (!item) return;
    console.log('[consumer] consuming', item);
    reply = '200 OK';
  }
});

function produce(c: PythonGenerator<string, number>): void {
  c.next();
  for (let item = 1; item <= 5; item++) {
    console.log('[producer] producing', item);
    console.log('[producer] the consumer says', c.send(item));
  }
  c.close();
}

// 2. The same where the consumer has to wait for something: `yield* emit(…)` in place of `yield`, and `yield*` at every step.
//    A step gives `{ done, value }`, since this consumer is a `Source` like everything that gives many values.

const slowConsumer = asyncGenerator(function* (emit: Emit<string, number>): Operation<void> {
  let reply = '';
  for (;;) {
    const item = yield* emit(reply);
    yield* sleep(100);
    console.log('[consumer] consumed', item, 'after 100 ms');
    reply = '200 OK';
  }
});

function* produceSlowly(): Operation<void> {
  const c = slowConsumer();
  yield* c.next();
  for (let item = 1; item <= 3; item++) {
    console.log('[producer] producing', item);
    const reply = yield* c.send(item);
    console.log('[producer] the consumer says', reply.value);
  }
  yield* c.close();
}

// 3. As two tasks that know only the queue between them. It holds one item: the producer waits when the consumer is slow.

function* produceInto(queue: Queue<number>): Operation<void> {
  for (let item = 1; item <= 3; item++) {
    yield* queue.put(item);
    console.log('[producer] produced', item);
  }
  yield* queue.join();
}

function* consumeFrom(queue: Queue<number>): Operation<void> {
  for (;;) {
    const item = yield* queue.get();
    yield* sleep(100);
    console.log('[consumer] consumed', item);
    queue.taskDone();
  }
}

export function* producersAndConsumers(): Operation<void> {
  console.log('with next, send and close');
  produce(consumer());

  console.log('with waits inside');
  yield* produceSlowly();

  console.log('as two tasks over a queue');
  const queue = new Queue<number>(1);
  // A daemon serves the others: it is cancelled when they have ended, so the endless loop needs no way out.
  spawn(consumeFrom(queue), { daemon: true });
  yield* produceInto(queue);
  console.log('everything is consumed');
}

await startExample(import.meta.url, producersAndConsumers);
