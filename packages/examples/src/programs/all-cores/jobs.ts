/** The two kinds of work, one that waits and one that computes: the same functions here, in threads and in processes. */
import { type Operation, sleep } from '@coloop/core';

export function* wait(ms: number): Operation<void> {
  yield* sleep(ms);
}

/** Computes for about a millisecond per 300,000 rounds, and never waits. */
export function compute(rounds: number): number {
  let x = 1;
  for (let round = 0; round < rounds; round++) x = (Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + round) | 0;
  return x;
}
