import { describe, expect, test } from 'vitest';
import { type Plan, roomsOf } from './plan.ts';
import { violations } from './rules.ts';

const rooms = roomsOf(`
  errors.ts:
  kernel: errors.ts
  time: kernel
  time/deep: time
  sync: kernel
  node:
`);
const plan: Plan = {
  doors: ['index.ts'],
  rooms,
  foreign: [{ module: /^node:/, from: /^node\//, why: 'only node may need Node' }],
  host: /^kernel\/clock\.ts$/,
};

const house = {
  'index.ts': "export { sleep } from './time/sleep.ts';",
  'errors.ts': 'export type E = 1;',
  'kernel/task.ts': "import { E } from '../errors.ts';\nexport type Task = E;",
  'time/sleep.ts': 'export const sleep = 1;',
  'time/task.ts': "import type { Task } from '../kernel/task.ts';",
  'time/deep/nap.ts': 'export {};',
  'time/deep/sleep.ts': "import { sleep } from '../sleep.ts';",
  'sync/lock.ts': 'export {};',
  'sync/task.ts': "import '../kernel/task.ts';",
  'node/main.ts': "import fs from 'node:fs';",
};

/** What is wrong with the house after some of its files have changed. */
const check = (changed: Record<string, string> = {}, changedPlan: Partial<Plan> = {}): string[] =>
  violations(new Map(Object.entries({ ...house, ...changed })), { ...plan, ...changedPlan });

describe('the arrows between rooms', () => {
  test('a door may import every room, and a room what the plan lists behind it', () => {
    expect(check()).toEqual([]);
  });

  test('an import without an arrow is named with what would be allowed', () => {
    expect(check({ 'sync/lock.ts': "import '../time/sleep.ts';" })).toEqual([
      "sync/lock.ts imports time/sleep.ts: 'sync' may import only kernel",
    ]);
  });

  test('a folder inside a room is a room of its own', () => {
    expect(check({ 'time/sleep.ts': "import './deep/nap.ts';" })).toContain(
      "time/sleep.ts imports time/deep/nap.ts: 'time' may import only kernel",
    );
  });

  test('a file in a room that is not listed is refused, at the top as well', () => {
    expect(check({ 'tasks/race.ts': 'export {};', 'url.ts': 'export {};' })).toEqual([
      "tasks/race.ts lies in 'tasks', which the plan does not list",
      "url.ts lies in '.', which the plan does not list",
    ]);
  });

  test('two rooms that need each other are a circle although no file is in one', () => {
    const problems = check({
      'time/a.ts': "import '../sync/lock.ts';",
      'sync/b.ts': "import '../time/sleep.ts';",
    });
    expect(problems).toContain('circle of rooms: time -> sync -> time');
  });

  test('a circle of files is found even when one side is a type import', () => {
    const problems = check({
      'time/a.ts': "import type { B } from './b.ts';",
      'time/b.ts': "export * from './a.ts';",
    });
    expect(problems).toEqual(['circle of imports: time/a.ts -> time/b.ts -> time/a.ts']);
  });

  test('a single file may stand lower than its room, and an arrow to the room counts for it', () => {
    const lower = roomsOf(`
      time/clock.ts:
      sync: time/clock.ts
      time: sync
      kernel: time
    `);
    const files = {
      'time/clock.ts': 'export {};',
      'sync/a.ts': "import '../time/clock.ts';",
      'time/b.ts': "import './clock.ts';\nimport '../sync/a.ts';",
      'kernel/c.ts': "import '../time/clock.ts';",
    };
    const sources = new Map(Object.entries(files));
    expect(violations(sources, { ...plan, doors: [], rooms: lower })).toEqual([]);
  });
});

describe('the plan', () => {
  test('may not list what does not exist', () => {
    const stale = { rooms: new Map([...rooms, ['attic', []]]), doors: ['index.ts', 'cellar.ts'] };
    expect(check({}, stale)).toEqual([
      "the plan lists 'attic', which does not exist",
      'the plan lists the door cellar.ts, which does not exist',
    ]);
  });

  test('has only arrows to rooms that it lists earlier', () => {
    const upward = new Map(
      [...rooms].map(([room, arrows]) => [room, room === 'kernel' ? [...arrows, 'sync'] : arrows]),
    );
    expect(check({}, { rooms: upward })).toContain(
      "the plan lets 'kernel' import 'sync', which is not listed above it",
    );
  });

  test('may not keep an arrow that no import uses', () => {
    expect(check({ 'sync/task.ts': 'export {};' })).toEqual([
      "the plan lets 'sync' import 'kernel', but no file does: take the arrow out",
    ]);
  });
});

describe('what else holds the house', () => {
  test('no source file may import a door, but a test may', () => {
    expect(check({ 'time/sleep.ts': "import '../index.ts';", 'index.ts': 'export {};' })).toEqual([
      'time/sleep.ts imports the door index.ts: import the file of the word itself',
    ]);
    expect(check({ 'time/sleep.test.ts': "import '../index.ts';" })).toEqual([]);
  });

  test('no source file may import what only tests use', () => {
    expect(check({ 'time/sleep.ts': "import './a.fixture.ts';", 'time/a.fixture.ts': 'export {};' })).toEqual([
      'time/sleep.ts imports time/a.fixture.ts: what only tests use is not shipped',
    ]);
  });

  test('a door that exports with a star is refused: its words must be readable in it', () => {
    expect(check({ 'index.ts': "export * from './errors.ts';" })).toEqual([
      'index.ts exports with a star: a door names what it exports',
    ]);
  });

  test('more than a dozen files at the top are refused, tests not counted', () => {
    const names = Array.from({ length: 10 }, (_, index) => `file${index}.ts`);
    const full = { rooms: new Map([...rooms, ...names.map((name) => [name, []] as const)]) };
    const files = Object.fromEntries(names.map((name) => [name, 'export {};']));
    expect(check({ ...files, 'a.test.ts': '' }, full)).toEqual([]);
    const oneMore = { rooms: new Map([...full.rooms, ['more.ts', []] as const]) };
    expect(check({ ...files, 'more.ts': 'export {};' }, oneMore)).toEqual([
      '13 files lie at the top, more than 12: give them a room',
    ]);
  });

  test('a module of another package is refused outside its room, dynamic imports included', () => {
    expect(check({ 'time/a.ts': "const fs = await import('node:fs');" })).toEqual([
      "time/a.ts:1 imports 'node:fs': only node may need Node",
    ]);
  });

  test('time and chance are refused outside the clock', () => {
    expect(check({ 'kernel/clock.ts': 'Date.now();', 'time/a.ts': '\nDate.now();' })).toEqual([
      'time/a.ts:2 uses Date.now: time and chance come from the scheduler',
    ]);
  });
});
