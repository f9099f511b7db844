/** `generator`: Python's generator objects, which need no scheduler and cannot wait. */
import { GeneratorExit, NotInTaskError, StopIteration } from '../errors.ts';
import { checkBody } from '../kernel/operation/check-operation.ts';
import { show } from '../kernel/operation/options.ts';
import { isWaiting, isYielded } from '../kernel/operation/suspension.ts';
import { NoWaits } from '../kernel/scope/no-waits.ts';
import { currentTaskOrNull } from '../kernel/task/current.ts';
import type { Task } from '../kernel/task/task.ts';

/**
 * A generator object as Python has them: made by a function of `generator`.
 *
 * | state     | next, send         | throw(e)              | close                          |
 * | --------- | ------------------ | --------------------- | ------------------------------ |
 * | unstarted | runs from the top  | ends it, throws e     | ends it, nothing runs          |
 * | suspended | resumes the yield  | throws e at the yield | throws GeneratorExit there     |
 * | running   | "already executing" in every case                                           |
 * | ended     | StopIteration      | throws e              | nothing                        |
 */
export interface PythonGenerator<Y, S = unknown, R = unknown> extends Iterable<Y, R, S> {
  /** Runs to the next `yield` and returns what it yields; throws `StopIteration`, with the returned value, at the end. */
  next(): Y;
  /** As `next`, and `value` is what the `yield` gives inside. To an unstarted generator only undefined or null can be sent. */
  send(value: S): Y;
  /** Throws `error` at the `yield` and returns what is yielded next. */
  throw(error: unknown): Y;
  /** Throws `GeneratorExit` at the `yield`; returns what a body that catches it returns, else undefined. */
  close(): R | undefined;
}

type GeneratorFunction = (...args: never) => Generator<unknown, unknown, unknown>;

type GeneratorOf<G> = G extends Generator<infer Y, infer R, infer S> ? PythonGenerator<Y, S, R> : never;

const UNSTARTED = 0;
const SUSPENDED = 1;
const RUNNING = 2;
const ENDED = 3;

const GUARD = new NoWaits(
  () =>
    new TypeError(
      'An operation cannot wait inside of a generator(), which runs outside of the scheduler. Write ' +
        '`asyncGenerator(function* (emit) { yield* sleep(10); yield* emit(value); })` instead.',
    ),
);

const CALL = 'generator(function* () { yield …; })';
/** A body that waits belongs in another word. */
const WITH_WAITS = 'generator(asyncGenerator(function* (emit) { yield* emit(…); }))';

function checkGenerator<G>(made: G): G {
  if (typeof made === 'object' && made !== null && 'next' in made && !(Symbol.asyncIterator in made)) return made;
  return checkBody(CALL, made, `a function that returns ${show(made)}`);
}

class GeneratorObject<Y, S, R> implements PythonGenerator<Y, S, R> {
  readonly #body: Iterator<Y, R, S>;
  #state = UNSTARTED;

  constructor(body: Iterator<Y, R, S>) {
    this.#body = body;
  }

