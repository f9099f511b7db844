import { expect, test } from 'vitest';
import { frameOf, wordsOf } from './fragments.ts';

const words = new Map([
  ...wordsOf(
    '@coloop/core',
    "export { sleep } from './time/sleep.ts';\nexport type { Operation } from './kernel/operation.ts';",
  ),
  ...wordsOf('@coloop/http', "export { Session, type Response } from './session.ts';"),
]);

const frame = (code: string, run = false) => frameOf({ code, setup: '', run }, words);

test('the words of a door are its named exports, and types are known as types', () => {
  expect([...words]).toEqual([
    ['sleep', { specifier: '@coloop/core', isType: false }],
    ['Operation', { specifier: '@coloop/core', isType: true }],
    ['Session', { specifier: '@coloop/http', isType: false }],
    ['Response', { specifier: '@coloop/http', isType: true }],
  ]);
});

test('a fragment gets the words it uses, and what waits gets a run around it', () => {
  expect(frame('yield* sleep(10);')).toEqual({
    before: [
      "import { sleep } from '@coloop/core';",
      "import { run as runFragment } from '@coloop/core';",
      'await runFragment(function* () {',
    ],
    after: ['});'],
  });
});

test('a fragment that waits only inside its own functions stays at the top', () => {
  expect(frame('function* work(): Operation<void> {\n  yield* sleep(1);\n}')).toEqual({
    before: ["import type { Operation } from '@coloop/core';", "import { sleep } from '@coloop/core';"],
    after: [],
  });
});

test('a block that imports something is a whole program', () => {
  expect(frame("import { sleep } from '@coloop/core';\nsleep(1);")).toEqual({ before: [], after: [] });
});

test('a name that the fragment declares, or that is a member, is not a public word', () => {
  expect(frame('const sleep = clock.Session;')).toEqual({ before: [], after: [] });
});

test('a fragment that is not run may mention a session and an address', () => {
  expect(frame('session.get(url);').before).toEqual([
    "declare const session: import('@coloop/http').Session;",
    'declare const url: string;',
  ]);
  expect(frame('session.get(url);', true).before).toEqual([]);
});
