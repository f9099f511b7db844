import { CancelledError } from '../../errors.ts';
import { runningOrNull } from '../../kernel/operation/suspension.ts';
import { callersIn } from '../../stack-frames.ts';

/** Where a call was made; its text is made only when it is read. */
export interface Line {
  readonly stack?: string;
}

const STACKS = Error as {
  /** V8's own: leaves the frames above `below` out. */
  captureStackTrace?(target: object, below: unknown): void;
};
/** Errors that were given their lines: one may reach several callers. */
const told = new WeakSet<Error>();

/** The line that calls `below`, in debug; null else, as taking a stack costs as much as the whole call. */
export function lineOf(below: unknown): Line | null {
  const log = runningOrNull()?.scheduler.log ?? null;
  if (log === null) return null;
  if (STACKS.captureStackTrace === undefined) return new Error('called here') as Line;
  const here = {};
  STACKS.captureStackTrace(here, below);
  return here;
}

/**
 * Adds the lines of this thread to the stack of an error that came home from another one. Without the line of the call,
 * these are the coroutines on the native stack: those that wait for the call with `yield*`.
 */
export function addLine(error: unknown, line: Line | null): void {
  if (!(error instanceof Error) || error instanceof CancelledError || told.has(error)) return;
  told.add(error);
  const { stack } = error;
  const here = callersIn((line ?? new Error('here')).stack ?? '');
  if (typeof stack !== 'string' || here.length === 0) return;
  const value = `${stack}\n${here.join('\n')}`;
  Object.defineProperty(error, 'stack', { value, enumerable: false, writable: true, configurable: true });
}
