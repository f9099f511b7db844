/** `until`: a promise as an operation, with what becomes of it when the wait for it is cancelled. */
import { suppressedError } from '../errors.ts';
import { isOperation } from '../kernel/operation/is-operation.ts';
import { checkFunction, readOptions, refuseMore, show } from '../kernel/operation/options.ts';
import type { Operation, Suspension } from '../kernel/operation/suspension.ts';
import { Frame, iterate, type Steps } from '../kernel/task/frame.ts';
import type { Task } from '../kernel/task/task.ts';
import { PromiseWait, type Settlement, settlementOf } from './promise-wait.ts';

/** What `until` may be given. */
export interface UntilOptions<T> {
  /** Gets a value that comes after the wait was given up, so that what it holds can be closed. */
  late?: ((value: T) => void) | undefined;
}

/** A function that starts asynchronous work, and ends it when its signal is aborted. */
type Start<T> = (signal: AbortSignal) => PromiseLike<T>;

/** A promise that was there before; it cannot be told to stop. */
class GivenPromise<T> extends PromiseWait<T> {
  readonly #promise: PromiseLike<T>;

  constructor(promise: PromiseLike<T>) {
    // A promise may reject before its turn comes; a thenable of another kind may only begin to work when it is asked.
    super('until(promise)', promise instanceof Promise ? settlementOf(promise) : null);
    this.#promise = promise;
  }

  protected override begin(): Settlement<T> {
    return settlementOf(this.#promise);
  }
}

/** The first wait of a call: it starts the work, after a cancel that was due has been delivered. */
class StartedPromise<T> extends PromiseWait<T> {
  readonly #start: () => Settlement<T>;

  constructor(label: string, start: () => Settlement<T>) {
    super(label, null);
    this.#start = start;
  }

  protected override begin(): Settlement<T> {
    return this.#start();
  }
}

/** A wait for a promise that does more when it ends without the value: aborts it, and takes care of a value that comes late. */
class UntilFrame<T> extends Frame<T> {
  readonly label: string;
  readonly #work: PromiseLike<T> | Start<T>;
  readonly #late: ((value: T) => void) | undefined;
  #settlement: Settlement<T> | null;
  #controller: AbortController | null = null;
  #task: Task | null = null;

  constructor(label: string, work: PromiseLike<T> | Start<T>, late: ((value: T) => void) | undefined) {
    super();
    this.label = label;
    this.#work = work;
    this.#late = late;
    this.#settlement = work instanceof Promise ? settlementOf(work) : null;
  }

  protected open(task: Task): Steps {
    this.#task = task;
    return iterate(settle(this));
  }

