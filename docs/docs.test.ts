import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allSnippets, type Batch, bundle, compile, placeOf } from '../scripts/snippets.ts';

const snippets = allSnippets();
const runnable = snippets.filter(({ run }) => run);

test('every code block of the docs and docstrings compiles', () => {
  expect(compile(snippets).join('\n')).toBe('');
});

describe.runIf(runnable.length > 0)('every code block runs and prints what it says', { concurrent: true }, () => {
  let batch: Batch;
  beforeAll(async () => {
    batch = await bundle(runnable);
  });
  afterAll(() => batch?.remove());

  for (const snippet of runnable) {
    // They wait for real milliseconds: on a machine that stands still between two of them, the later may end first.
    test(placeOf(snippet), { retry: 2 }, async () => {
      const { printed, failure } = await batch.run(snippet);
      expect(failure).toBeUndefined();
      if (snippet.output !== undefined) expect(printed).toBe(snippet.output);
    });
  }
});
