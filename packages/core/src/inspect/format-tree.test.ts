import { expect, test } from 'vitest';
import { formatTree, type TaskView } from './index.ts';

const bare: TaskView = {
  id: 1,
  name: 'main',
  status: 'running',
  daemon: false,
  waitsFor: null,
  waitedFor: null,
  frames: null,
  framesUnknown: false,
  deadline: null,
  dependsOn: [],
  holders: null,
  figures: null,
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

test('without debug the innermost line stands beside the wait, and all of them below where there are several', () => {
  const frames = [
    { file: '/app/a.ts', line: 3, column: 5, function: 'leaf' },
    { file: '/app/a.ts', line: 9, column: 1, function: '' },
  ];
  const task = { ...bare, status: 'waiting', waitsFor: 'sleep(10)', deadline: 20.4 } as const;
  expect(
    formatTree([
      { ...task, frames },
      { ...task, frames: frames.slice(0, 1), deadline: null },
    ]),
  ).toBe(
    [
      'task main: waiting for sleep(10), 20 ms before its deadline, at /app/a.ts:3:5',
      '    at leaf (/app/a.ts:3:5)',
      '    at /app/a.ts:9:1',
      'task main: waiting for sleep(10), at /app/a.ts:3:5',
      '',
    ].join('\n'),
  );
});

test('a ready task shows what it has waited for', () => {
  expect(formatTree([{ ...bare, status: 'ready', waitedFor: 'queue.get()' }])).toBe(
    'task main: ready after queue.get()\n',
  );
});

test('nothing running is an empty text', () => {
  expect(formatTree([])).toBe('');
});
