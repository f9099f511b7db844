import { currentTask } from '@coloop/core';
import type { Engine } from '../engine.ts';
import { memoryEngine } from './memory-engine.ts';

/** One for each scheduler, so that a test shares nothing with another. */
const engines = new WeakMap<object, Engine>();

/** The engine of queues and workers that were given none: one in memory, the same for all of the program. */
export function defaultEngine(): Engine {
  const { scheduler } = currentTask();
  const known = engines.get(scheduler);
  if (known !== undefined) return known;
  const made = memoryEngine();
  engines.set(scheduler, made);
  return made;
}
