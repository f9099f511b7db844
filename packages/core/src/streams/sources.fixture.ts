/** Every source and every stage of the core, each with a way to give it something to read. */
import {
  asCompleted,
  asyncGenerator,
  broadcast,
  channel,
  type Emit,
  events,
  Future,
  interval,
  type Operation,
  type Receiver,
  type Source,
  type Stream,
  sleep,
  stream,
} from '../index.ts';

export interface Opened {
  readonly source: Source<unknown>;
  /** Makes one more item, from anywhere and without waiting. */
  give(): void;
}

/** Numbers that are given by hand, for sources that are made of others. */
function fed(make: (numbers: Receiver<number>) => Source<unknown>): Opened {
  const { sender, receiver } = channel<number>(Number.POSITIVE_INFINITY);
  let next = 0;
  return { source: make(receiver), give: () => sender.sendNowait(next++) };
}

function staged(make: (numbers: Stream<number>) => Source<unknown>): () => Opened {
  return () => fed((numbers) => make(stream(numbers)));
}

const copies = asyncGenerator(function* (emit: Emit<number>, numbers: Receiver<number>): Operation<void> {
  for (;;) yield* emit(yield* numbers.receive());
});

function* slowly(n: number): Operation<number> {
  yield* sleep(2);
  return n;
}

function* alone(n: number): Operation<number[]> {
  return [yield* slowly(n)];
}

function* always(): Operation<boolean> {
  yield* sleep(2);
  return true;
}

function* valueIn(future: Future<number>): Operation<number> {
  return yield* future;
}

function subscribed(): Opened {
  const numbers = broadcast<number>({ capacity: Number.POSITIVE_INFINITY });
  let next = 0;
  return { source: numbers.subscribe(), give: () => numbers.sendNowait(next++) };
}

function listened(): Opened {
  const target = new EventTarget();
  let next = 0;
  const heard = stream(events(target, 'number' as never)).map((args) => ((args as unknown[])[0] as CustomEvent).detail);
  return { source: heard, give: () => void target.dispatchEvent(new CustomEvent('number', { detail: next++ })) };
}

function completed(): Opened {
  const futures = Array.from({ length: 20 }, () => new Future<number>());
  let next = 0;
  const give = (): void => {
    futures[next]?.resolve(next);
    next++;
  };
  return { source: asCompleted(futures.map(valueIn)), give };
}

function iterated(): Opened {
  const given: number[] = [];
  const waiting: ((result: IteratorResult<number>) => void)[] = [];
  let next = 0;
  const iterator: AsyncIterableIterator<number> = {
    [Symbol.asyncIterator]: () => iterator,
    next: () =>
      new Promise((resolve) => {
        const value = given.shift();
        if (value === undefined) waiting.push(resolve);
        else resolve({ done: false, value });
      }),
  };
  const give = (): void => {
    const resolve = waiting.shift();
    if (resolve === undefined) given.push(next++);
    else resolve({ done: false, value: next++ });
  };
  return { source: stream(iterator), give };
}

function readable(): Opened {
  let controller: ReadableStreamDefaultController<number> | undefined;
  const numbers = new ReadableStream<number>({
    start(made) {
      controller = made;
    },
  });
  let next = 0;
  return { source: stream(numbers), give: () => controller?.enqueue(next++) };
}

export const SOURCES: readonly (readonly [name: string, open: () => Opened])[] = [
  ['a receiver of a channel', () => fed((numbers) => numbers)],
  ['a subscription of a broadcast', subscribed],
  ['events of a target', listened],
  ['an async generator', () => fed((numbers) => copies(numbers))],
  ['asCompleted', completed],
  ['an interval', () => ({ source: interval(15), give: () => {} })],
  ['a stream of an async iterable', iterated],
  ['a stream of a ReadableStream', readable],
  ['stream', staged((numbers) => numbers)],
  ['map', staged((numbers) => numbers.map((n) => n))],
  ['map with an operation', staged((numbers) => numbers.map(slowly))],
  ['filter', staged((numbers) => numbers.filter(() => true))],
  ['filter with an operation', staged((numbers) => numbers.filter(always))],
  ['scan', staged((numbers) => numbers.scan((_, n) => n, -1))],
  ['scan with an operation', staged((numbers) => numbers.scan((_, n) => slowly(n), -1))],
  ['distinct', staged((numbers) => numbers.distinct())],
  ['distinct by an operation', staged((numbers) => numbers.distinct(slowly))],
  ['flatMap', staged((numbers) => numbers.flatMap((n) => [n]))],
  ['flatMap with an operation', staged((numbers) => numbers.flatMap(alone))],
  ['flatMap of several at once', staged((numbers) => numbers.flatMap(alone, { concurrency: 3 }))],
  ['switchMap', staged((numbers) => numbers.switchMap((n) => [n]))],
  ['zip', staged((numbers) => numbers.zip(interval(1)).map(([n]) => n))],
  ['take', staged((numbers) => numbers.take(100))],
  ['drop', staged((numbers) => numbers.drop(1))],
  ['merge', staged((numbers) => numbers.merge(channel<number>().receiver))],
  ['buffer', staged((numbers) => numbers.buffer(2))],
  ['batch by size', staged((numbers) => numbers.batch({ size: 2 }))],
  ['batch by time', staged((numbers) => numbers.batch({ ms: 3 }))],
  ['debounce', staged((numbers) => numbers.debounce(3))],
  ['throttle', staged((numbers) => numbers.throttle(3))],
  ['throttle with the last one', staged((numbers) => numbers.throttle(3, { trailing: true }))],
  ['a generator of a generator', () => fed((numbers) => stream(copies(numbers)).map((n) => n))],
  ['many stages', staged((numbers) => numbers.map(slowly).buffer(1).merge(channel<number>().receiver).map(slowly))],
];
