import { expect, test } from 'vitest';
import { type } from '../fixtures/programs.ts';

test.each([
  [[], 'coloop work takes a module, such as `coloop work ./jobs.js --queue images`.'],
  [['a.js', 'b.js'], 'coloop work takes one module, and no b.js behind it.'],
  [['a.js'], 'coloop work needs the name of a queue: `--queue images`.'],
  [['a.js', '--queue', 'q', '--speed', '9'], "Unknown option '--speed'."],
  [
    ['a.js', '--queue', 'q', '--redis', 'redis://h', '--concurrency', 'many'],
    '--concurrency takes a whole number from 1 on, not "many".',
  ],
])('coloop work %j says what is wrong with it', async (args, message) => {
  expect(await type('work', ...args)).toEqual({ code: 2, out: '', err: `${message}\n` });
});
