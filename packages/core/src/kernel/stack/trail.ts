/**
 * The way that an error took through tasks, added to its stack: the frames of the `yield*` chain that each wait, and each
 * coroutine that was resumed with it, threw it into, and the tasks that it left.
 *
 * The platform's own stack ends where the scheduler resumed a task. At the throw into that task its whole chain is on the
 * native stack, so it is captured there, and becomes text only when the error's `stack` is read. Nothing is paid for a wait
 * that succeeds, nor for a cancel, which is control flow.
 *
 * | `at`                 | the error is                                     | the next throw                                |
 * | -------------------- | ------------------------------------------------ | --------------------------------------------- |
 * | the number of a task | on its first way, in that task                   | in that task goes on; in another is "also"    |
 * | LEFT                 | on its first way, between two tasks              | goes on                                       |
 * | TOLD                 | thrown elsewhere since                           | is "also"                                     |
 */
import { CancelledError, TaskGroupError } from '../../errors.ts';
import { callersIn, isFrame, withoutOurs } from '../../stack-frames.ts';
import { STACKS, setStackLimit } from '../../stack-limit.ts';

interface Captured {
  readonly stack?: string;
}

/** A step of the way: frames that were captured, or a line. */
interface Part {
  readonly kind: 'wait' | 'again' | 'also' | 'line';
  frames: Captured | readonly string[];
}

interface Trail {
  at: number;
  captured: number;
  readonly parts: Part[];
  /** The stack that the error had, or what finds it out; undefined while its `stack` was left alone. */
  own: string | (() => unknown) | undefined;
  text: unknown;
  /** It was made without a stack: there is none to be read. */
  bare: boolean;
  /** Somebody wrote another stack. */
  over: boolean;
}

const LEFT = -1;
const TOLD = -2;
/** How many times frames are captured for one error, and how many lines are added to it. */
const MOST_SEGMENTS = 8;
const MOST_LINES = 64;
/** Two of the engine's for each generator of a chain, and the runtime's own. */
const MOST_FRAMES = 2 * MOST_LINES + 16;
/** How many errors that lie in each other get their lines at once: making a text is slow, and nobody reads a thousand. */
const MOST_ERRORS = 1_000;
const MOST_MEMBERS = 100;

/** Gives back what it is given: the class below adds its field to that. */
function Same(error: object): object {
  return error;
}

/**
 * Keeps the trail in the error itself, in a field that nobody sees and that a frozen object can have. An error belongs to no
 * scheduler, as it may pass through several; and of a `WeakMap` each collection of garbage would look at every entry.
 */
class Trails extends (Same as unknown as new (error: object) => object) {
  #trail: Trail = { at: LEFT, captured: 0, parts: [], own: undefined, text: null, bare: false, over: false };

