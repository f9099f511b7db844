import { Scheduler } from '@coloop/core';
import { VirtualClock } from '@coloop/core/testing';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { helloTwice } from './hello.ts';

test('two hellos of three seconds take three seconds in every writing', async () => {
  const loop = new Scheduler({ clock: new VirtualClock() });
  const lines = await printed(() => helloTwice(loop));
  const hellos = ['  Hello, Ann!', '  Hello, Bob!', '  Hello again, Ann!', '  Hello again, Bob!'];
  const took = '  took 3 s, not 6';
  expect(lines).toEqual([
    'under wait',
    ...hellos,
    '  2 tasks are done',
    took,
    'under gather',
    ...hellos,
    '  results: Ann, Bob',
    took,
    'from async code, with asAsync',
    ...hellos,
    '  results: Ann, Bob',
    took,
    'from async code, with run',
    ...hellos,
    took,
  ]);
  await loop.close();
});
