/** `timeout`: a deadline that throws when it passes. */
import { TimeoutError } from '../errors.ts';
import { keepShape } from '../kernel/operation/keep-shape.ts';
import { refuseMore } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { defaultScheduler } from '../kernel/scheduler/run.ts';
import { stackless } from '../kernel/stack/trail.ts';
import { type DeadlineBody, DeadlineFrame } from './deadline.ts';

const CALL = 'timeout(ms, …)';

class Timeout<T> extends DeadlineFrame<T, T> {
  constructor(ms: number, body: DeadlineBody<T>) {
    super('timeout', CALL, ms, body);
  }

  protected get call(): string {
    return CALL;
  }

  get label(): string {
    return `timeout(${this.ms})`;
  }

  protected finished(value: T): void {
    this.settle(false, value);
  }

  protected timedOut(): void {
    this.settle(true, this.timeoutError());
  }

  protected timeoutError(): TimeoutError {
    return stackless(
      () =>
        new TimeoutError(`The deadline of ${this.ms} ms passed. Give more time, or look at what the body waits for.`),
    );
  }
}

keepShape(new Timeout(0, keepShape as never));

/**
 * Runs an operation under a deadline that covers everything inside it, in any depth and however often it waits.
 *
 * A value that was ready in time beats the deadline. Nested deadlines are independent; of two equal ones the outer
 * wins. Tasks that the body spawns into an outer scope are not covered: use a `group` inside.
 *
 * Cancellation: a cancel from outside stays a cancel. When the deadline passes, the body is cancelled, its cleanup runs
 * to its end (within the grace), then `TimeoutError` is thrown.
 *
 * @param when milliseconds from the start of the operation, or a Date; Infinity for no limit; 0 and less are due at the first wait
 * @param body an operation, or a function that receives the deadline and returns one
 * @throws TimeoutError when the deadline has passed; RangeError for NaN, at the call.
 * @example
 * ```ts
 * import { run, sleep, timeout, TimeoutError } from '@coloop/core';
 *
 * await run(function* () {
 *   try {
 *     yield* timeout(10, sleep(1000));
 *   } catch (error) {
 *     console.log(error instanceof TimeoutError); //> true
 *   }
 * });
 * ```
 * Source: `asyncio.timeout`, Trio's `fail_after`.
 */
export function timeout<T>(when: number | Date, body: DeadlineBody<T>): Operation<T>;
export function timeout<T>(when: number | Date, body: DeadlineBody<T>, ...more: unknown[]): Operation<T> {
  refuseMore('timeout(ms, body)', more);
  return new Timeout(toDelay('timeout', when), body);
}

/** Milliseconds from now: a Date is wall-clock time, which is turned into a delay at once. */
export function toDelay(what: string, when: number | Date): number {
  if (!(when instanceof Date)) return when;
  const at = when.getTime();
  if (Number.isNaN(at))
    throw new RangeError(`${what} got an invalid Date. Give a Date that has a time, or milliseconds.`);
  return Math.max(0, at - defaultScheduler().wallNow());
}
