/*
 * Errors of what the caller handed in: a stream of the body, a function that makes one, a callback. They are told as they
 * are, and are never the server's fault, whatever their class and code: so they are known by where they came from.
 */
import type { Call } from './request.ts';

const errors = new WeakMap<Call, unknown>();

/** Notes that an error of this call came from the caller. */
export function noteOwnError(call: Call, error: unknown): void {
  errors.set(call, error);
}

/** Whether an error of this call came from the caller: another attempt is none of its business. */
export function isOwnError(call: Call, error: unknown): boolean {
  return errors.has(call) && errors.get(call) === error;
}
