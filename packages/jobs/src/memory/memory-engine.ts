import type { Operation } from '@coloop/core';
import { checkCount, readOptions } from '@coloop/core/lowlevel';
import type { Engine, EngineQueue } from '../engine.ts';
import { Faults, type JobFaults } from './faults.ts';
import { MemoryQueue, type QueueRules } from './memory-queue.ts';

/** What `memoryEngine` takes. */
export interface MemoryEngineOptions {
  /** How many characters the arguments, or the result, of a job may take; 1,048,576 by default. */
  limit?: number | undefined;
  /** How often the worker of a job may be lost before the job fails; 3 by default. */
  maxLost?: number | undefined;
  /** For how many ms the job of a lost worker is held; 10,000 by default. */
  lock?: number | undefined;
  /** How often, in ms, lost workers are looked for; 5,000 by default. */
  check?: number | undefined;
  /** What goes wrong in a test. */
  faults?: JobFaults | undefined;
}

const OPTIONS = { limit: 'count', maxLost: 'any', lock: 'duration', check: 'duration', faults: 'any' } as const;
const LIMIT = 1_048_576;

/**
 * Keeps jobs in the memory of this process: for development and tests, and for programs whose jobs may end with them.
 *
 * Open the queue and its workers with the same engine. `faults` makes workers crash, answers get lost, and jobs arrive
 * twice, late and in another order, by the seed of the test.
 *
 * @throws TypeError and RangeError for wrong options.
 * @example
 * ```ts
 * import { type Operation, run, sleep, spawn } from '@coloop/core';
 * import { JobQueue, memoryEngine, work } from '@coloop/jobs';
 *
 * function* double(value: number): Operation<number> {
 *   yield* sleep(1);
 *   return value * 2;
 * }
 *
 * await run(function* () {
 *   const engine = memoryEngine();
 *   spawn(work({ double }, { queue: 'numbers', engine }), { daemon: true });
 *   const jobs = yield* JobQueue.open<{ double: typeof double }>('numbers', { engine });
 *   console.log(yield* jobs.call('double', 21)); //> 42
 * });
 * ```
 */
export function memoryEngine(options: MemoryEngineOptions = {}): Engine {
  const given = readOptions('memoryEngine', options, OPTIONS);
  const { limit = LIMIT, maxLost = 3, lock = 10_000, check = 5_000, faults = {} } = given;
  checkCount("memoryEngine: the option 'maxLost'", maxLost, 0, true);
  return new MemoryEngine(limit, { faults: new Faults(faults), maxLost, lock, check });
}

class MemoryEngine implements Engine {
  readonly limit: number;
  readonly #rules: QueueRules;
  readonly #queues = new Map<string, MemoryQueue>();

  constructor(limit: number, rules: QueueRules) {
    this.limit = limit;
    this.#rules = rules;
  }

  *open(name: string): Operation<EngineQueue> {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new MemoryQueue(name, this.#rules);
      this.#queues.set(name, queue);
    }
    return queue;
  }
}
