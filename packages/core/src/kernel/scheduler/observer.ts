/** What watches a scheduler at work; apart from it, since only `explore` does. */
import type { TimerEntry } from '../clock/timers.ts';
import type { Suspension } from '../operation/suspension.ts';

/** Is told what a scheduler does, and may hold an operation back: what `explore` watches a run with. */
export interface SchedulerObserver {
  /** A timer was set. */
  timerSet(entry: TimerEntry): void;
  /** A wait that only the host can end began or ended; false where it has been counted already. */
  hostWait(change: 1 | -1, wait: Suspension | undefined): boolean;
  /** Asked before every operation: whether the running task has to give way first. */
  givesWay(): boolean;
}

/** What of a scheduler is observed. */
interface Observed {
  observer: SchedulerObserver | null;
  budget: number;
}

/** Lets `observer` watch; every operation takes one from the budget before it is tried, so the reading of it is the moment to ask. */
export function observe(scheduler: Observed, observer: SchedulerObserver): void {
  scheduler.observer = observer;
  let { budget } = scheduler;
  Object.defineProperty(scheduler, 'budget', {
    get: () => (observer.givesWay() ? 0 : budget),
    set: (left: number) => {
      budget = left;
    },
  });
}
