import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defer, group, run } from '../../index.ts';
import { runningTask } from '../task/current.ts';
import { addRelease, keepRelease, removeRelease } from './releases.ts';
import type { Release, Scope } from './scope.ts';

/** An entry that counts how often it was given a place. */
class Counted implements Release {
  readonly owner: Scope;
  moves = 0;
  #at = -1;

  constructor(owner: Scope) {
    this.owner = owner;
  }

  get at(): number {
    return this.#at;
  }

  set at(at: number) {
    this.moves++;
    this.#at = at;
  }

  run(): void {}
}

test('what was not taken out is released last first, whatever was taken out before', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.nat(30)), { maxLength: 60 }), (steps) =>
      run(function* () {
        const expected: number[] = [];
        const released: number[] = [];
        yield* group(function* () {
          const owner = runningTask('a test').innermostOwner;
          const releases: Release[] = [];
          for (const [i, step] of steps.entries()) {
            if (step === null || releases.length === 0) {
              releases[i] = addRelease(owner, () => void released.push(i));
              expected.push(i);
            } else {
              const at = expected[step % (expected.length + 1)];
              if (at === undefined) continue;
              removeRelease(releases[at] as Release);
              removeRelease(releases[at] as Release);
              expected.splice(expected.indexOf(at), 1);
            }
          }
        });
        expect(released).toEqual(expected.reverse());
      }),
    ),
  ));

test('taking out costs the same for the oldest, the newest and those between', () =>
  run(function* () {
    const orders: ((all: Counted[]) => Counted[])[] = [
      (all) => all,
      (all) => all.toReversed(),
      (all) => all.toSorted((a, b) => ((a.at * 7_919) % 1_009) - ((b.at * 7_919) % 1_009)),
    ];
    for (const inOrder of orders) {
      const owner = runningTask('a test');
      const all = Array.from({ length: 1_000 }, () => new Counted(owner));
      for (const each of all) keepRelease(each);
      for (const each of inOrder(all)) removeRelease(each);
      // Once when it is registered, once when it is taken out, and as often again, on the average, when holes are closed.
      expect(all.reduce((sum, { moves }) => sum + moves, 0)).toBeLessThanOrEqual(4_000);
      expect(owner.nursery?.releases?.entries).toEqual([]);
    }
  }));

test('a cleanup that is registered by a cleanup runs next', async () => {
  const order: string[] = [];
  await run(function* () {
    defer(() => void order.push('first'));
    defer(() => {
      order.push('second');
      defer(() => void order.push('of the second'));
    });
  });
  expect(order).toEqual(['second', 'of the second', 'first']);
});
