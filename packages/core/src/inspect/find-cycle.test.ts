import { describe, expect, test } from 'vitest';
import { findCycle, type TaskView } from './index.ts';

function view(id: number, dependsOn: number[], children: TaskView[] = []): TaskView {
  return {
    id,
    name: `t${id}`,
    status: 'waiting',
    daemon: false,
    waitsFor: '',
    waitedFor: null,
    frames: null,
    framesUnknown: false,
    deadline: null,
    dependsOn,
    holders: null,
    figures: null,
    place: null,
    line: null,
    children,
  };
}

describe('findCycle', () => {
  test('finds tasks that wait in a circle, anywhere in the tree, without those that only wait for the circle', () => {
    const cycle = findCycle([view(1, [2], [view(2, [3], [view(3, [4])]), view(4, [2])])]);
    expect(cycle?.map(({ id }) => id)).toEqual([2, 3, 4, 2]);
  });

  test('a task that waits for several depends on each of them', () => {
    expect(findCycle([view(1, [2, 3], [view(2, []), view(3, [1])])])?.map(({ id }) => id)).toEqual([1, 3, 1]);
  });

  test('there is none in a chain, nor where what is waited for is gone', () => {
    expect(findCycle([view(1, [2], [view(2, [3]), view(3, [9])])])).toBeNull();
  });
});
