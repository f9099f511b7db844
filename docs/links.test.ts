import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../scripts/workspace.ts';

/** The pages that a reader may open. */
function pages(): string[] {
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const docs = below
    .filter((path) => path.endsWith('.md') && !path.startsWith('reference'))
    .map((path) => `docs/${path}`);
  return [
    'README.md',
    'README.zh-CN.md',
    'CONTRIBUTING.md',
    'packages/core/README.md',
    'packages/http/README.md',
    'packages/jobs/README.md',
    'packages/cli/README.md',
    'packages/examples/README.md',
    'packages/test-servers/README.md',
    ...docs,
  ];
}

const withoutCode = (text: string): string => text.replace(/^( *)```[\s\S]*?^\1```/gm, '').replace(/`[^`\n]*`/g, '');

/** The place that a heading makes, as forges write it. */
function slugOf(heading: string): string {
  const plain = heading.replace(/`/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return plain
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

function placesOf(file: string): Set<string> {
  const text = readFileSync(file, 'utf8').replace(/^( *)```[\s\S]*?^\1```/gm, '');
  return new Set([...text.matchAll(/^#+ +(.*)$/gm)].map(([, heading = '']) => slugOf(heading)));
}

test('every link within the repository leads somewhere', () => {
  const broken: string[] = [];
  for (const page of pages()) {
    const text = withoutCode(readFileSync(join(root, page), 'utf8'));
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = '', place] = target.split('#');
      const file = path === '' ? join(root, page) : join(root, dirname(page), path);
      if (!existsSync(file)) broken.push(`${page}: ${target} does not exist`);
      else if (place !== undefined && statSync(file).isFile() && !placesOf(file).has(decodeURIComponent(place))) {
        broken.push(`${page}: ${relative(root, file)} has no heading #${place}`);
      }
    }
  }
  expect(broken).toEqual([]);
});

test('every source file that a decision names exists', () => {
  const folder = join(root, 'docs/decisions');
  const homes = ['', 'packages/core/src', 'packages/http/src', 'packages/examples/src'];
  const named = readdirSync(folder).flatMap((page) =>
    [...readFileSync(join(folder, page), 'utf8').matchAll(/`([\w./-]+\.ts)`/g)].map(([, file = '']) => ({
      page,
      file,
    })),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ file }) => !homes.some((home) => existsSync(join(root, home, file))))).toEqual([]);
});
