/** `createContext`: values that tasks inherit, in a map that is copied when it is written. */
import { checkOnlyOperation } from '../kernel/operation/check-operation.ts';
import { readOptions } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { currentTaskOrNull, runningTask } from '../kernel/task/current.ts';
import { Frame, iterate, type Steps } from '../kernel/task/frame.ts';
import type { Task } from '../kernel/task/task.ts';
import { registerTravelling } from './travelling.ts';

/** What `createContext` may be given. */
export interface ContextOptions {
  /** The name under which its value goes along to workers, which have to make a context of that name, too. */
  travelsAs?: string | undefined;
}

/** A value that follows the tasks; made by `createContext`. */
export interface Context<T> {
  /** The value of the running task; the initial one where none was set, and outside of every task. */
  get(): T;
  /**
   * Sets the value for the rest of the running task, and for the tasks that it spawns from now on.
   *
   * @throws NotInTaskError outside of every task.
   */
  set(value: T): void;
  /** Runs an operation with another value; afterwards the value is the one from before. */
  with<R>(value: T, operation: Operation<R>): Operation<R>;
}

class ContextVariable<T> implements Context<T> {
  readonly #initial: T;

  constructor(initial: T, travelsAs: string | undefined) {
    this.#initial = initial;
    if (travelsAs !== undefined) registerTravelling(travelsAs, this);
  }

  get(): T {
    const context = currentTaskOrNull()?.context;
    return context?.has(this) === true ? (context.get(this) as T) : this.#initial;
  }

  set(value: T): void {
    assign(runningTask('context.set()'), this, value);
  }

  with<R>(value: T, operation: Operation<R>): Operation<R> {
    return new WithValue(this, value, checkOnlyOperation('context.with(value, …)', operation));
  }
}

/** The map is shared by all tasks that inherited it, so it is never changed in place. */
function assign(task: Task, variable: unknown, value: unknown): void {
  task.context = new Map(task.context).set(variable, value);
}

class WithValue<R> extends Frame<R> {
  readonly #variable: unknown;
  readonly #value: unknown;
  readonly #operation: Operation<R>;
  #before: { value: unknown } | null = null;

  constructor(variable: unknown, value: unknown, operation: Operation<R>) {
    super();
    this.#variable = variable;
    this.#value = value;
    this.#operation = operation;
  }

  get label(): string {
    return 'context.with()';
  }

  protected open(task: Task): Steps {
    const steps = iterate(this.#operation);
    const variable = this.#variable;
    this.#before = task.context?.has(variable) === true ? { value: task.context.get(variable) } : null;
    assign(task, variable, this.#value);
    return steps;
  }

  override end(task: Task, failed: boolean, outcome: unknown): void {
    this.#restore(task);
    this.settle(failed, outcome);
  }

  override abandoned(task: Task): void {
    this.#restore(task);
  }

  #restore(task: Task): void {
    if (this.#before !== null) {
      assign(task, this.#variable, this.#before.value);
      return;
    }
    const context = new Map(task.context);
    context.delete(this.#variable);
    task.context = context;
  }
}

/**
 * Makes a value that follows the tasks without being passed along: a request's number, a logger, a locale.
 *
 * A task sees the values that were set where it was spawned, at that moment. What it sets itself is seen by its own code
 * and by the tasks that it spawns afterwards, never by the task that spawned it, and by no sibling.
 *
 * @param initial the value where nothing was set
 * @param options `travelsAs`: the name under which the value goes along to the workers of a `WorkerPool`, where a context
 *   of the same name gets it; it has to be one that can be cloned
 * @throws Error when two contexts of a program travel under one name.
 * @example
 * ```ts
 * import { createContext, run, spawn } from '@coloop/core';
 *
 * const user = createContext('nobody');
 *
 * function* greet() {
 *   console.log(`hello ${user.get()}`);
 * }
 *
 * await run(function* () {
 *   yield* user.with('Ada', greet()); //> hello Ada
 *   user.set('Grace');
 *   yield* spawn(greet()); //> hello Grace
 * });
 * ```
 * Source: Python's `contextvars`.
 */
export function createContext<T>(initial: T, options: ContextOptions = {}): Context<T> {
  return new ContextVariable(initial, readOptions('createContext', options, CONTEXT_OPTIONS).travelsAs);
}

const CONTEXT_OPTIONS = { travelsAs: 'string' } as const;
