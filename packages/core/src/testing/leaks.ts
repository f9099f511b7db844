import { formatTree } from '../inspect/format-tree.ts';
import { taskTree } from '../inspect/tree.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import { Suspension } from '../kernel/suspension.ts';

/** Says what a scheduler still holds after its test has ended, or returns null. */
export function describeLeaks(scheduler: Scheduler): string | null {
  const tasks = formatTree(taskTree(scheduler), '  ');
  if (tasks !== '') {
    return `The test has ended, but tasks of it still run:\n${tasks}Close what createScope() made, and wait for every run().`;
  }
  const timers = scheduler
    .timers()
    .map((timer) => `  ${timer instanceof Suspension ? timer.label : timer.constructor.name}\n`);
  if (timers.length > 0) return `The test has ended, but timers are left that nobody waits for:\n${timers.join('')}`;
  if (scheduler.hostWaits > 0) {
    return `The test has ended, but ${scheduler.hostWaits} listeners for events of the host were never taken back.`;
  }
  return null;
}
