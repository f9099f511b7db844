/**
 * The way that an error took: which coroutines it left, of which tasks, joined by whom. The platform's stack ends at the
 * innermost frame, as everything below was resumed by the scheduler.
 *
 * It is written down only when an error leaves a frame or a task, as a label and no more; it becomes text, at the end of
 * the error's own stack, when the error surfaces: at the promise of `run`, or as unhandled.
 */
import { CancelledError } from '../../errors.ts';

interface Story {
  readonly lines: string[];
  /** How many of them are in the stack. */
  told: number;
}

/** A recursion that fails leaves many frames: the innermost ones tell enough. */
const MOST_LINES = 40;

/** Making the text of a stack is slow, and nobody reads a thousand of them. */
const MOST_ERRORS = 1_000;

/** A cancel carries who asked and through which scopes, so it needs no more; what is no error has no stack. */
export function hasStory(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof CancelledError);
}

export class Stories {
  readonly #stories = new WeakMap<Error, Story>();

  /** Notes that `error` left `label`, which was made at `place`, where that is known. */
  note(error: Error, label: string, place: string | null): void {
    let story = this.#stories.get(error);
    if (story === undefined) {
      story = { lines: [], told: 0 };
      this.#stories.set(error, story);
    }
    if (story.lines.length < MOST_LINES) story.lines.push(place === null ? label : `${label} (${place})`);
    else if (story.lines.length === MOST_LINES) story.lines.push('more');
  }

  /** Adds what is known to the stacks of `error` and of every error in it. */
  tell(error: unknown): void {
    const seen = new Set<unknown>([error]);
    let errors = 0;
    // The set grows while it is walked: errors may lie in each other as deep as scopes do.
    for (const each of seen) {
      if (!(each instanceof Error)) continue;
      if (++errors > MOST_ERRORS) return;
      const story = this.#stories.get(each);
      if (story !== undefined) append(each, story);
      const parts = each as { cause?: unknown; errors?: unknown; error?: unknown; suppressed?: unknown };
      for (const part of Array.isArray(parts.errors) ? parts.errors : []) seen.add(part);
      for (const part of [parts.cause, parts.error, parts.suppressed]) seen.add(part);
    }
  }
}

function append(error: Error, story: Story): void {
  const fresh = story.lines.slice(story.told);
  const { stack } = error;
  if (fresh.length === 0 || typeof stack !== 'string') return;
  story.told = story.lines.length;
  const value = `${stack}${fresh.map((line) => `\n    at ${line}`).join('')}`;
  try {
    Object.defineProperty(error, 'stack', { value, writable: true, configurable: true });
  } catch {
    // A frozen error keeps the stack that it has.
  }
}
