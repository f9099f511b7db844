import { run } from '@coloop/core';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { deadlock } from './deadlock.ts';
import { leakOnCancel } from './leak-on-cancel.ts';
import { lostUpdate } from './lost-update.ts';
import { retryStorm } from './retry-storm.ts';

test.each([
  [
    'lost update',
    lostUpdate,
    /Error: 80 were taken from 100, and (50|70) are left/,
    'gives way before its next operation',
  ],
  ['deadlock', deadlock, /DeadlockError: Nothing can ever run again/, 'They wait in a circle'],
  ['leak on cancel', leakOnCancel, /and 1 of 2 permits are there/, 'cancel query 1 here'],
  ['retry storm', retryStorm, /10 requests became \d+ calls/, 'the head of the response'],
] as const)('the %s is found, printed and gone once it is mended', async (_, example, failure, detail) => {
  const lines = await printed(() => run(example));
  const [, first = '', second = ''] = lines.join('\n').split(/^-- (?!\d)/m);
  expect(first).toMatch(/Found in run \d+, with seed \d+/);
  expect(first).toMatch(failure);
  expect(first).toContain(detail);
  expect(first).toMatch(/To run it again: explore\(program, \{ replay: 'v1\//);
  expect(second).not.toContain('Found');
  expect(second).toMatch(/\d+ runs in \d+ different orders/);
});