  static of(error: unknown): Trail | undefined {
    if (typeof error !== 'object' || error === null || !(#trail in error) || error.#trail.over) return undefined;
    return error.#trail;
  }

  static begin(error: object): Trail {
    if (!(#trail in error)) new Trails(error);
    const trail = (error as Trails).#trail;
    if (trail.over) {
      trail.parts.length = 0;
      Object.assign(trail, { at: LEFT, captured: 0, own: undefined, text: null, bare: false, over: false });
    }
    return trail;
  }
}

/** How newer engines keep the text of a stack: behind an accessor, the same one for all. */
const NATIVE = Object.getOwnPropertyDescriptor(new Error(), 'stack')?.get;

/** Makes an error of the runtime's own: its stack begins where it is thrown into a task. */
export function stackless<E extends Error>(make: () => E): E {
  const limit = STACKS.stackTraceLimit;
  if (limit === undefined || limit === 0) return make();
  setStackLimit(0);
  try {
    const error = make();
    Trails.begin(error).bare = true;
    return error;
  } finally {
    setStackLimit(limit);
  }
}

/** A wait throws `error` into task `at`; `below` is the function that throws it. Returns the error, always the same. */
export function thrownByWait(error: unknown, at: number, below: unknown): unknown {
  return pass(error, at, below, 'again');
}

/** The same for an error that may have been made right now, with the outer frames in its own stack: no line is told twice. */
export function thrownNow(error: unknown, at: number, below: unknown): unknown {
  return pass(error, at, below, 'wait');
}

/** The same where an error leaves a library's own generators: one that a wait in them threw has the outer frames already. */
export function thrownBy(error: unknown, at: number, below: unknown): unknown {
  const trail = Trails.of(error);
  if (trail === undefined ? isCancel(error) : trail.at === at) return error;
  return pass(error, at, below, 'wait');
}

/** A frame of task `at` that was resumed throws the error that came out of the one above. */
export function thrownByFrame(error: unknown, at: number, below: unknown): unknown {
  const trail = Trails.of(error);
  if (trail === undefined ? isCancel(error) : trail.at !== at && trail.at !== LEFT) return error;
  return pass(error, at, below, 'again', true);
}

/** An error that the library makes for its users outside of all tasks: its own lines are left out. Returns it. */
export function withoutOurLines<E extends Error>(error: E): E {
  if (!isOff()) install(error, Trails.begin(error));
  return error;
}

/** `error` is the outcome of task `at`. */
export function leftTask(error: unknown, at: number, label: () => string): void {
  if (isOff() || !isError(error)) return;
  let trail = Trails.of(error);
  if (trail === undefined) trail = Trails.begin(error);
  else if (trail.at !== at && (trail.at !== LEFT || trail.parts.length > 0)) return;
  trail.at = LEFT;
  if (trail.parts.length < MOST_LINES) add(trail, 'line', [`    at async ${label()}`]);
}

/** `error` is handed from the task that it was thrown in to another one, by something other than its end. Returns it. */
export function handedOver(error: unknown): unknown {
  const trail = Trails.of(error);
  if (trail !== undefined && trail.at !== TOLD) trail.at = LEFT;
  return error;
}

/** The error reaches somebody outside of all tasks: it, and every error in it, gets what is known. Returns it. */
export function surfaced(error: unknown): unknown {
  const seen = new Set<unknown>([error]);
  let errors = 0;
  // The set grows while it is walked: errors may lie in each other as deep as scopes do.
  for (const each of seen) {
    if (!isError(each)) continue;
    if (++errors > MOST_ERRORS) break;
    showTrail(each);
    for (const part of partsOf(each)) seen.add(part);
  }
  return error;
}

function partsOf(error: object): unknown[] {
  try {
    const { cause, errors, error: later, suppressed } = error as { [part: string]: unknown };
    return [...(Array.isArray(errors) ? errors : []), cause, later, suppressed];
  } catch {
    return [];
  }
}

function pass(error: unknown, at: number, below: unknown, kind: 'wait' | 'again', frame = false): unknown {
  if (isOff() || !isError(error)) return error;
  const trail = Trails.of(error) ?? Trails.begin(error);
  if (trail.captured >= MOST_SEGMENTS) {
    if (trail.at === LEFT) trail.at = at;
    return error;
  }
  const fresh = trail.at === LEFT || (frame && trail.at === at);
  trail.at = fresh ? at : TOLD;
  if (!install(error, trail)) return error;
  trail.captured++;
  add(trail, fresh ? kind : 'also', capture(below));
  if (error instanceof TaskGroupError) for (const each of error.errors.slice(0, MOST_MEMBERS)) showTrail(each);
  return error;
}

function isOff(): boolean {
  return STACKS.stackTraceLimit === 0;
}

function isCancel(error: unknown): boolean {
  try {
    return error instanceof CancelledError;
  } catch {
    return false;
  }
}

function isError(value: unknown): value is object {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  } catch {
    return false;
  }
}

function add(trail: Trail, kind: Part['kind'], frames: Part['frames']): void {
  trail.parts.push({ kind, frames });
  trail.text = null;
}

function capture(below: unknown): Captured {
  const { stackTraceLimit: limit } = STACKS;
  if (STACKS.captureStackTrace === undefined) return new Error() as Captured;
  const here = {};
  const raise = limit !== undefined && limit < MOST_FRAMES;
  if (raise) setStackLimit(MOST_FRAMES);
  STACKS.captureStackTrace(here, below);
  if (raise) setStackLimit(limit);
  return here;
}

function showTrail(error: object): void {
  const trail = Trails.of(error);
  if (trail !== undefined) install(error, trail);
}

/** Puts the way into the error's `stack`, once; false where that cannot be: then it is left as it is, for good. */
function install(error: object, trail: Trail): boolean {
  if (trail.own !== undefined) return true;
  try {
    const own = trail.bare || error instanceof CancelledError ? () => headOf(error) : ownStack(error);
    if (own !== undefined) {
      Object.defineProperty(error, 'stack', STACK);
      trail.own = own;
      return true;
    }
  } catch {
    // A getter of its own throws, or it is a proxy that does.
  }
  trail.captured = MOST_SEGMENTS;
  return false;
}

/** One for all errors, so that they keep one shape. What inherits from an error, or stands for it, reads its stack, too. */
const STACK: PropertyDescriptor = {
  configurable: true,
  get(): unknown {
    for (let at: unknown = this; at !== null; at = Object.getPrototypeOf(at)) {
      const trail = Trails.of(at);
      if (trail === undefined) continue;
      trail.text ??= textOf(trail);
      return trail.text;
    }
    return headOf(this);
  },
  set(value: unknown) {
    const trail = Trails.of(this);
    if (trail !== undefined) trail.over = true;
    Object.defineProperty(this, 'stack', { value, writable: true, configurable: true });
  },
};

/** What the stack says so far, or what finds it out; undefined where it is not the engine's any more, or cannot be changed. */
function ownStack(error: object): Trail['own'] {
  const found = Object.getOwnPropertyDescriptor(error, 'stack');
  if (found === undefined) {
    const { stack } = error as Captured;
    return typeof stack === 'string' && Object.isExtensible(error) ? stack : undefined;
  }
  const { configurable, get, value } = found;
  if (configurable !== true) return undefined;
  if (get !== undefined && get === NATIVE) return () => get.call(error) as unknown;
  return typeof value === 'string' ? value : undefined;
}

function headOf(error: unknown): string {
  return Error.prototype.toString.call(error);
}

/** What the stack says; one that somebody has made something else than a text is left as it is. */
function textOf(trail: Trail): unknown {
  const text = typeof trail.own === 'function' ? trail.own() : trail.own;
  if (typeof text !== 'string') return text;
  const own = text.split('\n');
  trail.own = own.join('\n');
  const at = own.findIndex(isFrame);
  const head = at < 0 ? own : own.slice(0, at);
  const lines = at < 0 ? [] : withoutOurs(own.slice(at));
  const most = Math.max(lines.length, MOST_LINES);
  const also: string[] = [];
  for (const part of trail.parts) {
    if (!Array.isArray(part.frames)) part.frames = callersIn((part.frames as Captured).stack ?? '');
    const frames = part.frames as readonly string[];
    if (part.kind === 'line') lines.push(...frames);
    else if (part.kind === 'also')
      also.push(...frames.slice(0, 1).map((line) => line.replace(/^\s*at/, '    also thrown at')));
    else lines.push(...goOn(lines, frames, part.kind));
  }
  return [...head, ...[...lines, ...also].slice(0, most)].join('\n');
}

/** The frames that come after `lines`: in the same native stack without those that are there already, else as awaited. */
function goOn(lines: readonly string[], frames: readonly string[], kind: Part['kind']): readonly string[] {
  if (lines.length === 0) return frames;
  if (kind === 'wait') {
    for (let same = Math.min(lines.length, frames.length); same > 0; same--) {
      if (frames.slice(0, same).every((line, i) => line === lines[lines.length - same + i])) return frames.slice(same);
    }
  }
  return frames.map((line) => line.replace(/^(\s*at )(?:async )?/, '$1async '));
}
