import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../workspace.ts';
import { readSources } from './graph.ts';
import { plans, roomsOf } from './plan.ts';
import { violations } from './rules.ts';

test('a table of rooms is read from the ground up, without its headings', () => {
  const rooms = roomsOf(`
    errors.ts:
    # The kernel: it has walls.
    kernel/clock:
    time:         errors.ts  kernel/clock
  `);
  expect([...rooms]).toEqual([
    ['errors.ts', []],
    ['kernel/clock', []],
    ['time', ['errors.ts', 'kernel/clock']],
  ]);
});

describe.each(Object.entries(plans))('the plan of %s', (name, plan) => {
  const sources = readSources(join(root, 'packages', name, 'src'));

  test('is followed by every file, and every arrow is used', () => {
    expect(sources.size).toBeGreaterThan(3);
    expect(violations(sources, plan)).toEqual([]);
  });
});
