/** What measures a scheduler at work, from the moment on in which somebody looks: until then a switch pays nothing for it. */
import type { Task } from '../task/task.ts';

/** Is told of every step. All times are those of the host's clock, in ms. */
export interface Meter {
  /** The task is ready; the task that is running, if there is one, has made it so. */
  queued(task: Task): void;
  /** It has taken a step. */
  stepped(task: Task, begin: number, end: number): void;
}

/** What of a scheduler is measured. */
interface Measured {
  /** Is told of steps; null where nobody measures. */
  meter: Meter | null;
  enqueue(task: Task): void;
}

const meters = new WeakMap<Measured, Set<Meter>>();

/** Lets `meter` measure; what is returned ends that, and leaves the scheduler as it was. */
export function measure(scheduler: Measured, meter: Meter): () => void {
  const all = meters.get(scheduler) ?? new Set();
  if (all.size === 0) begin(scheduler, all);
  all.add(meter);
  return () => {
    if (all.delete(meter) && all.size === 0) end(scheduler);
  };
}

/** The method of the class is covered, so that no other scheduler, and this one at no other time, has a look more to pay for. */
function begin(scheduler: Measured, all: Set<Meter>): void {
  meters.set(scheduler, all);
  scheduler.meter = {
    queued(task) {
      for (const each of all) each.queued(task);
    },
    stepped(task, start, stop) {
      for (const each of all) each.stepped(task, start, stop);
    },
  };
  const { enqueue } = scheduler;
  Object.defineProperty(scheduler, 'enqueue', {
    configurable: true,
    value(task: Task) {
      scheduler.meter?.queued(task);
      enqueue.call(scheduler, task);
    },
  });
}

function end(scheduler: Measured): void {
  meters.delete(scheduler);
  scheduler.meter = null;
  Reflect.deleteProperty(scheduler, 'enqueue');
}
