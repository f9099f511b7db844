import { expect, test } from 'vitest';
import { circles, fileGraph, floors, grouped } from './graph.ts';

const graph = (arrows: Record<string, string[]>): Map<string, string[]> => new Map(Object.entries(arrows));

test('a chain that runs into a circle is not part of it', () => {
  expect(circles(graph({ a: ['b'], b: ['c'], c: ['b'] }))).toEqual([['b', 'c', 'b']]);
});

test('imports are found however they are written, and a file that is imported twice is one arrow', () => {
  const sources = new Map([
    ['a.ts', "import type { B } from './b.ts';\nimport { b } from './b.ts';\nconst c = await import('./in/c.ts');"],
    ['b.ts', "export * from './in/c.ts';"],
    ['in/c.ts', "import 'node:fs';\nimport '../absent.ts';"],
  ]);
  expect([...fileGraph(sources)]).toEqual([
    ['a.ts', ['b.ts', 'in/c.ts']],
    ['b.ts', ['in/c.ts']],
    ['in/c.ts', []],
  ]);
});

test('nodes of one group are drawn as one, without what has no group', () => {
  const whole = graph({ 'x/a': ['x/b', 'y/c'], 'x/b': ['y/c', 'door'], 'y/c': [], door: ['x/a'] });
  const groupOf = (node: string): string | undefined => (node === 'door' ? undefined : node.slice(0, 1));
  expect([...grouped(whole, groupOf)]).toEqual([
    ['x', ['y']],
    ['y', []],
  ]);
});

test('the floors of a house are the nodes of its longest chain', () => {
  expect(floors(graph({}))).toBe(0);
  expect(floors(graph({ roof: ['middle', 'ground'], middle: ['ground'], ground: [], shed: ['ground'] }))).toBe(3);
});
