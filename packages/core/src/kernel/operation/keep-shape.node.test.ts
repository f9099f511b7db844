import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { gather } from '../../tasks/gather.ts';
import { sleep } from '../../time/sleep.ts';
import { timeout } from '../../time/timeout.ts';
import { run } from '../scheduler/run.ts';
import { spawn } from '../scheduler/spawn.ts';
import { coroutine } from '../task/coroutine.ts';
import { kept } from './keep-shape.ts';

setFlagsFromString('--allow-natives-syntax');
const haveSameMap = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean;

function* nothing() {}

const call = coroutine(nothing);

test.each([
  ['a task', () => spawn(nothing())],
  ['a join', () => spawn(nothing())[Symbol.iterator]()],
  ['a sleep', () => sleep(5)],
  ['a deadline', () => timeout(5, sleep(1))],
  ['a gather', () => gather([])],
  ['a call of a coroutine', () => call()],
])('%s has the shape that is kept', async (_, make) => {
  const made = await run(function* () {
    const object: object = make();
    // Real time: a sleep has its whole shape only once the clock of the host has ended it.
    yield* sleep(2);
    return { object };
  });
  const shapes = kept.map((sample) => haveSameMap(sample, made.object));
  expect(shapes.filter(Boolean)).toHaveLength(1);
});
