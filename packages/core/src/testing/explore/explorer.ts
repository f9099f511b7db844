/** Sits between the scheduler and a chooser: finds the decisions, carries them out, and writes down what happens. */

import { describe } from '../../errors.ts';
import type { TimerEntry } from '../../kernel/clock/timers.ts';
import { ARMED, Suspension } from '../../kernel/operation/suspension.ts';
import { observe, type SchedulerObserver } from '../../kernel/scheduler/observer.ts';
import { ChosenOrder, type SchedulingPolicy } from '../../kernel/scheduler/policy-order.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { currentTaskOrNull } from '../../kernel/task/current.ts';
import { Task } from '../../kernel/task/task.ts';
import type { Chooser, Decision, Next } from './decision.ts';
import { type HostFate, interceptHostWait } from './host-events.ts';
import type { Step } from './step.ts';

/** The reason of every cancel that is injected: what fails because of it, and of nothing else, is not a bug. */
export const INJECTED = Symbol('a cancel that explore has injected');

export interface ExplorerOptions {
  readonly chooser: Chooser;
  /** Whether tasks may give way at operations that could finish at once. */
  readonly preempt: boolean;
  /** Which tasks may be cancelled; null for none. */
  readonly cancel: ((task: Task) => boolean) | null;
  /** What may become of the host's events. */
  readonly host: { readonly late: boolean; readonly fail: boolean };
  readonly maxSteps: number;
  /** Called once when the run has taken more steps than that. */
  readonly overrun: () => void;
}

/** One decision as it was taken. */
export interface Taken {
  readonly key: string;
  readonly choices: number;
  readonly choice: number;
}

interface Progress {
  /** What the task waited for when it last stopped. */
  wait: string | null;
  waits: number;
  operations: number;
  preempted: boolean;
}

export class Explorer implements SchedulingPolicy, SchedulerObserver {
  readonly steps: Step[] = [];
  readonly taken: Taken[] = [];
  /** The keys of the moments at which a task could have been cancelled. */
  readonly moments: string[] = [];
  /** Where tasks were made, in debug: those without a name of their own are told apart by it. */
  readonly places = new Map<string, string>();
  /** What only the host could end. */
  readonly hostWaits = new Set<string>();
  readonly #scheduler: Scheduler;
  readonly #order: ChosenOrder;
  readonly #options: ExplorerOptions;
  readonly #progress = new Map<Task, Progress>();
  readonly #timerSetAt = new WeakMap<TimerEntry, number>();
  #count = 0;
  #selections = 0;
  #operations = 0;
  #hostEvents = 0;
  #current: { task: Task; step: Step & { kind: 'run' } } | null = null;
  #justWaits: Task | null = null;
  /** The slice that runs. */
  #slices = 0;
  /** Waits for the host whose events may be changed, while they are open. */
  readonly #intercepted = new Set<Suspension>();
  #over = false;

  constructor(scheduler: Scheduler, options: ExplorerOptions) {
    this.#scheduler = scheduler;
    this.#options = options;
    this.#order = new ChosenOrder(scheduler, this);
    scheduler.order = this.#order;
    observe(scheduler, this);
  }

  /** From now on everything is plain: the run is over, and only cleanups are left. */
  finish(): void {
    this.#over = true;
  }

  /** How many decisions and operations the run had: the points of `Priorities`. */
  get points(): number {
    return this.#selections + this.#operations;
  }

  choose(ready: readonly Task[], due: readonly TimerEntry[]): Next | null {
    this.#noteHost(ready);
    if (++this.#count > this.#options.maxSteps) {
      this.#options.overrun();
      return null;
    }
    const waits = this.#justWaits;
    this.#justWaits = null;
    if (waits !== null && waits.wait?.state === ARMED && this.#cancels(waits, 'w')) return null;
    const candidates = [...this.#firstOfEach(due), ...ready];
    let choice = 0;
    if (candidates.length > 1) {
      choice = this.#decide({
        key: `s${++this.#selections}`,
        kind: 'next',
        choices: candidates.length,
        candidates,
        task: null,
      });
    }
    const chosen = candidates[choice] as Next;
    if (!(chosen instanceof Task)) {
      this.#note({ kind: 'timer', label: labelOf(chosen), time: this.#scheduler.now(), deviates: choice > 0 });
      return chosen;
    }
    if (this.#cancels(chosen, 'r')) return null;
    this.#begin(chosen, choice > 0);
    return chosen;
  }

  stepped(): void {
    if (this.#current === null) return;
    const { task, step } = this.#current;
    this.#current = null;
    const progress = this.#progressOf(task);
    if (task.done) {
      step.to = endOf(task);
      this.#progress.delete(task);
      return;
    }
    progress.waits++;
    progress.wait = progress.preempted ? 'given way' : (task.wait?.label ?? 'nothing');
    step.to = progress.preempted ? 'gives way before its next operation' : progress.wait;
    this.#justWaits = task;
  }

  #begin(task: Task, deviates: boolean): void {
    const from = this.#progress.get(task)?.wait ?? null;
    const place = from === null ? (this.#scheduler.log?.placeOf(task) ?? null) : null;
    if (place !== null && task.name === `task-${task.id}`) this.places.set(task.name, place);
    const step: Step = {
      kind: 'run',
      task: task.id,
      name: task.name,
      from,
      to: '',
      time: this.#scheduler.now(),
      deviates,
    };
    this.#note(step);
    this.#current = { task, step };
  }

  #note(step: Step): void {
    if (!this.#over) this.steps.push(step);
  }

  #progressOf(task: Task): Progress {
    let progress = this.#progress.get(task);
    if (progress === undefined) {
      progress = { wait: null, waits: 0, operations: 0, preempted: false };
      this.#progress.set(task, progress);
    }
    return progress;
  }

  #decide(decision: Decision): number {
    const choice = this.#over ? 0 : this.#options.chooser.choose(decision);
    this.taken.push({ key: decision.key, choices: decision.choices, choice });
    return choice;
  }

