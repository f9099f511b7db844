import { expect, test } from 'vitest';
import { inheritedFlags } from './inherited-flags.ts';

test.each([
  [
    ['--conditions', 'x', '--import', 'tsx', '--expose-gc'],
    ['--conditions', 'x', '--import', 'tsx', '--expose-gc'],
  ],
  [['--input-type', 'module', '-e', 'console.log(1)'], []],
  [['--input-type=module', '--eval', '1', '--enable-source-maps'], ['--enable-source-maps']],
  [['-p', 'process.execArgv', '--no-warnings'], ['--no-warnings']],
  [['--inspect=9229', '--inspect-port', '9230', '--trace-gc'], ['--trace-gc']],
  [['--watch', '--watch-path', 'src', '--no-deprecation'], ['--no-deprecation']],
  [
    ['--test', '--test-only', '--test-reporter', 'dot', '--import', 'tsx'],
    ['--import', 'tsx'],
  ],
])('of %j a child process has %j', (given, expected) => {
  expect(inheritedFlags(given)).toEqual(expected);
});
