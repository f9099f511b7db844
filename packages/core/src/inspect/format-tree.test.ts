import { expect, test } from 'vitest';
import { formatTree, type TaskView } from './index.ts';

const bare: TaskView = {
  id: 1,
  name: 'main',
  status: 'running',
  daemon: false,
  waitsFor: null,
  dependsOn: [],
  place: null,
  line: null,
  children: [],
};

test('one line for each task, children further in, with places where they are known', () => {
  const child = {
    ...bare,
    name: 'child',
    status: 'waiting',
    waitsFor: 'sleep(10)',
    place: 'a.ts:1:2',
    line: 'b.ts:3:4',
  } as const;
  expect(formatTree([{ ...bare, children: [child, { ...child, daemon: true, place: null, line: null }] }])).toBe(
    [
      'task main: running',
      '  task child (made at a.ts:1:2): waiting for sleep(10), at b.ts:3:4',
      '  task child, a daemon: waiting for sleep(10)',
      '',
    ].join('\n'),
  );
});

test('nothing running is an empty text', () => {
  expect(formatTree([])).toBe('');
});
