// The work itself, the same for every system; only how it is made known differs.
import { setTimeout as pause } from 'node:timers/promises';

export const empty = () => 1;

export const nap = (ms) => pause(ms);

/** About 5 ms. */
export const compute = (rounds) => {
  let x = 1;
  for (let round = 0; round < rounds; round++) x = (Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + round) | 0;
  return x;
};

/** Changes a buffer, so that it has really been here. */
export const touch = (bytes) => {
  bytes[0] += 1;
  return bytes;
};

/** By name. */
export const JOBS = { empty, nap, compute };
