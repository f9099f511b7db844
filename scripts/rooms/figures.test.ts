import { expect, test } from 'vitest';
import { figures } from './figures.ts';
import { type Plan, roomsOf } from './plan.ts';

const plan: Plan = {
  doors: ['index.ts'],
  rooms: roomsOf(`
    errors.ts:
    time: errors.ts
    time/deep: time
  `),
  foreign: [],
  host: /^$/,
};

test('the figures count files, rooms and arrows, and name what is largest', () => {
  const sources = new Map([
    ['index.ts', "export { a } from './time/a.ts';\n"],
    [
      'errors.ts',
      'export class E {\n  text = 1;\n  say() {}\n  get size() {}\n  set size(_) {}\n  constructor(readonly why: string) {}\n}\n',
    ],
    ['time/a.ts', "import '../errors.ts';\nexport const a = () => {\n  return 1;\n};\n"],
    ['time/b.ts', 'export const b = 1;\n'],
    ['time/b.test.ts', "import '../index.ts';\n\n\n\n\n\n\n\n\n\n"],
    ['time/deep/c.ts', "import '../a.ts';\n"],
  ]);
  expect(figures(sources, plan).map((line) => line.replace(/ {2,}/g, ' '))).toEqual([
    'files 5, 2 of them at the top; largest folders: 2 the top, 2 time, 1 time/deep',
    'rooms 3 on 3 floors, 2 arrows, 0 circles',
    'lines 14; largest file: 7 errors.ts',
    'longest function 3 a (time/a.ts:2)',
    'most members 4 E (errors.ts:1)',
  ]);
});