  next(): Y {
    return yieldedOf(this.#resume(undefined as S));
  }

  send(value: S): Y {
    return yieldedOf(this.#resume(value));
  }

  throw(error: unknown): Y {
    return yieldedOf(this.#throw(error));
  }

  close(): R | undefined {
    this.#refuseRunning();
    if (this.#state !== SUSPENDED) {
      this.#state = ENDED;
      return undefined;
    }
    let result: IteratorResult<Y, R>;
    try {
      result = this.#throw(new GeneratorExit('The generator was closed.'));
    } catch (error) {
      if (error instanceof GeneratorExit) return undefined;
      throw error;
    }
    if (result.done) return result.value;
    throw new Error(
      'The generator ignored GeneratorExit: it yielded while it was being closed. Return, or throw the GeneratorExit on.',
    );
  }

  /** For `for...of`, spread and `yield*`, where the end is not an error. */
  [Symbol.iterator](): Iterator<Y, R, S> {
    return {
      next: (...sent) => this.#iterate(() => this.#resume(sent[0] as S)),
      throw: (error) => this.#iterate(() => this.#throw(error)),
      return: (value) => {
        this.close();
        return { done: true, value: value as R };
      },
    };
  }

  #iterate(step: () => IteratorResult<Y, R>): IteratorResult<Y, R> {
    return this.#state === ENDED ? { done: true, value: undefined as R } : step();
  }

  #resume(value: S): IteratorResult<Y, R> {
    this.#refuseRunning();
    if (this.#state === ENDED) throw new StopIteration();
    if (this.#state === UNSTARTED && value !== undefined && value !== null) {
      throw new TypeError(
        "A generator that has not started can't be sent a value: no yield waits for it. Call `next()` first.",
      );
    }
    return this.#step(() => this.#body.next(value));
  }

  #throw(error: unknown): IteratorResult<Y, R> {
    this.#refuseRunning();
    if (this.#state !== SUSPENDED) {
      this.#state = ENDED;
      throw error;
    }
    return this.#step(() => (this.#body as Generator<Y, R, S>).throw(error));
  }

  #refuseRunning(): void {
    if (this.#state !== RUNNING) return;
    throw new TypeError(
      'The generator is already executing: its own body, or what it calls, has used it again. Make another one.',
    );
  }

  #step(step: () => IteratorResult<Y, R>): IteratorResult<Y, R> {
    this.#state = RUNNING;
    const task = currentTaskOrNull();
    const due = task === null ? null : task.forbidWaits(GUARD);
    try {
      let result: IteratorResult<unknown, R> = step();
      // Whose turn is used up is to give way before it hears that it must not wait: it is asked once more.
      // JavaScriptCore hands an inner result on in an object of its own.
      while (task !== null && (isYielded(result) || isWaiting(result.value))) {
        task.scheduler.budget = 1;
        result = this.#body.next(undefined as S);
      }
      this.#state = result.done ? ENDED : SUSPENDED;
      return result as IteratorResult<Y, R>;
    } catch (error) {
      this.#state = ENDED;
      throw escaped(error, task);
    } finally {
      task?.allowWaits(due);
    }
  }
}

/** What leaves the body, as the caller has to see it. */
function escaped(error: unknown, task: Task | null): unknown {
  // PEP 479: the end of another generator must not look like the end of this one.
  if (error instanceof StopIteration) {
    return new Error('The generator raised StopIteration. Catch it where the other generator is resumed.', {
      cause: error,
    });
  }
  if (task === null && error instanceof NotInTaskError) {
    const refused = GUARD.error();
    refused.message = `${error.what} was used inside of a generator(). ${refused.message}`;
    refused.cause = error;
    return refused;
  }
  return error;
}

function yieldedOf<Y, R>(result: IteratorResult<Y, R>): Y {
  if (result.done) throw new StopIteration(result.value);
  return result.value;
}

/**
 * Makes a function of Python's generator objects: with `send` and `throw` that give the bare yielded value, `StopIteration`
 * at the end, and `close`.
 *
 * Nothing here needs a scheduler or can wait; `asyncGenerator` is the same with waits inside. The objects are iterable.
 * None is `undefined`; `null` counts as it too.
 *
 * @param fn a generator function; annotate it as `Generator<Yielded, Returned, Sent>` where it uses what is sent
 * @returns a function with the same parameters that returns an unstarted generator object
 * @throws `StopIteration` from `next`, `send` and `throw` when the body returns, with what it returned as `value`; TypeError for a value sent before the start and for a generator that is running already
 * @example
 * ```ts
 * import { generator } from '@coloop/core';
 *
 * const consumer = generator(function* (): Generator<string, void, number | undefined> {
 *   let answer = '';
 *   for (;;) {
 *     const n = yield answer;
 *     if (!n) return;
 *     answer = `got ${n}`;
 *   }
 * });
 *
 * const c = consumer();
 * c.next();
 * console.log(c.send(1)); //> got 1
 * console.log(c.send(2)); //> got 2
 * c.close();
 * ```
 * Source: PEP 342, PEP 479; `close()` returns a value as from Python 3.13 on.
 */
export function generator<F extends GeneratorFunction>(
  fn: F,
): (this: ThisParameterType<F>, ...args: Parameters<F>) => GeneratorOf<ReturnType<F>> {
  checkBody(typeof fn === 'function' ? WITH_WAITS : CALL, fn);
  const make = function (this: unknown, ...args: readonly unknown[]): unknown {
    return new GeneratorObject(checkGenerator(fn.apply(this, args as never)));
  };
  Object.defineProperty(make, 'name', { value: fn.name, configurable: true });
  return make as (this: ThisParameterType<F>, ...args: Parameters<F>) => GeneratorOf<ReturnType<F>>;
}