  /** Decides whether `task` is cancelled now, and does it. */
  #cancels(task: Task, moment: 'w' | 'r'): boolean {
    const { cancel } = this.#options;
    if (cancel === null || this.#over || task.owner === null || task.request !== null || !cancel(task)) return false;
    const progress = this.#progressOf(task);
    const key = `c${task.id}.${progress.waits}${moment}`;
    this.moments.push(key);
    if (this.#decide({ key, kind: 'cancel', choices: 2, candidates: [], task }) === 0) return false;
    this.#note({
      kind: 'cancel',
      task: task.id,
      name: task.name,
      at: momentOf(progress, moment),
      time: this.#scheduler.now(),
    });
    task.cancelBy({ reason: INJECTED, requestedBy: 'explore', from: null });
    return true;
  }

  /** Timers that were set at the same moment for the same time stay in their order; between others a tie is a decision. */
  #firstOfEach(due: readonly TimerEntry[]): TimerEntry[] {
    const seen = new Set<number | undefined>();
    return due.filter((entry) => {
      const at = this.#timerSetAt.get(entry);
      return !seen.has(at) && seen.add(at);
    });
  }

  timerSet(entry: TimerEntry): void {
    this.#timerSetAt.set(entry, this.#scheduler.now());
  }

  hostWait(change: 1 | -1, wait: Suspension | undefined): boolean {
    this.hostWaits.add(wait?.label ?? 'a wait for the host');
    const { late, fail } = this.#options.host;
    if (wait === undefined || (!late && !fail)) return true;
    // What comes late ends a wait that has said already that it is over.
    if (change < 0) return this.#intercepted.delete(wait);
    interceptHostWait(this.#scheduler, wait, this.#decideFate);
    this.#intercepted.add(wait);
    return true;
  }

  /** What is queued when a slice begins was woken by the host: nothing else runs between two slices. */
  #noteHost(ready: readonly Task[]): void {
    const { slices } = this.#scheduler;
    if (this.#slices === slices) return;
    const isFirst = this.#slices === 0;
    this.#slices = slices;
    if (isFirst) return;
    for (const task of ready) {
      this.#note({ kind: 'host', task: task.id, name: task.name, time: this.#scheduler.now() });
    }
  }

  readonly #decideFate = (wait: Suspension): HostFate => {
    const { late, fail } = this.#options.host;
    const event = ++this.#hostEvents;
    const decides = (key: string): boolean =>
      this.#decide({ key, kind: 'host', choices: 2, candidates: [], task: null }) === 1;
    const fate = late && decides(`l${event}`) ? 'late' : fail && decides(`f${event}`) ? 'fails' : 'now';
    if (fate !== 'now') this.#note({ kind: 'fate', label: wait.label, fate, time: this.#scheduler.now() });
    return fate;
  };

  givesWay(): boolean {
    const task = currentTaskOrNull();
    if (task === null || this.#over || !this.#options.preempt) return false;
    const progress = this.#progressOf(task);
    if (progress.preempted) {
      progress.preempted = false; // the same operation, tried again
      return false;
    }
    this.#operations++;
    const key = `p${task.id}.${++progress.operations}`;
    const candidates = [...this.#order.dueTimers(), ...this.#order.readyTasks()];
    if (candidates.length === 0) return false;
    progress.preempted = this.#decide({ key, kind: 'preempt', choices: 2, candidates, task }) === 1;
    return progress.preempted;
  }
}

function labelOf(entry: TimerEntry): string {
  if (entry instanceof Suspension) return entry.label;
  return 'label' in entry ? String(entry.label) : entry.constructor.name.toLowerCase();
}

function endOf(task: Task): string {
  if (task.status === 'succeeded') return 'returns';
  return task.status === 'cancelled' ? 'ends cancelled' : `fails: ${describe(task.error()).split('\n', 1)[0]}`;
}

function momentOf(progress: Progress, moment: 'w' | 'r'): string {
  if (progress.waits === 0) return 'before it begins';
  return moment === 'w' ? `while it waits for ${progress.wait}` : `when it has passed ${progress.wait}`;
}
