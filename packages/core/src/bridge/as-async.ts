import { checkFunction, show } from '../kernel/operation/options.ts';
import type { Body, Operation } from '../kernel/operation/suspension.ts';
import { run } from '../kernel/scheduler/run.ts';
import { coroutine } from '../kernel/task/coroutine.ts';

/** What can run an operation for callers outside: a scope of `createScope`, or a `Scheduler`. */
export interface Runner {
  run<T>(body: Body<T>): Promise<T>;
}

const ROOT: Runner = { run };

/**
 * Makes an async function of one that returns operations, for callers in promise code: each call is a run of its own.
 *
 * `this` and all arguments are passed on; the body is called inside of its task.
 *
 * Cancellation: with a scope, its `close()` cancels the calls that are running; without one, nothing does.
 *
 * @param fn a function that returns an operation, such as a generator function
 * @param scope the scope of `createScope` to run in, or a `Scheduler`; runs of their own by default
 * @returns a function that returns a promise of the operation's value; it rejects with the operation's error
 * @example
 * ```ts
 * import { asAsync, createScope, type Operation, sleep } from '@coloop/core';
 *
 * function* double(n: number): Operation<number> {
 *   yield* sleep(5);
 *   return n * 2;
 * }
 *
 * const app = createScope();
 * const doubleAsync = asAsync(double, app);
 * console.log(await doubleAsync(21)); //> 42
 * await app.close();
 * ```
 * Source: `asyncio.run_coroutine_threadsafe`, which hands a coroutine to a loop from outside.
 */
export function asAsync<This, Args extends readonly unknown[], T>(
  fn: (this: This, ...args: Args) => Operation<T>,
  scope: Runner = ROOT,
): (this: This, ...args: Args) => Promise<T> {
  checkFunction('asAsync', fn);
  if (typeof scope?.run !== 'function') {
    throw new TypeError(`asAsync takes a scope as made by createScope(), or a Scheduler, not ${show(scope)}.`);
  }
  const body = coroutine<Args, T, This>(fn);
  const call = function (this: This, ...args: Args): Promise<T> {
    return scope.run(body.apply(this, args as Args & unknown[]));
  };
  return Object.defineProperty(call, 'name', { value: fn.name, configurable: true });
}
