import { type Operation, sleep } from '../../index.ts';

let calls = 0;

export const count = (): number => ++calls;

export function* nap(ms: number): Operation<number> {
  yield* sleep(ms);
  return ms;
}

export function* careful(cleanup: number): Operation<void> {
  try {
    yield* sleep(60_000);
  } finally {
    yield* sleep(cleanup);
  }
}

export function push(given: { list: number[] }): { list: number[] } {
  given.list.push(2);
  return given;
}

export function store(log: Int32Array): void {
  Atomics.add(log, 0, 1);
}

export function* numbers(amount: number): Generator<number> {
  for (let n = 0; n < amount; n++) yield n;
}
