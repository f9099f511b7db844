/** `coroutine`: a generator function whose calls are frames, so that depth costs nothing. */

import { checkBody } from '../operation/check-operation.ts';
import { keepShape } from '../operation/keep-shape.ts';
import type { Operation, Suspension } from '../operation/suspension.ts';
import { Frame, iterate, type Steps } from './frame.ts';

type AnyArgs = readonly unknown[];
type CoroutineFunction<This, Args extends AnyArgs, T> = (this: This, ...args: Args) => Operation<T>;

/** One call of a coroutine: its generator is made and stepped on the task's own stack. */
class CoroutineCall<This, Args extends AnyArgs, T> extends Frame<T> {
  readonly #fn: CoroutineFunction<This, Args, T>;
  readonly #self: This;
  readonly #args: Args;

  constructor(fn: CoroutineFunction<This, Args, T>, self: This, args: Args) {
    super();
    this.#fn = fn;
    this.#self = self;
    this.#args = args;
  }

  override get taskName(): string | undefined {
    return this.#fn.name || undefined;
  }

  get label(): string {
    return `${this.#fn.name || 'coroutine'}()`;
  }

  protected open(): Steps {
    return iterate(this.#fn.apply(this.#self, this.#args as unknown as Args & unknown[]));
  }
}

keepShape(new CoroutineCall(keepShape as never, undefined, []));

/**
 * Makes a function whose calls cost the same in any depth: the counterpart of `@asyncio.coroutine`.
 *
 * A call runs natively until it first suspends; then it becomes a frame of its task, and only the innermost frame is
 * resumed. Plain generator functions work everywhere too, and are a little faster up to a depth of about three; with
 * `coroutine` recursion is bounded by memory alone. `this` is passed on, and the function's name is the task's.
 *
 * Plain generators between coroutines are as deep as the native stack allows. A function that calls itself uses the name
 * outside, `const walk = coroutine(function* () { … walk() … })`: a name inside is the bare generator function.
 *
 * Cancellation: as of any operation; each frame's `finally` runs once, innermost first.
 *
 * @param fn a generator function; annotate what it returns with `: Operation<T>`, and a plain `yield` becomes a type error
 * @example
 * ```ts
 * import { coroutine, type Operation, run, sleep } from '@coloop/core';
 *
 * const countdown = coroutine(function* (n: number): Operation<string> {
 *   yield* sleep(1);
 *   return n === 0 ? 'done' : yield* countdown(n - 1);
 * });
 *
 * console.log(await run(() => countdown(20))); //> done
 * ```
 * Source: `asyncio.coroutine` and `yield from`, PEP 380.
 */
export function coroutine<Args extends AnyArgs, T, This = unknown>(
  fn: (this: This, ...args: Args) => Generator<Suspension, T, unknown> | Operation<T>,
): (this: This, ...args: Args) => Operation<T> {
  checkBody('coroutine(function* () { return …; })', fn);
  const call = function (this: This, ...args: Args): Operation<T> {
    return new CoroutineCall(fn as CoroutineFunction<This, Args, T>, this, args);
  };
  return Object.defineProperty(call, 'name', { value: fn.name, configurable: true });
}
