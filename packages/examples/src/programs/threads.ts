/**
 * Waiting in coroutines and in threads: N waits of 100 ms, as a table and as a plot.
 *
 * `example threads [N …] [--svg FILE]`; without arguments N is 10, 100 and 1000.
 *
 * What a thread is here: a worker of Node has a JavaScript engine of its own, which takes milliseconds to start and
 * megabytes to keep. A thread of Python or of the system is far lighter, and its numbers would lie between the two. So
 * this shows why waiting belongs into coroutines in JavaScript; it says nothing about work that computes, for which
 * workers are right.
 */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { gather, now, type Operation, sleep, until } from '@coloop/core';
import { startExample } from '../shared/start-example.ts';
import { plot } from './threads/plot.ts';

/** How long each one waits, in ms. */
const WAIT = 100;
/** Threads that live at the same time; a thousand would take gigabytes. */
const MOST_THREADS = 64;

/** What runs in a worker: it blocks its thread, as `time.sleep` does. */
const BLOCK = `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${WAIT})`;

function* inThread(): Operation<void> {
  const worker = new Worker(BLOCK, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } });
  try {
    yield* until(new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject)));
  } finally {
    yield* until(worker.terminate());
  }
}

/** How long `count` of these take together, in ms. */
function* measure(count: number, make: () => Operation<void>, concurrency?: number): Operation<number> {
  const start = now();
  yield* gather(Array.from({ length: count }, make), { concurrency });
  return Math.round(now() - start);
}

export interface Measured {
  readonly count: number;
  readonly coroutines: number;
  readonly threads: number;
}

export function* compare(counts: readonly number[], file: string): Operation<readonly Measured[]> {
  const rows: Measured[] = [];
  // A file that cannot be written is better known before the long part than after it.
  yield* until(writeFile(file, '', { flag: 'a' }));
  console.log(`${'N'.padStart(6)}${'coroutines'.padStart(14)}${'threads'.padStart(12)}${'ratio'.padStart(9)}`);
  for (const count of counts) {
    const coroutines = yield* measure(count, () => sleep(WAIT));
    if (count >= 1000) console.error(`Starting ${count} threads takes half a minute and more …`);
    const threads = yield* measure(count, inThread, MOST_THREADS);
    rows.push({ count, coroutines, threads });
    const cells = [String(count).padStart(6), `${coroutines} ms`.padStart(14), `${threads} ms`.padStart(12)];
    console.log(`${cells.join('')}${`${(threads / coroutines).toFixed(1)}x`.padStart(9)}`);
  }
  yield* until(writeFile(file, plot(rows, WAIT)));
  console.log(
    `At most ${MOST_THREADS} threads live at the same time. A thread is a whole worker here: see the top of the source.`,
  );
  console.log(`The plot is in ${file}`);
  return rows;
}

function* program(): Operation<void> {
  const words = process.argv.slice(2);
  const at = words.indexOf('--svg');
  const [, file = join(tmpdir(), 'coloop-threads.svg')] = at === -1 ? [] : words.splice(at, 2);
  const counts = words.length === 0 ? [10, 100, 1000] : words.map(Number);
  const wrong = words.find((word) => !/^[1-9]\d{0,4}$/.test(word));
  if (wrong === undefined) {
    yield* compare(counts, file);
    return;
  }
  console.error(
    `'${wrong}' is not a number of waits: give whole numbers from 1 to 99999, as in \`example threads 10 100\`.`,
  );
  process.exitCode = 2;
}

await startExample(import.meta.url, program);
