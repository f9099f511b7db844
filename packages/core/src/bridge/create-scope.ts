/** `createScope`: a scope for a host program, held open by a root task that waits for its end. */
import { GroupClosedError } from '../errors.ts';
import { checkOperation } from '../kernel/operation/check-operation.ts';
import { Forever } from '../kernel/operation/forever.ts';
import { readOptions, refuseMore } from '../kernel/operation/options.ts';
import { INSPECT, type Inspect, inspected } from '../kernel/operation/shown.ts';
import type { Body, Suspension } from '../kernel/operation/suspension.ts';
import { isEndOfScope, promiseOf, quietRejection } from '../kernel/scheduler/promise-of.ts';
import { checkScheduler, defaultScheduler } from '../kernel/scheduler/run.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { readTaskOptions } from '../kernel/scheduler/spawn.ts';
import { surfaced } from '../kernel/stack/trail.ts';
import type { ContextCarrier, Task, TaskOptions } from '../kernel/task/task.ts';
import { type ScopeRunOptions, withinTime } from './host-call.ts';

/** What `createScope` takes. */
export interface ScopeOptions {
  /** The scheduler to run on, in place of the one that all runs share. */
  scheduler?: Scheduler | undefined;
  /** Carries the host's own context along, as `asyncContext()` does. */
  context?: ContextCarrier | undefined;
  /** How reports call the scope. */
  name?: string | undefined;
}

/** A scope for a host program: made by `createScope`. */
export interface HostScope extends AsyncDisposable {
  /**
   * Runs an operation in this scope; its failure belongs to the promise and does not touch the scope.
   *
   * @param options `signal` cancels it; `timeout`: how long it may take, in ms; `name` for reports
   */
  run<T>(body: Body<T>, options?: ScopeRunOptions): Promise<T>;
  /** Starts a task in this scope; its failure fails the scope, as in every scope. */
  spawn<T>(body: Body<T>, options?: TaskOptions): Task<T>;
  /**
   * Runs an operation and keeps what it acquired, such as a session, until the scope is closed; the promise is that of
   * its value.
   */
  hold<T>(body: Body<T>): Promise<T>;
  /**
   * Cancels all that runs here; the promise settles when every cleanup has ended, and rejects only with errors of those.
   * Calls of `run` and `asAsync` that are under way reject with `CancelledError`, which is no unhandled rejection where
   * nobody waits for them.
   */
  close(reason?: unknown): Promise<void>;
}

const SCOPE_OPTIONS = { scheduler: 'any', context: 'any', name: 'string' } as const;
const CALL_OPTIONS = { signal: 'signal', name: 'string', timeout: 'duration' } as const;
const ASYNC_DISPOSE: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/**
 * Makes a scope for a program that is written with promises or callbacks: a server, a page, a component.
 *
 * A task spawned here that fails, fails the scope: the others are cancelled, and the error reaches the event
 * 'unhandled' (else the host), unless `close()` is waiting for it.
 *
 * Cancellation: `close()` cancels everything in it and waits for all cleanups.
 *
 * @throws GroupClosedError from `spawn`, and as a rejection of `run`, after the end of the scope.
 * @example
 * ```ts
 * import { acquire, createScope, resource, sleep } from '@coloop/core';
 *
 * const app = createScope({ name: 'app' });
 * console.log(await app.run(() => sleep(10, 'served'))); //> served
 *
 * const door = resource<string>(function* (provide) {
 *   yield* provide('open');
 *   console.log('closed');
 * });
 * console.log(await app.hold(acquire(door))); //> open
 * await app.close(); //> closed
 * ```
 * Source: Kotlin's `CoroutineScope`, with the rule of `asyncio.TaskGroup` for failures.
 */
export function createScope(options?: ScopeOptions): HostScope;
export function createScope(options: ScopeOptions = {}, ...more: unknown[]): HostScope {
  refuseMore('createScope(options)', more);
  return new RootScope(readOptions('createScope', options, SCOPE_OPTIONS));
}

