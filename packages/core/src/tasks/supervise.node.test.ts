import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { attempt, type Operation, sleep, supervise, type Task } from '../index.ts';
import { failing } from '../kernel/fixtures/bodies.fixture.ts';
import { virtual } from '../kernel/fixtures/run.fixture.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A task that fails and is joined, at once or when it has long ended; only a weak reference to its error stays. */
function* joined(spawn: (body: Operation<never>) => Task<never>, late: number): Operation<WeakRef<Error>> {
  const error = new Error('joined');
  const task = spawn(failing(error));
  yield* sleep(late);
  const tried = yield* attempt(task);
  expect(tried.ok).toBe(false);
  return new WeakRef(error);
}

test('a supervised group keeps no failure that was joined, so that it may live for years', async () => {
  const kept = await virtual().scheduler.run(() =>
    supervise(function* (g) {
      const errors: WeakRef<Error>[] = [];
      for (const late of [0, 0, 0, 3, 3, 3]) errors.push(yield* joined((body) => g.spawn(body), late));
      // A collection takes what no task has in hand, and none before the next turn of the host, which virtual time waits for.
      yield* sleep(5);
      collect();
      return errors.filter((each) => each.deref() !== undefined).length;
    }),
  );
  // The last one may still be in hand.
  expect(kept).toBeLessThanOrEqual(1);
});
