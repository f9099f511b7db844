/**
 * An object that tasks meet at belongs to the scheduler of its first use: two schedulers have two clocks and two ready
 * queues, and a wake from one would never be seen in order by the other.
 */
import { runningOrNull, type SuspensionHost } from './suspension.ts';

/**
 * The scheduler that an object belongs to, given the one it had so far; throws when the running task has another.
 *
 * Outside of every task nothing changes: a host callback may use the `…Nowait` twins.
 */
export function sameScheduler(mine: SuspensionHost | null, what: string): SuspensionHost | null {
  const running = runningOrNull();
  if (running === null || running.scheduler === mine) return mine;
  if (mine === null) return running.scheduler;
  throw new TypeError(
    `${what} belongs to another scheduler, the one that used it first. Make one for each scheduler, or run both on one.`,
  );
}
