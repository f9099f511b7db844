import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { plans } from '../scripts/rooms/plan.ts';
import { root } from '../scripts/workspace.ts';
import { codeIn, rowsOf } from './tables.ts';

const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** The rooms of a package as the page shows them: folders only, those of the kernel as one for the words above it. */
function arrowsOf(name: string): [string, string[]][] {
  const rooms = [...(plans[name]?.rooms ?? [])].filter(([room]) => !room.endsWith('.ts'));
  return rooms.map(([room, arrows]) => {
    const shown = arrows
      .filter((arrow) => !arrow.endsWith('.ts'))
      .map((arrow) => (room.startsWith('kernel/') ? arrow : arrow.replace(/^kernel\/.*/, 'kernel')));
    return [room, [...new Set(shown)]];
  });
}

describe.each([
  ['### Core', 'core'],
  ['### Http', 'http'],
])('the rooms below %s', (heading, name) => {
  test('stand in the order of the plan, with its arrows', () => {
    const rows = rowsOf('architecture.md', heading).map(({ cells: [room = '', , arrows = ''] }) => [
      codeIn(room).join(),
      codeIn(arrows),
    ]);
    expect(rows).toEqual(arrowsOf(name));
  });
});

test('the picture of the house shows every room and every file of the ground', () => {
  const [, picture = ''] = /## The house\n\n```text\n([\s\S]*?)```/.exec(page) ?? [];
  const shown = (name: string): boolean => picture.includes(` ${name}`);
  const rooms = ['core', 'http'].flatMap((name) => [...(plans[name]?.rooms.keys() ?? [])]);
  const missing = rooms.filter((room) => !shown(room.endsWith('.ts') ? room : `${room}/`));
  expect(missing).toEqual([]);
});

test('every file and folder that the page names exists', () => {
  const pictures = [...page.matchAll(/```text\n([\s\S]*?)```/g)].flatMap(([, picture = '']) =>
    picture.split(/[\s,│]+/),
  );
  const named = [...codeIn(page), ...pictures].filter((word) => /^[\w.-]+(\/[\w.-]+)*(\/|\.(ts|json))$/.test(word));
  const homes = ['', 'packages/core/src', 'packages/http/src'];
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !homes.some((home) => existsSync(join(root, home, path))))).toEqual([]);
});

test('every package is named', () => {
  const packages = readdirSync(join(root, 'packages'));
  expect(packages.filter((name) => !page.includes(`packages/${name}`))).toEqual([]);
});
