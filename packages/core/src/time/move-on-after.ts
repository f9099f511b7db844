import { TimeoutError } from '../errors.ts';
import { refuseMore } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { type DeadlineBody, DeadlineFrame } from './deadline.ts';
import { toDelay } from './timeout.ts';

/** What `moveOnAfter` returns: the value, or that the time was up. */
export type Moved<T> = { timedOut: false; value: T } | { timedOut: true; value: undefined };

const CALL = 'moveOnAfter(ms, …)';

class MoveOnAfter<T> extends DeadlineFrame<T, Moved<T>> {
  constructor(ms: number, body: DeadlineBody<T>) {
    super('moveOnAfter', CALL, ms, body);
  }

  protected get call(): string {
    return CALL;
  }

  get label(): string {
    return `moveOnAfter(${this.ms})`;
  }

  protected finished(value: T): void {
    this.settle(false, { timedOut: false, value });
  }

  protected timedOut(): void {
    this.settle(false, { timedOut: true, value: undefined });
  }

  protected timeoutError(): TimeoutError {
    return new TimeoutError(`The deadline of ${this.ms} ms passed.`);
  }
}

/**
 * Runs an operation under a deadline and goes on without an error when it passes.
 *
 * Cancellation: as `timeout`.
 *
 * @param when milliseconds from the start of the operation, or a Date
 * @param body an operation, or a function that receives the deadline and returns one
 * @returns `{ timedOut: false, value }`, or `{ timedOut: true, value: undefined }`
 * @example
 * ```ts
 * import { moveOnAfter, run, sleep } from '@coloop/core';
 *
 * const late = await run(() => moveOnAfter(10, sleep(1000, 'slow')));
 * console.log(late); //> { timedOut: true, value: undefined }
 * ```
 * Source: Trio's `move_on_after`.
 */
export function moveOnAfter<T>(when: number | Date, body: DeadlineBody<T>): Operation<Moved<T>>;
export function moveOnAfter<T>(when: number | Date, body: DeadlineBody<T>, ...more: unknown[]): Operation<Moved<T>> {
  refuseMore('moveOnAfter(ms, body)', more);
  return new MoveOnAfter(toDelay('moveOnAfter', when), body);
}
