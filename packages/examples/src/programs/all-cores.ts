/**
 * Waiting and computing in one loop, in threads and in processes, as a table and as a plot.
 *
 * `example all-cores [WORKERS] [--svg FILE]`; without arguments there are as many workers as the machine runs at once.
 *
 * Work that waits is as fast in one loop as anywhere: 2,000 waits of 100 ms take little more than 100 ms, and workers only add
 * messages. Work that computes is limited by the cores: there N threads or processes win. In Python a thread would win nothing
 * here, since its threads share one interpreter lock (the GIL); a thread of JavaScript has no GIL but a loop of its own.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gather, group, now, type Operation, until } from '@coloop/core';
import { WorkerPool } from '@coloop/core/node';
import { startExample } from '../shared/start-example.ts';
import { bars, type Row } from './all-cores/bars.ts';
import { compute, wait } from './all-cores/jobs.ts';

/** How much there is to do. */
export interface Amount {
  /** How many waits of 100 ms. */
  readonly waits: number;
  /** How many parts of computing. */
  readonly parts: number;
  readonly rounds: number;
}

const WAIT = 100;
const USUAL: Amount = { waits: 2_000, parts: 200, rounds: 6_000_000 };
const JOBS = new URL('./all-cores/jobs.ts', import.meta.url);

/** How long all of them take together, in ms. */
function* timed(operations: readonly Operation<unknown>[]): Operation<number> {
  const start = now();
  yield* gather(operations);
  return Math.round(now() - start);
}

function* here(rounds: number): Operation<number> {
  return compute(rounds);
}

function* inOneLoop({ waits, parts, rounds }: Amount): Operation<Row> {
  const waiting = yield* timed(Array.from({ length: waits }, () => wait(WAIT)));
  const computing = yield* timed(Array.from({ length: parts }, () => here(rounds)));
  return { place: 'one loop', waiting, computing };
}

function* inWorkers(kind: 'thread' | 'process', size: number, { waits, parts, rounds }: Amount): Operation<Row> {
  const pool = yield* WorkerPool.open<typeof import('./all-cores/jobs.ts')>(JOBS, { size, kind });
  const waiting = yield* timed(Array.from({ length: waits }, () => pool.call('wait', WAIT)));
  const computing = yield* timed(Array.from({ length: parts }, () => pool.call('compute', rounds)));
  return { place: `${size} ${kind === 'thread' ? 'threads' : 'processes'}`, waiting, computing };
}

export function* compare(size: number, file: string, amount = USUAL): Operation<void> {
  yield* until(writeFile(file, '', { flag: 'a' }));
  console.log(`${''.padEnd(14)}${'waiting'.padStart(10)}${'computing'.padStart(12)}`);
  const rows: Row[] = [];
  const ways = [
    () => inOneLoop(amount),
    () => inWorkers('thread', size, amount),
    () => inWorkers('process', size, amount),
  ];
  for (const way of ways) {
    // In a group, so that its workers have ended before the next ones begin.
    const row = yield* group(way);
    rows.push(row);
    console.log(`${row.place.padEnd(14)}${`${row.waiting} ms`.padStart(10)}${`${row.computing} ms`.padStart(12)}`);
  }
  yield* until(writeFile(file, bars(rows)));
  console.log('Waiting needs no thread; computing is as fast as there are cores.');
  console.log(`The plot is in ${file}`);
}

function* program(): Operation<void> {
  const words = process.argv.slice(2);
  const at = words.indexOf('--svg');
  const [, file = join(tmpdir(), 'coloop-all-cores.svg')] = at === -1 ? [] : words.splice(at, 2);
  const [size = String(availableParallelism())] = words;
  if (/^[1-9]\d?$/.test(size)) {
    yield* compare(Number(size), file);
    return;
  }
  console.error(
    `'${size}' is not a number of workers: give a whole number from 1 to 99, as in \`example all-cores 4\`.`,
  );
  process.exitCode = 2;
}

await startExample(import.meta.url, program);
