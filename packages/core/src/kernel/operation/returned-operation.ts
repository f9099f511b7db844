/** What a callback returned and is run: where it gives data in place of waits, it was meant as a value. */
import { isWait } from './is-operation.ts';
import { yieldsData } from './misuse.ts';
import { show } from './options.ts';
import type { Operation, Suspension } from './suspension.ts';

type ReturnedSteps<T> = Iterator<Suspension, T, unknown>;

/**
 * An operation that a callback of `what` returned, ready to be run; if it yields data, the error names it and says how a
 * value is returned that happens to be iterable.
 */
export function returnedOperation<T>(what: string, operation: Operation<T>): Operation<T> {
  return isWait(operation) ? operation : { [Symbol.iterator]: () => new Checked(what, operation) };
}

class Checked<T> implements ReturnedSteps<T> {
  readonly #what: string;
  readonly #operation: Operation<T>;
  readonly #steps: ReturnedSteps<T>;

  constructor(what: string, operation: Operation<T>) {
    this.#what = what;
    this.#operation = operation;
    this.#steps = operation[Symbol.iterator]();
  }

  next(): IteratorResult<Suspension, T> {
    return this.#check(this.#steps.next());
  }

  throw(error: unknown): IteratorResult<Suspension, T> {
    if (this.#steps.throw === undefined) throw error;
    return this.#check(this.#steps.throw(error));
  }

  return(value: T): IteratorResult<Suspension, T> {
    return this.#steps.return?.(value) ?? { done: true, value };
  }

  #check(result: IteratorResult<Suspension, T>): IteratorResult<Suspension, T> {
    if (result.done || !yieldsData(result)) return result;
    this.#steps.return?.();
    throw new TypeError(
      `${this.#what} got ${show(this.#operation)} from its function, which yields data and is no operation. Return \`[value]\` to hand on a value that is iterable.`,
    );
  }
}
