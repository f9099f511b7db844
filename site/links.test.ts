import { expect, test } from 'vitest';
import { root } from '../scripts/workspace.ts';
import { withLinks } from './links.ts';

const page = { file: 'docs/guide.md', route: 'guide' };
const routes = new Map([['docs/services.md', 'services']]);
const links = { routes, root, picture: (file: string) => `/images/${file.split('/').at(-1)}` };
const on = (text: string): string => withLinks(text, page, links);

test('a link to a page leads to its place on the site', () => {
  expect(on('See [the `drain`](services.md#a-drain).')).toBe('See [the `drain`](/services.md#a-drain).');
});

test('a link to a file that is no page becomes its text', () => {
  expect(on('[the manifest](../package.json)')).toBe('the manifest');
});

test('a picture is copied along', () => {
  expect(on('![a curve](../benchmarks/results/node-20/core.svg)')).toBe('![a curve](/images/core.svg)');
});

test('other hosts, places of the same page and code stay as they are', () => {
  const text = '[a](https://example.org/) [b](#place) `[c](x.md)`\n```\n[d](y.md)\n```\n';
  expect(on(text)).toBe(text);
});

test('a link to what is not there is refused', () => {
  expect(() => on('[gone](gone.md)')).toThrow('docs/guide.md: gone.md does not exist');
});
