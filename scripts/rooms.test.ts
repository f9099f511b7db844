import { describe, expect, test } from 'vitest';
import { circles, hostUses, type Plan, violations } from './rooms.ts';

const plan: Plan = {
  doors: ['index.ts'],
  arrows: { 'errors.ts': [], kernel: ['errors.ts'] },
  layers: [['wire'], ['session.ts', 'middleware']],
  foreign: [{ module: /^node:/, from: /^node\//, why: 'only node may need Node' }],
  host: /^kernel\/clock\.ts$/,
};

const check = (files: Record<string, string>): string[] => violations(new Map(Object.entries(files)), plan);

describe('the arrows between rooms', () => {
  test('a door may import every room and a word may import the kernel', () => {
    expect(
      check({
        'index.ts': "export { sleep } from './time/sleep.ts';",
        'time/sleep.ts': "import type { Task } from '../kernel/task.ts';\nexport const sleep = 1;",
        'kernel/task.ts': "import { E } from '../errors.ts';\nexport type Task = E;",
        'errors.ts': 'export type E = 1;',
      }),
    ).toEqual([]);
  });

  test('an import against the arrow is named with what would be allowed', () => {
    const problems = check({
      'kernel/task.ts': "import '../time/sleep.ts';",
      'time/sleep.ts': 'export {};',
    });
    expect(problems).toEqual(["kernel/task.ts imports time/sleep.ts: 'kernel' may import only errors.ts"]);
  });

  test('a layer imports from the layers below it and from what lies below them all', () => {
    const rule = { 'url.ts': 'export {};' };
    expect(check({ ...rule, 'session.ts': "import './wire/a.ts';", 'wire/a.ts': "import '../url.ts';" })).toEqual([]);
    expect(check({ 'wire/a.ts': "import '../session.ts';", 'session.ts': 'export {};' })).toEqual([
      "wire/a.ts imports session.ts: 'session.ts' does not lie below 'wire'",
    ]);
    expect(check({ 'session.ts': "import './middleware/b.ts';", 'middleware/b.ts': 'export {};' })).toHaveLength(1);
    expect(check({ 'url.ts': "import './wire/a.ts';", 'wire/a.ts': 'export {};' })).toEqual([
      "url.ts imports wire/a.ts: 'wire' does not lie below 'url.ts'",
    ]);
  });

  test('no source file may import a door, but a test may', () => {
    const files = { 'index.ts': 'export {};', 'time/sleep.ts': "import '../index.ts';" };
    expect(check(files)).toEqual(['time/sleep.ts imports the door index.ts: import the file of the word itself']);
    expect(check({ 'index.ts': 'export {};', 'time/sleep.test.ts': "import '../index.ts';" })).toEqual([]);
  });

  test('a door that exports with a star is refused: its words must be readable in it', () => {
    const problems = check({ 'index.ts': "export * from './errors.ts';", 'errors.ts': 'export {};' });
    expect(problems).toEqual(['index.ts exports with a star: a door names what it exports']);
  });

  test('a circle is found even when one side is a type import', () => {
    const problems = check({
      'time/a.ts': "import type { B } from './b.ts';",
      'time/b.ts': "export * from './a.ts';",
    });
    expect(problems).toEqual(['circle of imports: time/a.ts -> time/b.ts -> time/a.ts']);
  });

  test('two rooms that lean on each other are a circle although no file is in one', () => {
    const problems = check({
      'time/a.ts': "import '../sync/b.ts';",
      'sync/b.ts': 'export {};',
      'sync/c.ts': "import '../time/d.ts';",
      'time/d.ts': 'export {};',
    });
    expect(problems).toEqual(['circle of rooms: time -> sync -> time']);
  });

  test('a module of Node is refused outside its room, dynamic imports included', () => {
    const problems = check({
      'time/a.ts': "const fs = await import('node:fs');",
      'node/a.ts': "import fs from 'node:fs';",
    });
    expect(problems).toEqual(["time/a.ts:1 imports 'node:fs': only node may need Node"]);
  });
});

test('a chain that runs into a circle is not part of it', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ]);
  expect(circles(graph)).toEqual([['b', 'c', 'b']]);
});

test('time and chance may not be taken from the host, while dates that are given may be read', () => {
  const uses = (text: string): number => hostUses('a.ts', text).length;
  for (const text of [
    'setTimeout(f, 1);',
    'globalThis.setTimeout(f, 1);',
    'const x = Date.now();',
    'const x = new Date();',
    'const x = performance.now();',
    'const x = Math.random();',
    'const x = globalThis.crypto.getRandomValues(a);',
  ]) {
    expect([text, uses(text)]).toEqual([text, 1]);
  }
  for (const text of [
    'const x = when instanceof Date ? when.getTime() : 0;',
    'const x = new Date(0);',
    'scheduler.setTimeout(f);',
    'const performance = 1; use(performance);',
  ]) {
    expect([text, uses(text)]).toEqual([text, 0]);
  }
});
