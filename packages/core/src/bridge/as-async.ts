import { checkFunction, readOptions, refuseMore, show } from '../kernel/operation/options.ts';
import type { Body, Operation } from '../kernel/operation/suspension.ts';
import type { AbortSignalLike } from '../kernel/scheduler/follow-signal.ts';
import { run } from '../kernel/scheduler/run.ts';
import { coroutine } from '../kernel/task/coroutine.ts';
import { type ScopeRunOptions, withinTime } from './host-call.ts';

/** What can run an operation for callers outside: a scope of `createScope`, or a `Scheduler`. */
export interface Runner {
  run<T>(body: Body<T>, options?: Pick<ScopeRunOptions, 'signal' | 'name'>): Promise<T>;
}

/** What `asAsync` may be given. */
export interface AsAsyncOptions<Args extends readonly unknown[]> {
  /** How reports call the tasks; the name of the function by default. */
  name?: string | undefined;
  /** How long each call may take, in ms; then it is cancelled and its promise rejects with `TimeoutError`. */
  timeout?: number | undefined;
  /** Finds the signal that cancels a call in its arguments, such as that of a request; undefined for none. */
  signal?: ((...args: Args) => AbortSignalLike | undefined) | undefined;
}

const ROOT: Runner = { run };
const OPTIONS = { name: 'string', timeout: 'duration', signal: 'function' } as const;

/**
 * Makes an async function of one that returns operations, for callers in promise code: each call is a run of its own.
 *
 * `this` and all arguments are passed on; the body is called inside of its task.
 *
 * Cancellation: with a scope, its `close()` cancels the calls that are running; so does the signal that `options.signal`
 * finds in the arguments of a call. A call that nobody waits for ends quietly when its scope is closed.
 *
 * @param fn a function that returns an operation, such as a generator function
 * @param scope the scope of `createScope` to run in, or a `Scheduler`; runs of their own by default
 * @param options `name` for reports; `timeout` of each call, in ms; `signal(...args)`: what cancels a call
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
  scope?: Runner,
  options?: AsAsyncOptions<Args>,
): (this: This, ...args: Args) => Promise<T>;
export function asAsync<This, Args extends readonly unknown[], T>(
  fn: (this: This, ...args: Args) => Operation<T>,
  scope: Runner = ROOT,
  options: AsAsyncOptions<Args> = {},
  ...more: unknown[]
): (this: This, ...args: Args) => Promise<T> {
  checkNotAsyncAlready(checkFunction('asAsync', fn));
  if (typeof scope?.run !== 'function') {
    throw new TypeError(
      `asAsync takes a scope as made by createScope(), or a Scheduler, not ${show(scope)}. Options come third: \`asAsync(fn, scope, { timeout: 1000 })\`, with undefined for no scope.`,
    );
  }
  const { name, timeout, signal: signalOf } = readOptions('asAsync', options, OPTIONS);
  refuseMore('asAsync(fn, scope, options)', more);
  const body = coroutine<Args, T, This>(fn);
  const call = function (this: This, ...args: Args): Promise<T> {
    const operation = withinTime(body.apply(this, args as Args & unknown[]), timeout);
    if (signalOf === undefined) return name === undefined ? scope.run(operation) : scope.run(operation, { name });
    try {
      return scope.run(operation, { name, signal: signalOf.apply(this, args as Args & unknown[]) });
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return Object.defineProperty(call, 'name', { value: fn.name, configurable: true });
}

function checkNotAsyncAlready(fn: unknown): void {
  if (Object.prototype.toString.call(fn) !== '[object AsyncFunction]') return;
  throw new TypeError(
    `asAsync takes a function that returns an operation, not an async function: ${(fn as { name: string }).name || 'fn'} can be called as it is. To end it with the scope, write \`asAsync(() => until(${(fn as { name: string }).name || 'fn'}), scope)\`.`,
  );
}
