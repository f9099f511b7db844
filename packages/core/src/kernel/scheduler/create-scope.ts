/** `createScope`: a scope for a host program, held open by a root task that waits for its end. */
import { GroupClosedError } from '../../errors.ts';
import { Forever } from '../operation/forever.ts';
import { checkOperation, readOptions } from '../operation/options.ts';
import type { Body, Suspension } from '../operation/suspension.ts';
import type { ContextCarrier, Task, TaskOptions } from '../task/task.ts';
import { chosenScheduler, defaultScheduler } from './run.ts';
import type { Scheduler } from './scheduler.ts';
import { readTaskOptions } from './spawn.ts';

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
  /** Runs an operation in this scope; its failure belongs to the promise and does not touch the scope. */
  run<T>(body: Body<T>): Promise<T>;
  /** Starts a task in this scope; its failure fails the scope, as in every scope. */
  spawn<T>(body: Body<T>, options?: TaskOptions): Task<T>;
  /**
   * Runs an operation and keeps what it acquired, such as a session, until the scope is closed; the promise is that of
   * its value.
   */
  hold<T>(body: Body<T>): Promise<T>;
  /** Cancels all that runs here; the promise settles when every cleanup has ended, and rejects only with errors of those. */
  close(reason?: unknown): Promise<void>;
}

const SCOPE_OPTIONS = { scheduler: 'any', context: 'any', name: 'string' } as const;
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
export function createScope(options: ScopeOptions = {}): HostScope {
  chosenScheduler(options);
  return new RootScope(readOptions('createScope', options, SCOPE_OPTIONS));
}

class RootScope implements HostScope {
  readonly #root: Task;
  #closing = false;

  constructor({ scheduler = defaultScheduler(), ...options }: ScopeOptions) {
    const root = scheduler.startRoot(untilClosed(), { name: 'scope', ...options });
    root.whenSettled(() => {
      if (root.failed && !this.#closing) scheduler.unhandled(root.error(), root.name);
    });
    this.#root = root;
  }

  run<T>(body: Body<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const task = this.spawn(body);
      task.whenSettled(() => {
        task.answered = true;
        if (task.failed) task.scheduler.asyncTraces.attach(task.outcome);
        if (task.status === 'succeeded') resolve(task.outcome as T);
        else reject(task.error());
      });
    });
  }

  hold<T>(body: Body<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      checkOperation('scope.hold', body);
      let held = false;
      const task = this.spawn(() =>
        holding(body, (value) => {
          held = true;
          resolve(value);
        }),
      );
      task.whenSettled(() => {
        // What fails later, in its cleanup, is an error of the scope.
        if (held) return;
        task.answered = true;
        reject(task.error());
      });
    });
  }

  spawn<T>(body: Body<T>, options?: TaskOptions): Task<T> {
    checkOperation('scope.spawn', body);
    const root = this.#root;
    if (root.cancelRequested || root.done) {
      throw new GroupClosedError(
        `${root.label} was closed: nothing can be spawned into it. Make another with createScope().`,
      );
    }
    return root.spawnInto(root, body, readTaskOptions('scope.spawn', options));
  }

  close(reason?: unknown): Promise<void> {
    const root = this.#root;
    const ended = root.done;
    this.#closing = true;
    root.cancelBy({ reason: reason ?? 'the scope was closed', requestedBy: 'scope.close()', from: null });
    return new Promise((resolve, reject) => {
      root.whenSettled(() => {
        if (root.failed && !ended) reject(root.error());
        else resolve();
      });
    });
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