class RootScope implements HostScope {
  readonly #root: Task;
  readonly #scheduler: Scheduler;
  #closing = false;
  readonly #isClosing = (): boolean => this.#closing;

  constructor({ scheduler, ...options }: ScopeOptions) {
    this.#scheduler = checkScheduler('createScope', scheduler ?? defaultScheduler());
    const root = this.#scheduler.startRoot(untilClosed(), { name: 'scope', ...options });
    root.whenSettled(() => {
      if (root.failed && !this.#closing) this.#scheduler.unhandled(root.error(), root.name);
    });
    this.#root = root;
  }

  run<T>(body: Body<T>, options: ScopeRunOptions = {}): Promise<T> {
    try {
      checkOperation('scope.run', body);
      const { signal, name, timeout } = readOptions('scope.run', options, CALL_OPTIONS);
      const task = this.#spawn(withinTime(body, timeout), { name });
      return promiseOf(task, { isClosing: this.#isClosing, signals: this.#scheduler.signals, signal });
    } catch (error) {
      return this.#refused(error);
    }
  }

  hold<T>(body: Body<T>, ...more: unknown[]): Promise<T> {
    let promise: Promise<T> | null = null;
    try {
      checkOperation('scope.hold', body);
      refuseMore('scope.hold(op)', more);
      promise = new Promise<T>((resolve, reject) => {
        let held = false;
        const task = this.#spawn(
          () =>
            holding(body, (value) => {
              held = true;
              resolve(value);
            }),
          undefined,
        );
        task.whenSettled(() => {
          // What fails later, in its cleanup, is an error of the scope.
          if (held) return;
          task.answered = true;
          reject(surfaced(task.error()));
          if (isEndOfScope(task, this.#isClosing)) promise?.catch(() => {});
        });
      });
      return promise;
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** A call that comes while the scope is being closed has nobody to tell, as those that were under way. */
  #refused(error: unknown): Promise<never> {
    const isLate = error instanceof GroupClosedError && this.#closing && !this.#root.done;
    return isLate ? quietRejection(error) : Promise.reject(error);
  }

  spawn<T>(body: Body<T>, options?: TaskOptions): Task<T> {
    checkOperation('scope.spawn', body);
    return this.#spawn(body, readTaskOptions('scope.spawn', options));
  }

  #spawn<T>(body: Body<T>, options: TaskOptions | undefined): Task<T> {
    const root = this.#root;
    if (root.cancelRequested || root.done) {
      throw new GroupClosedError(
        `${root.label} was closed: nothing can be spawned into it. Make another with createScope().`,
      );
    }
    return root.spawnInto(root, body, options);
  }

  close(reason?: unknown, ...more: unknown[]): Promise<void> {
    refuseMore('scope.close(reason)', more);
    const root = this.#root;
    const ended = root.done;
    this.#closing = true;
    root.cancelBy({ reason: reason ?? 'the scope was closed', requestedBy: 'scope.close()', from: null });
    return new Promise((resolve, reject) => {
      root.whenSettled(() => {
        if (root.failed && !ended) reject(surfaced(root.error()));
        else resolve();
      });
    });
  }

  /** What `console.log` and `JSON.stringify` show of it. */
  toJSON(): Record<string, unknown> {
    const { name, status } = this.#root;
    return { name, status };
  }

  /** @internal */
  [INSPECT](_depth: number, options: unknown, inspect?: Inspect): string {
    return inspected('HostScope', this.toJSON(), options, inspect);
  }

  [ASYNC_DISPOSE](): Promise<void> {
    return this.close();
  }
}

function* holding<T>(body: Body<T>, give: (value: T) => void): Generator<Suspension, void> {
  give(yield* checkOperation('scope.hold', typeof body === 'function' ? body() : body));
  yield* untilClosed();
}

function* untilClosed(): Generator<Suspension, unknown> {
  return yield* new Forever('the end of its scope');
}
