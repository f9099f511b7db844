/** `asyncGenerator`: generator objects whose body is a task; its reader and the body meet in a `Handoff`. */
import { checkBody, checkMade } from '../kernel/operation/check-operation.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { CloseWait, EmitWait, Handoff, RequestWait } from './handoff.ts';

/** Hands a value to the reader and waits for the next request; returns what was sent with it. */
export type Emit<Y, S = unknown> = (value: Y) => Operation<S>;

/** A generator object over the scheduler: made by a function of `asyncGenerator`. */
export interface AsyncGeneratorObject<Y, S = unknown> extends Source<Y> {
  /** As `next`, and `value` is what `emit` returns inside. To an unstarted one only undefined or null can be sent. */
  send(value: S): Operation<IteratorResult<Y, void>>;
  /** Throws `error` at the `emit` and returns what is emitted next. */
  throw(error: unknown): Operation<IteratorResult<Y, void>>;
  /** Throws `GeneratorExit` at the `emit` and waits until the body, with its cleanups, has ended. */
  close(): Operation<void>;
}

const CALL = 'asyncGenerator(function* (emit) { yield* emit(…); })';

class GeneratorOverTasks<Y, S> implements AsyncGeneratorObject<Y, S> {
  readonly #handoff: Handoff;

  constructor(handoff: Handoff) {
    this.#handoff = handoff;
  }

  next(): Operation<IteratorResult<Y, void>> {
    return this.#request('next', undefined);
  }

  send(value: S): Operation<IteratorResult<Y, void>> {
    return this.#request('send', value);
  }

  throw(error: unknown): Operation<IteratorResult<Y, void>> {
    return this.#request('throw', error);
  }

  close(): Operation<void> {
    return new CloseWait(this.#handoff);
  }

  #request(kind: 'next' | 'send' | 'throw', payload: unknown): Operation<IteratorResult<Y, void>> {
    return new RequestWait(this.#handoff, kind, payload) as Operation<IteratorResult<Y, void>>;
  }
}

/**
 * Makes a function of generator objects whose body can wait: a source that runs only when it is asked, with Python's
 * `send`, `throw` and `close`.
 *
 * The body runs in a daemon task of its own (PEP 789), so that its deadlines and its context never meet those of the
 * reader. It belongs to the scope in which the object was made, or, made outside of every task, to the run that reads it
 * first: the host reads on, too, and so do cleanups. It emits only from that task, one value for each request.
 *
 * Cancellation: of a `next` loses nothing: the body goes on, and the value is there for the following `next`. When its scope
 * releases what it owns, or by `close` while it works, the body is cancelled; a `next` that waits then gets the end.
 *
 * @param fn a generator function that gets `emit`, and then the arguments of the call; annotate `emit` as `Emit<Yielded, Sent>`
 * @returns a function that returns an unstarted generator object
 * @throws the body's error, from the request that meets it; TypeError for a value sent before the start, or a use by the body itself; an `Error` for a second `next` while one is waiting
 * @example
 * ```ts
 * import { asyncGenerator, type Emit, forEach, type Operation, run, sleep } from '@coloop/core';
 *
 * const countdown = asyncGenerator(function* (emit: Emit<number>, from: number): Operation<void> {
 *   for (let n = from; n > 0; n--) {
 *     yield* sleep(10);
 *     yield* emit(n);
 *   }
 * });
 *
 * await run(() => forEach(countdown(3), (n) => console.log(n)));
 * //> 3
 * //> 2
 * //> 1
 * ```
 * Source: PEP 525, with PEP 789's rule for scopes around a yield.
 */
export function asyncGenerator<Y = unknown, S = unknown, Args extends readonly unknown[] = [], This = unknown>(
  fn: (this: This, emit: Emit<Y, S>, ...args: Args) => Operation<void>,
): (this: This, ...args: Args) => AsyncGeneratorObject<Y, S> {
  checkBody(CALL, fn);
  const label = fn.name || 'asyncGenerator';
  const make = function (this: This, ...args: Args): AsyncGeneratorObject<Y, S> {
    const body = (): Operation<void> => checkMade(CALL, fn.call(this, emit, ...args));
    const handoff = new Handoff(label, body);
    const emit: Emit<Y, S> = (value) => new EmitWait(handoff, value) as Operation<unknown> as Operation<S>;
    return new GeneratorOverTasks<Y, S>(handoff);
  };
  return Object.defineProperty(make, 'name', { value: fn.name, configurable: true });
}
