import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Batch, bundle, compile, type Snippet, snippetsOfMarkdown, snippetsOfSource } from './snippets.ts';

const page = (...lines: string[]): Snippet[] => snippetsOfMarkdown('page.md', lines.join('\n'));

describe('finding blocks', () => {
  test('a block of Markdown knows its line, its marks and what it prints', () => {
    const [first, second, ...none] = page(
      '# Title',
      '```ts',
      'console.log(1); //> 1',
      'console.log("two");',
      '//> two',
      '```',
      '```ts no-run',
      'wait();',
      '```',
      '```sh',
      'ls',
      '```',
    );
    expect(first).toMatchObject({ file: 'page.md', line: 3, run: true, output: '1\ntwo' });
    expect(second).toMatchObject({ line: 8, code: 'wait();', run: false, output: undefined });
    expect(none).toEqual([]);
  });

  test('a hidden setup goes to the next block only', () => {
    const [first, second] = page('<!-- setup', 'const a = 1;', '-->', '```ts', 'a;', '```', '```ts', 'b;', '```');
    expect([first?.setup, second?.setup]).toEqual(['const a = 1;', '']);
  });

  test('a block of a docstring loses the stars and its comment ends', () => {
    const text =
      'const x = 1;\n/**\n * Says hello.\n * ```ts\n * /* kept *\\/\n *   hello();\n * ```\n */\nfunction hello() {}';
    expect(snippetsOfSource('a.ts', text)).toMatchObject([{ file: 'a.ts', line: 5, code: '/* kept */\n  hello();' }]);
  });

  test('a block in a list loses the indent of the list', () => {
    expect(page('- item', '  ```ts', '  if (x) {', '    y();', '  }', '  ```')).toMatchObject([
      { code: 'if (x) {\n  y();\n}' },
    ]);
  });

  test('an unknown mark and a block without end are refused with their place', () => {
    expect(() => page('```ts norun', '```')).toThrow("page.md:1: a block may be marked no-run, not 'norun'");
    expect(() => page('text', '```ts', 'x')).toThrow('page.md:2: this block has no end');
    expect(() => page('<!-- setup', 'x')).toThrow('page.md:1: this setup has no end');
  });
});

test('a type error is reported at its line of the page, setup not counted', () => {
  const snippets = page(
    '<!-- setup',
    'declare const n: number;',
    '-->',
    '```ts',
    'const fine = n;',
    'const s: string = n;',
    '```',
  );
  expect(compile(snippets)).toEqual(["page.md:6: Type 'number' is not assignable to type 'string'. (TS2322)"]);
});

describe('running blocks', () => {
  const [printing, failing, late, exiting] = page(
    ...['```ts', 'using d = { [Symbol.dispose]: () => console.log("disposed") };', 'console.log("one");', '```'],
    ...['```ts', 'throw new RangeError("no");', '```'],
    ...['```ts', 'setImmediate(() => console.log("later"));', '```'],
    ...['```ts', 'process.exitCode = 3;', '```'],
  );
  const all = [printing, failing, late, exiting].filter((snippet) => snippet !== undefined);
  let batch: Batch;
  beforeAll(async () => {
    batch = await bundle(all);
  });
  afterAll(() => batch.remove());
  const run = (snippet: Snippet | undefined) => {
    if (!snippet) throw new Error('the page lacks this block');
    return batch.run(snippet);
  };

  test('what a block prints is kept, also what it prints after its last line', async () => {
    expect(await run(printing)).toEqual({ printed: 'one\ndisposed', failure: undefined });
    expect(await run(late)).toEqual({ printed: 'later', failure: undefined });
  });

  test('a thrown error and an exit code are failures', async () => {
    expect((await run(failing)).failure).toMatch(/^RangeError: no/);
    expect((await run(exiting)).failure).toMatch(/^it ended with exit code 3/);
  });
});
