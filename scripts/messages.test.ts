import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { misshapenIn, wordsOf } from './messages.ts';
import { root } from './workspace.ts';

const WORDS = wordsOf(
  'packages/core/core.api.txt',
  'packages/http/http.api.txt',
  'packages/jobs/jobs.api.txt',
  'packages/cli/cli.api.txt',
);

const faults = (text: string): string[] => misshapenIn(text, WORDS).map(({ message, fault }) => `${message}: ${fault}`);

describe('the message of an error', () => {
  test.each([
    ['that begins in lower case', "throw new Error('the queue is full. Wait for room.');", 'begins in lower case'],
    ['without a period', "throw new TypeError('Wait for room');", 'has no period at its end'],
    ['in a template', `throw new RangeError(\`no \${room} in it.\`);`, 'begins in lower case'],
    ['in parts', "new TypeError('Wait ' + (a ? 'for ' : '') + 'room');", 'has no period at its end'],
    ['of two, one of which is wrong', "new TypeError(full ? 'It is full.' : 'it is empty.');", 'begins in lower case'],
    [
      'that a class gives itself',
      "class A extends Error { constructor() { super('no room'); } }",
      'begins in lower case',
    ],
  ])('%s is found', (_, text, fault) => {
    const found = faults(text);
    expect(found.length).toBeGreaterThan(0);
    for (const each of found) expect(each.endsWith(fault)).toBe(true);
  });

  test.each([
    "throw new Error('The queue is full. Wait for room.');",
    "throw new Error('queue.put() found no room. Wait for it.');",
    `throw new Error(\`\${what} found no room. Wait for it.\`);`,
    `throw new Error(\`Cannot read it: \${error.message}\`);`,
    `throw new Error(\`Cannot read it. \${advice}\`);`,
    "throw new Error('`yield*` is missing.');",
    'throw new Error(message);',
    "throw new Something('in any form');",
    "throw new CancelledError('a reason', 'a task');",
  ])('%s has its form', (text) => {
    expect(faults(text)).toEqual([]);
  });

  test('is told with its line and the values that are put into it', () => {
    expect(misshapenIn(`f();\nthrow new Error(\`no \${room}\`);`, WORDS)).toEqual([
      { line: 2, message: 'no …', fault: 'begins in lower case' },
    ]);
  });
});

test('every message of core and http begins with a capital or a word of the library, and ends with a period', () => {
  const files = execFileSync(
    'git',
    ['ls-files', '--', 'packages/core/src', 'packages/http/src', 'packages/jobs/src', 'packages/cli/src'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  ).split('\n');
  const sources = files.filter(
    (file) => /(?<!\.test|\.fixture)\.ts$/.test(file) && !/\/(?:fixtures|attacks)\//.test(file),
  );
  expect(sources.length).toBeGreaterThan(300);
  const found = sources.flatMap((file) =>
    misshapenIn(readFileSync(join(root, file), 'utf8'), WORDS).map((each) => `${file}:${each.line}: ${each.message}`),
  );
  expect(found).toEqual([]);
});
