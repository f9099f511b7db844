import { expect, test } from 'vitest';
import { Coverage } from './report.ts';

const run = (tasks: readonly number[], hostWaits: readonly string[] = []) => ({
  steps: tasks.map((task) => ({ kind: 'run', task })),
  taken: [1, 2],
  hostWaits: new Set(hostWaits),
});

test('counts runs, different orders and steps', () => {
  const coverage = new Coverage();
  coverage.add(run([1, 2, 3]));
  coverage.add(run([1, 3, 2]));
  coverage.add(run([1, 2, 3]));
  expect(coverage.report()).toMatchObject({ runs: 3, schedules: 2, steps: 9, decisions: 2, uncontrolled: [] });
  expect(String(coverage.report())).toBe('3 runs in 2 different orders, 9 steps, at most 2 decisions in one run.');
});

test('says what was not under control', () => {
  const coverage = new Coverage();
  coverage.add(run([1], ['until(promise)']));
  expect(coverage.report().uncontrolled).toEqual(['until(promise)']);
  expect(String(coverage.report())).toMatch(/Not under control: when the host ends until\(promise\)/);
});