  /** The first wait. */
  first(): Operation<T> {
    const work = this.#work;
    if (typeof work === 'function') return new StartedPromise(this.label, () => this.#start(work));
    this.#settlement ??= settlementOf(work);
    return new PromiseWait(this.label, this.#settlement);
  }

  #start(work: Start<T>): Settlement<T> {
    const controller = new AbortController();
    const settlement = settlementOf(checkPromise(this.label, work(controller.signal)));
    this.#controller = controller;
    this.#settlement = settlement;
    return settlement;
  }

  /** Whether work is going on that has been told to stop and should be waited for. */
  stop(reason: unknown): boolean {
    if (this.#controller === null || this.#settlement?.settled !== false) return false;
    this.#controller.abort(reason);
    return !this.#settlement.settled;
  }

  /** The wait for the end of what was told to stop. */
  second(): Operation<unknown> {
    return new PromiseWait(`the end of ${this.label} after its abort`, this.#settlement);
  }

  /** The wait was given up: a value that is there, or comes later, goes to `late`. */
  giveUp(): void {
    const settlement = this.#settlement;
    if (this.#late === undefined || settlement === null) return;
    if (settlement.fulfilled) this.#late(settlement.outcome as T);
    else settlement.addLate((value) => this.#handLate(value));
  }

  /** Outside of the task a failure of `late` has nowhere else to go. */
  #handLate(value: T): void {
    const task = this.#task as Task;
    try {
      this.#late?.(value);
    } catch (error) {
      task.scheduler.unhandled(error, task.name);
    }
  }

  /** The promise's own failure is what the caller gets; anything else that ends the wait is a cancel. */
  isOwnFailure(error: unknown): boolean {
    return this.#settlement?.failedWith(error) ?? false;
  }

  override abandoned(): void {
    this.stop(new Error(`${this.#task?.label} was abandoned.`));
    if (this.#settlement?.fulfilled === true) this.#handLate(this.#settlement.outcome as T);
    else this.giveUp();
  }
}

function* settle<T>(call: UntilFrame<T>): Generator<Suspension, T, unknown> {
  try {
    return yield* call.first();
  } catch (error) {
    if (!call.isOwnFailure(error)) yield* giveUp(call, error);
    throw error;
  }
}

function* giveUp<T>(call: UntilFrame<T>, cancel: unknown): Generator<Suspension, void, unknown> {
  let again: { cancel: unknown } | null = null;
  if (call.stop(cancel)) {
    try {
      yield* call.second();
    } catch (error) {
      // What was told to stop usually rejects, which says nothing; the cancel is thrown again when the grace is over.
      if (!call.isOwnFailure(error)) again = { cancel: error };
    }
  }
  try {
    call.giveUp();
  } catch (error) {
    throw suppressedError(error, cancel);
  }
  if (again !== null) throw again.cancel;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && 'then' in value;
}

function checkPromise<T>(label: string, value: PromiseLike<T>): PromiseLike<T> {
  if (isThenable(value)) return value;
  throw new TypeError(
    `${label}: the function returned ${show(value)}, not a promise. ${isOperation(value) ? 'An operation needs only `yield* operation`.' : 'Return a promise, or make it an async function.'}`,
  );
}

const UNTIL_OPTIONS = { late: 'function' } as const;

/**
 * Waits for a promise: the bridge from `async` code into a task.
 *
 * A promise of the platform is subscribed to once, however many waits for it are given up; any other object with `then` is
 * asked each time.
 *
 * Given a function, it calls it with an `AbortSignal` of its own, so that the work can be stopped. A rejection that comes
 * after the wait was given up is never reported as unhandled.
 *
 * Cancellation: a promise is abandoned at once. In the function form the signal is aborted (its `reason` is the
 * `CancelledError`), and the task waits until the promise has settled, for the grace of a cleanup at most.
 *
 * @param work a promise, any object with `then`, or a function that gets the signal and returns one
 * @param options `late`: gets a value that comes after the wait was given up, so that it can be closed
 * @returns what the promise was fulfilled with
 * @throws what the promise was rejected with; TypeError if `work` is not a promise or a function.
 * @example
 * ```ts
 * import { run, until } from '@coloop/core';
 *
 * await run(function* () {
 *   const text = yield* until(Promise.resolve('hello'));
 *   console.log(text); //> hello
 *   const length = yield* until(async (signal) => (signal.aborted ? 0 : text.length));
 *   console.log(length); //> 5
 * });
 * ```
 * Source: `await` of a future in asyncio; Trio's rule that a cancelled call has ended when it returns.
 */
export function until<T>(
  work: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
  options?: UntilOptions<T>,
): Operation<T>;
export function until<T>(
  work: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
  options: UntilOptions<T> = {},
  ...more: unknown[]
): Operation<T> {
  refuseMore('until(work, options)', more);
  const { late } = readOptions('until', options, UNTIL_OPTIONS);
  if (isThenable(work)) {
    if (late === undefined) return new GivenPromise(work);
    return new UntilFrame('until(promise)', work, late);
  }
  if (isOperation(work)) {
    throw new TypeError('until takes a promise, not an operation. An operation needs only `yield* operation`.');
  }
  if (typeof work !== 'function') {
    throw new TypeError(`until takes a promise, or a function (signal) => promise, not ${show(work)}.`);
  }
  return new UntilFrame(`until(${checkFunction('until', work).name || 'function'})`, work, late);
}
