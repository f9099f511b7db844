import { type Operation, sleep } from '../../index.ts';
import { transfer } from '../transfer.ts';

export const add = (a: number, b: number): number => a + b;

export function* nap(ms: number): Operation<number> {
  yield* sleep(ms);
  return ms;
}

let cleaned = 0;

export function* careful(): Operation<void> {
  try {
    yield* sleep(60_000);
  } finally {
    yield* sleep(5);
    cleaned++;
  }
}

export const cleanups = (): number => cleaned;

export function boom(): never {
  throw Object.assign(new TypeError('boom'), { code: 'E_BOOM' });
}

export const bounce = (bytes: Uint8Array): Uint8Array => transfer(bytes);

export function* numbers(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n;
}

/** Ends the worker, as an error in any of its callbacks does. */
export function fail(): void {
  queueMicrotask(() => {
    throw new Error('nobody catches this');
  });
}
