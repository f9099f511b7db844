import { expect, test } from 'vitest';
import {
  acquire,
  asyncGenerator,
  defer,
  type Emit,
  type Operation,
  resource,
  type Source,
  sleep,
  spawn,
  stream,
} from '../../index.ts';
import { taskTree } from '../../inspect/index.ts';
import { runTest } from '../../testing/index.ts';
import { runningTask } from './current.ts';

/** Writes down when its body ends. */
const logged = asyncGenerator(function* (emit: Emit<number>, log: string[], name: string): Operation<void> {
  try {
    for (let n = 0; ; n++) yield* emit(n);
  } finally {
    yield* sleep(1);
    log.push(`${name} has ended`);
  }
});

test('the bodies of the sources of a scope end together, before what was there when they began is released', () => {
  const log: string[] = [];
  const door = resource<void>(function* (provide) {
    yield* provide();
    log.push('the door is closed');
  });
  return runTest(function* () {
    defer(() => void log.push('the first cleanup'));
    const [first, second] = [logged(log, 'the first'), logged(log, 'the second')];
    yield* first.next();
    yield* acquire(door);
    yield* second.next();
    defer(() => void log.push('the last cleanup'));
    yield* spawn(function* child(): Operation<void> {
      yield* sleep(5);
      log.push('the child');
    });
  }).then(() =>
    expect(log).toEqual([
      'the child',
      'the last cleanup',
      'the first has ended',
      'the second has ended',
      'the door is closed',
      'the first cleanup',
    ]),
  );
});

test('a source that has ended or was closed leaves nothing in its scope', () =>
  runTest(function* () {
    const { nursery } = runningTask('a test').innermostOwner;
    const before = nursery?.releases?.entries.length ?? 0;
    for (let i = 0; i < 3; i++) {
      const some: readonly Source<unknown>[] = [
        logged([], ''),
        stream([1, 2]).buffer(1),
        stream([1]).map(() => sleep(1)),
      ];
      for (const source of some) yield* source.next();
      for (const source of some) yield* source.close();
    }
    yield* stream([1, 2]).buffer(1).collect();
    expect(runningTask('a test').nursery?.releases?.entries ?? []).toHaveLength(before);
    expect(runningTask('a test').nursery?.sources ?? null).toBeNull();
  }));

test('the bodies of sources stand in the picture of the tasks, also while they are released', () =>
  runTest(function* () {
    const ending = asyncGenerator(function* (emit: Emit<number>): Operation<void> {
      try {
        yield* emit(1);
      } finally {
        yield* sleep(10);
      }
    });
    const owner = spawn(
      function* owner(): Operation<void> {
        yield* ending().next();
        yield* sleep(5);
      },
      { name: 'owner' },
    );
    const names = (): string[] =>
      taskTree()
        .flatMap(({ children }) => children)
        .filter(({ id }) => id === owner.id)
        .flatMap(({ children }) => children.map(({ name }) => name));
    for (const ms of [1, 6]) {
      yield* sleep(ms);
      expect(names()).toEqual(['asyncGenerator()']);
    }
  }));
