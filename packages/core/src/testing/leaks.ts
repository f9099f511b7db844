import { formatTree } from '../inspect/format-tree.ts';
import { taskTree } from '../inspect/tree.ts';
import type { TimerEntry } from '../kernel/clock/timers.ts';
import { Suspension } from '../kernel/operation/suspension.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';

/** Says what a scheduler still has after its test has ended, with the places of creation, or returns null. */
export function describeLeaks(scheduler: Scheduler): string | null {
  const { log } = scheduler;
  const place = (thing: object): string => {
    const at = log?.placeOf(thing) ?? null;
    return at === null ? '' : `, made at ${at}`;
  };
  const tasks = formatTree(taskTree(scheduler), '  ');
  const held = log?.held() ?? [];
  const parts = [
    section('tasks of it are still there', tasks, 'Close what createScope() made, and wait for every run().'),
    section(
      'timers of it are still set',
      lines(scheduler.timers(), (timer) => labelOf(timer) + place(timer)),
    ),
    section(
      'things were not given back',
      lines(held, (thing) => `${thing.kind} ${thing.label}${thing.place === null ? '' : `, taken at ${thing.place}`}`),
    ),
  ].filter((part) => part !== '');
  return parts.length === 0 ? null : parts.join('\n');
}

function section(what: string, list: string, advice = ''): string {
  return list === '' ? '' : `The test has ended, but ${what}:\n${list}${advice}`.trimEnd();
}

function lines<T>(list: readonly T[], text: (each: T) => string): string {
  return list.map((each) => `  ${text(each)}\n`).join('');
}

function labelOf(timer: TimerEntry): string {
  return timer instanceof Suspension ? timer.label : `a timer of ${timer.constructor.name}`;
}
