/** How much each task runs and waits for its turn: kept from the moment on in which somebody asks for it. */
import { hostNow } from '../kernel/clock/host.ts';
import { runningOrNull } from '../kernel/operation/suspension.ts';
import { type Meter, measure } from '../kernel/scheduler/meter.ts';
import { type Scheduler, schedulersInUse } from '../kernel/scheduler/scheduler.ts';
import type { Task } from '../kernel/task/task.ts';

/** What was measured of a task, in ms of the host's clock. */
export interface TaskFigures {
  /** For how long it has been measured. */
  readonly measured: number;
  /** How many steps it has taken. */
  readonly steps: number;
  /** How long it has run. */
  readonly running: number;
  /** How long it was ready and others ran: it starves. */
  readonly starved: number;
  /** How long its longest step was. */
  readonly slowest: number;
  /** How long it has stood at its wait; null before the first step that was measured. */
  readonly waiting: number | null;
}

interface Counts {
  readonly since: number;
  steps: number;
  running: number;
  starved: number;
  slowest: number;
  /** When it was made ready; negative while it is not. */
  ready: number;
  /** Whether it has given way in the step that it takes, and is ready again at its end. */
  again: boolean;
  /** When its last step ended; negative before. */
  stopped: number;
}

const counts = new WeakMap<Task, Counts>();
let measuring = 0;

const METER: Meter = {
  queued(task) {
    const each = countsOf(task);
    each.again = (runningOrNull() as unknown) === task;
    // In the middle of a step that is measured the time before it is still to be counted.
    if (!each.again || each.ready < 0) each.ready = hostNow();
  },
  stepped(task, begin, end) {
    const each = countsOf(task);
    each.steps++;
    each.running += end - begin;
    each.slowest = Math.max(each.slowest, end - begin);
    if (each.ready >= 0 && each.ready <= begin) each.starved += begin - each.ready;
    each.ready = each.again ? end : -1;
    each.again = false;
    each.stopped = end;
  },
};

function countsOf(task: Task): Counts {
  let each = counts.get(task);
  if (each === undefined) {
    each = { since: hostNow(), steps: 0, running: 0, starved: 0, slowest: 0, ready: -1, again: false, stopped: -1 };
    counts.set(task, each);
  }
  return each;
}

/** Begins to measure the tasks of these schedulers; what is returned ends it. */
export function measureTasks(schedulers: readonly Scheduler[] = schedulersInUse()): () => void {
  const ends = schedulers.map((scheduler) => measure(scheduler, METER));
  measuring++;
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    measuring--;
    for (const end of ends) end();
  };
}

/** What is known of a task; null while nobody measures. */
export function figuresOf(task: Task): TaskFigures | null {
  if (measuring === 0) return null;
  const { since, steps, running, starved, slowest, stopped } = countsOf(task);
  const now = hostNow();
  const waiting = stopped < 0 ? null : now - stopped;
  return { measured: now - since, steps, running, starved, slowest, waiting };
}
