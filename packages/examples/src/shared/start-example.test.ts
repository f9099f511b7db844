import { createServer } from 'node:net';
import { acquire, attempt, run } from '@coloop/core';
import { localServer } from '@coloop/test-servers/resources';
import { describe, expect, test } from 'vitest';
import { isProgram, refusal } from './start-example.ts';

describe('what the host refuses', () => {
  test('a port that is taken is named', async () => {
    await run(function* () {
      const first = yield* acquire(localServer(createServer()));
      const second = yield* attempt(acquire(localServer(createServer(), first.port)));
      expect(second.ok ? '' : refusal(second.error)).toBe(
        `Port ${first.port} is taken by another program: end that one, or choose another port.`,
      );
    });
  });

  test('a missing permission is named with the file', () => {
    const error = Object.assign(new Error('EACCES'), { code: 'EACCES', syscall: 'open', path: '/plot.svg' });
    expect(refusal(error)).toBe('This example may not open /plot.svg: run it where you have that permission.');
  });

  test('a folder that is not there is named with the file', () => {
    const error = Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'open', path: '/no/plot.svg' });
    expect(refusal(error)).toContain('cannot open /no/plot.svg');
  });

  test('a mistake of the example itself stays an error', () => {
    expect(refusal(new TypeError('x is not a function'))).toBeUndefined();
    expect(refusal('text')).toBeUndefined();
  });
});

test('a module that a test imports is not the program', () => {
  expect(isProgram(import.meta.url)).toBe(false);
});
