import { expect, test } from 'vitest';
import { renderMarkdown } from './markdown.ts';

test('headings get the ids that GitHub gives them, unique within the document', () => {
  const { html } = renderMarkdown('# Hello, *World*!\n\n## API\n\n## API\n\n## `fetch(url)`');
  expect([...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1])).toEqual([
    'hello-world',
    'api',
    'api-1',
    'fetchurl',
  ]);
});

test('the title is the text of the first heading', () => {
  expect(renderMarkdown('text\n\n## The *first*\n\n# Second').title).toBe('The first');
  expect(renderMarkdown('no heading').title).toBeUndefined();
});

test('links and raw HTML stay as the author wrote them', () => {
  const { html } = renderMarkdown('[guide](./docs/guide.md#use)\n\n<a name="old"></a>');
  expect(html).toContain('<a href="./docs/guide.md#use">guide</a>');
  expect(html).toContain('<a name="old"></a>');
});
