/** Runs what is ready and due one by one, in an order that somebody else decides. */
import { hostNow } from '../clock/host.ts';
import type { TimerEntry } from '../clock/timers.ts';
import { setRunning } from '../operation/suspension.ts';
import { Task } from '../task/task.ts';
import type { Scheduler, SliceOrder } from './scheduler.ts';

/** Decides what happens next: what `explore` is made with. */
export interface SchedulingPolicy {
  /**
   * Called before every step: the task to run, one of `ready`, or the timer to fire, one of `due`. Both lists are in
   * their plain order (without a policy all due timers fire first) and never empty together. Null after a change of its
   * own, such as a cancel: the lists are made anew.
   */
  choose(ready: readonly Task[], due: readonly TimerEntry[]): Task | TimerEntry | null;
  /** The step that was chosen has ended. */
  stepped(): void;
}

export class ChosenOrder implements SliceOrder {
  readonly #scheduler: Scheduler;
  readonly #policy: SchedulingPolicy;
  /** What was taken from the ready queue and not chosen yet. */
  #ready: Task[] = [];

  constructor(scheduler: Scheduler, policy: SchedulingPolicy) {
    this.#scheduler = scheduler;
    this.#policy = policy;
  }

  runSlice(end: number): void {
    const scheduler = this.#scheduler;
    try {
      do {
        const ready = this.readyTasks();
        const due = this.dueTimers();
        if (ready.length === 0 && due.length === 0) return;
        const chosen = this.#policy.choose(ready, due);
        if (scheduler.halted) return;
        if (chosen === null) continue;
        if (chosen instanceof Task) this.#run(chosen);
        else {
          scheduler.removeTimer(chosen);
          chosen.fire();
        }
        this.#policy.stepped();
      } while (hostNow() < end);
    } finally {
      // Those that came meanwhile stay behind those that were there.
      const left = this.readyTasks();
      this.#ready = [];
      for (const task of left) scheduler.enqueue(task);
    }
  }

  #run(task: Task): void {
    const at = this.#ready.indexOf(task);
    if (at < 0)
      throw new Error(`The scheduling policy chose ${task.label}, which is not ready. Choose one of \`ready\`.`);
    this.#ready.splice(at, 1);
    this.#scheduler.budget = this.#scheduler.fullBudget;
    setRunning(task);
    task.run();
    setRunning(null);
  }

  /** What is due now, in the order in which it fires. */
  dueTimers(): TimerEntry[] {
    const scheduler = this.#scheduler;
    const now = scheduler.now();
    if (scheduler.nextTimer > now) return [];
    return scheduler
      .timers()
      .map((entry) => ({ entry, ...scheduler.timerKey(entry) }))
      .filter(({ due }) => due <= now)
      .sort((a, b) => a.due - b.due || a.order - b.order)
      .map(({ entry }) => entry);
  }

  /** The queued tasks in order of arrival; those that were cancelled before their start are left out. */
  readyTasks(): Task[] {
    for (let task = this.#scheduler.take(); task !== null; task = this.#scheduler.take()) this.#ready.push(task);
    this.#ready = this.#ready.filter((task) => !task.done);
    return [...this.#ready];
  }
}
