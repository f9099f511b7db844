/* The world outside of a simulated program: events and tasks that no scope of the program owns. */
import type { Body, Operation, Task } from '@coloop/core';
import { isCancelled } from '@coloop/core';
import { Suspension } from '@coloop/core/lowlevel';
import type { SchedulerView, TimerEntry } from '../waits.ts';

/** The members of the scheduler that the simulated world uses: time, chance, and tasks without a parent. */
export interface World extends SchedulerView {
  random(): number;
  startRoot<T>(body: Body<T>, options: { name: string }): Task<T> & { whenSettled(then: () => void): void };
}

/** An event that happens once, later; traces show its label. */
export class LaterEvent implements TimerEntry {
  slot = -1;
  readonly label: string;
  readonly #happen: () => void;
  readonly #gone: (event: LaterEvent) => void;

  constructor(label: string, happen: () => void, gone: (event: LaterEvent) => void) {
    this.label = label;
    this.#happen = happen;
    this.#gone = gone;
  }

  fire(): void {
    this.#gone(this);
    this.#happen();
  }
}

/** Events and tasks of the world outside, which all end with it. */
export class Outside {
  readonly world: World;
  /** Errors of tasks, in the order in which they came. */
  readonly failures: unknown[] = [];
  readonly #events = new Set<LaterEvent>();
  readonly #tasks = new Set<Task<unknown>>();
  #ended: AllEnded | undefined;
  #over = false;

  constructor(world: World) {
    this.world = world;
  }

  /** Calls `happen` in `ms` milliseconds; returns what prevents it. */
  after(ms: number, label: string, happen: () => void): () => void {
    if (this.#over) return nothing;
    const event = new LaterEvent(label, happen, (gone) => this.#events.delete(gone));
    this.#events.add(event);
    this.world.addTimer(event, this.world.now() + ms);
    return () => {
      if (this.#events.delete(event)) this.world.removeTimer(event);
    };
  }

  /**
   * Starts a task that has no parent, so that neither the scopes of the program nor injected cancels reach it.
   *
   * @param expected - which errors are an end like any other
   */
  start(name: string, body: () => Operation<void>, expected: (error: unknown) => boolean = never): Task<void> {
    const task = this.world.startRoot(body, { name });
    this.#tasks.add(task);
    task.whenSettled(() => {
      this.#tasks.delete(task);
      (task as { answered?: true }).answered = true;
      if (task.status === 'failed') {
        const error = failureOf(task);
        if (!isCancelled(error) && !expected(error)) this.failures.push(error);
      }
      if (this.#tasks.size === 0) this.#ended?.wake(undefined);
    });
    return task;
  }

  /** Cancels every task, withdraws every event, and waits until the tasks have ended. */
  *end(): Operation<void> {
    this.#over = true;
    for (const event of this.#events) this.world.removeTimer(event);
    this.#events.clear();
    for (const task of [...this.#tasks]) task.cancel('the end of the world');
    this.#ended = new AllEnded(this.#tasks);
    yield* this.#ended;
  }
}

class AllEnded extends Suspension<void> {
  readonly #tasks: ReadonlySet<unknown>;

  constructor(tasks: ReadonlySet<unknown>) {
    super();
    this.#tasks = tasks;
  }

  get label(): string {
    return `the end of ${this.#tasks.size} tasks of servers`;
  }

  poll(): boolean {
    return this.#tasks.size === 0 ? this.finish(undefined) : false;
  }

  arm(): void {}

  disarm(): void {}
}

function failureOf(task: Task<unknown>): unknown {
  try {
    task.result();
    return undefined;
  } catch (error) {
    return error;
  }
}

function never(): boolean {
  return false;
}

function nothing(): void {}
