/** What a scheduler writes down in debug: where tasks and operations were made, which operations never started, what is held. */

import { callerIn } from '../../stack-frames.ts';
import { STACKS, setStackLimit } from '../../stack-limit.ts';
import { FRESH, type Suspension } from '../operation/suspension.ts';

/** Something that has to be given back before its scheduler is done: a listener, a socket, a file. */
export interface Held {
  /** What kind of thing, in the singular: 'listener', 'connection'. */
  readonly kind: string;
  readonly label: string;
  /** Where it was taken. */
  readonly place: string | null;
}

/** An operation that was made and then neither waited for nor spawned: most often a forgotten `yield*`. */
export interface NeverStarted {
  readonly label: string;
  /** Where it was made. */
  readonly place: string | null;
}

/** How many frames of a stack are kept, the most costly part: our own come first, and then the caller's. */
const FRAMES = 10;
/** The list of operations is cleared of those that have started when it has grown to this, and then to double what is left. */
const FIRST_PRUNE = 1_024;

export class DebugLog {
  readonly #stacks = new WeakMap<object, CapturedStack>();
  readonly #held = new Map<object, { kind: string; label: string }>();
  readonly #hostWaits = new Set<Suspension>();
  #made: Suspension[] = [];
  #pruneAt = FIRST_PRUNE;

  /** Notes where `thing` was made: at the line that is running. */
  mark(thing: object): void {
    this.#stacks.set(thing, stackHere(this.mark));
  }

  /** Notes an operation, which is expected to be started. */
  made(operation: Suspension): void {
    this.#stacks.set(operation, stackHere(this.made));
    this.#made.push(operation);
    if (this.#made.length < this.#pruneAt) return;
    this.#made = this.#made.filter(isUnused);
    this.#pruneAt = Math.max(FIRST_PRUNE, this.#made.length * 2);
  }

  /** Where `thing` was made, as `file:line:column`, or null. */
  placeOf(thing: object): string | null {
    const stack = this.#stacks.get(thing)?.stack;
    return stack === undefined ? null : callerIn(stack);
  }

  /** The operations that were made and never started, oldest first. */
  neverStarted(): NeverStarted[] {
    return this.#made.filter(isUnused).map((each) => ({ label: each.label, place: this.placeOf(each) }));
  }

  hold(kind: string, label: string): () => void {
    const thing = { kind, label };
    this.mark(thing);
    this.#held.set(thing, thing);
    return () => void this.#held.delete(thing);
  }

  held(): Held[] {
    return [...this.#held.values()].map((thing) => ({ ...thing, place: this.placeOf(thing) }));
  }

  hostWait(change: 1 | -1, wait: Suspension): void {
    if (change > 0) this.#hostWaits.add(wait);
    else this.#hostWaits.delete(wait);
  }

  /** The open waits that only the host can end, as far as they gave themselves. */
  hostWaits(): readonly Suspension[] {
    return [...this.#hostWaits];
  }
}

function isUnused(operation: Suspension): boolean {
  return operation.state === FRESH && operation.sink === null && operation.mustStart;
}

interface CapturedStack {
  readonly stack?: string;
}

/** The stack of the line that called `below`; its text is made only when it is read. */
function stackHere(below: unknown): CapturedStack {
  const limit = STACKS.stackTraceLimit;
  if (limit === undefined || STACKS.captureStackTrace === undefined) return new Error('made here') as CapturedStack;
  setStackLimit(FRAMES);
  const here = {};
  STACKS.captureStackTrace(here, below);
  setStackLimit(limit);
  return here;
}

/** The place of the line that is running, outside of this library. */
export function placeHere(): string | null {
  return callerIn(stackHere(placeHere).stack ?? '');
}
