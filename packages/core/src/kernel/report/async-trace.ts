/**
 * The way that an error took, its async stack trace: which coroutines it left, of which tasks, joined by whom. The platform's stack ends at the
 * innermost frame, as everything below was resumed by the scheduler.
 *
 * It is written down only when an error leaves a frame or a task, as a label and no more; it becomes text, at the end of
 * the error's own stack, when the error surfaces: at the promise of `run`, or as unhandled.
 */
import { CancelledError } from '../../errors.ts';

interface AsyncTrace {
  readonly lines: string[];
  /** How many of them are in the stack. */
  attached: number;
}

/** A recursion that fails leaves many frames: the innermost ones tell enough. */
const MOST_LINES = 40;

/** Making the text of a stack is slow, and nobody reads a thousand of them. */
const MOST_ERRORS = 1_000;

/** A cancel carries who asked and through which scopes, so it needs no more; only an error has a stack. */
export function hasAsyncTrace(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof CancelledError);
}

export class AsyncTraces {
  readonly #traces = new WeakMap<Error, AsyncTrace>();

  /** Notes that `error` left `label`, which was made at `place`, where that is known. */
  record(error: Error, label: string, place: string | null): void {
    let trace = this.#traces.get(error);
    if (trace === undefined) {
      trace = { lines: [], attached: 0 };
      this.#traces.set(error, trace);
    }
    if (trace.lines.length < MOST_LINES) trace.lines.push(place === null ? label : `${label} (${place})`);
    else if (trace.lines.length === MOST_LINES) trace.lines.push('more');
  }

  /** Adds what is known to the stacks of `error` and of every error in it. */
  attach(error: unknown): void {
    const seen = new Set<unknown>([error]);
    let errors = 0;
    // The set grows while it is walked: errors may lie in each other as deep as scopes do.
    for (const each of seen) {
      if (!(each instanceof Error)) continue;
      if (++errors > MOST_ERRORS) return;
      const trace = this.#traces.get(each);
      if (trace !== undefined) append(each, trace);
      const parts = each as { cause?: unknown; errors?: unknown; error?: unknown; suppressed?: unknown };
      for (const part of Array.isArray(parts.errors) ? parts.errors : []) seen.add(part);
      for (const part of [parts.cause, parts.error, parts.suppressed]) seen.add(part);
    }
  }
}

function append(error: Error, trace: AsyncTrace): void {
  const fresh = trace.lines.slice(trace.attached);
  const { stack } = error;
  if (fresh.length === 0 || typeof stack !== 'string') return;
  trace.attached = trace.lines.length;
  const value = `${stack}${fresh.map((line) => `\n    at ${line}`).join('')}`;
  try {
    Object.defineProperty(error, 'stack', { value, writable: true, configurable: true });
  } catch {
    // A frozen error keeps the stack that it has.
  }
}
