import { CancelledError } from '../../errors.ts';
import { callersIn } from '../../kernel/report/debug.ts';

/** Where a call was made; its text is made only when it is read. */
export interface Line {
  readonly stack?: string;
}

const STACKS = Error as {
  stackTraceLimit?: number;
  /** V8's own: leaves the frames above `below` out. */
  captureStackTrace?(target: object, below: unknown): void;
};
/** Taken for every call, so only what tells most: each frame has its price. */
const FRAMES = 4;
/** Errors that were given their lines: one may reach several callers. */
const told = new WeakSet<Error>();

/** The line that calls `below`. */
export function lineOf(below: unknown): Line {
  const limit = STACKS.stackTraceLimit;
  if (limit === undefined || STACKS.captureStackTrace === undefined) return new Error('called here') as Line;
  STACKS.stackTraceLimit = FRAMES;
  const here = {};
  STACKS.captureStackTrace(here, below);
  STACKS.stackTraceLimit = limit;
  return here;
}

/** Adds the lines of this thread to the stack of an error that came home from another one. */
export function addLine(error: unknown, line: Line): void {
  if (!(error instanceof Error) || error instanceof CancelledError || told.has(error)) return;
  told.add(error);
  const { stack } = error;
  const here = callersIn(line.stack ?? '');
  if (typeof stack !== 'string' || here.length === 0) return;
  const value = `${stack}\n${here.join('\n')}`;
  Object.defineProperty(error, 'stack', { value, enumerable: false, writable: true, configurable: true });
}
