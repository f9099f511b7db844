import type { SchedulerEvents } from './events.ts';
import type { Scheduler } from './scheduler.ts';
import { currentTask } from './spawn.ts';

/** What the scheduler of the running task reports as `name` from now on; the list grows. */
export function reports<K extends keyof SchedulerEvents>(name: K): Parameters<SchedulerEvents[K]>[0][] {
  const list: Parameters<SchedulerEvents[K]>[0][] = [];
  const { events } = currentTask().scheduler as Scheduler;
  const keep = (event: Parameters<SchedulerEvents[K]>[0]): void => {
    list.push(event);
  };
  events.on(name, keep as SchedulerEvents[K]);
  return list;
}
