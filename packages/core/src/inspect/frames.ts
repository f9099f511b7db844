/**
 * The lines on which a waiting task is suspended: its chain of generators is asked for them, at no cost until then.
 *
 * Its next `yield*` would come to the same wait; the way there, which is on the native stack while that wait answers, is
 * what is read here. A ready task is not asked, since asking it would take its value.
 */
import { chain, Suspension } from '../kernel/operation/suspension.ts';
import type { Steps } from '../kernel/task/frame.ts';
import type { Task } from '../kernel/task/task.ts';
import { callerIn } from '../stack-frames.ts';
import { STACKS, setStackLimit } from '../stack-limit.ts';

/** One line on which a task is suspended. */
export interface FrameView {
  /** A path or a URL, as the platform writes it in stacks. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The function, as far as the platform knows a name; else an empty text. */
  readonly function: string;
}

/** Enough for every chain that `yield*` can build. */
const MOST_FRAMES = 20_000;
const GENERATOR = Object.getPrototypeOf(function* () {}).prototype as Iterator<unknown>;
/** Tasks in whose chain something else than a generator has answered: to ask once more could do harm. */
const handWritten = new WeakSet<Task>();

/** Innermost first, of a task that waits; null where an iterator that was written by hand has answered. */
export function framesOf(task: Task): readonly FrameView[] | null {
  if (handWritten.has(task)) return null;
  const frames: FrameView[] = [];
  for (let at = task.top; at !== null; at = at.below) if (!standsIn(at.steps, task, frames)) return null;
  return standsIn(task.root, task, frames) ? frames : null;
}

/** The lines that run now, innermost first: where a look at the program interrupts it. */
export function framesHere(): readonly FrameView[] {
  const limit = STACKS.stackTraceLimit;
  setStackLimit(MOST_FRAMES);
  const { stack = '' } = new Error('here');
  setStackLimit(limit);
  return stack.split('\n').flatMap((line) => frameIn(line) ?? []);
}

/** Adds the frames of one chain; false where they cannot be known. */
function standsIn(steps: Steps | null, task: Task, frames: FrameView[]): boolean {
  // A wait that is not inside of a generator has no line.
  if (steps === null || steps instanceof Suspension) return true;
  if (!isGenerator(steps)) return false;
  const lines = linesOf(steps);
  if (lines === null) {
    handWritten.add(task);
    return false;
  }
  for (const line of lines) {
    const frame = frameIn(line);
    if (frame !== null) frames.push(frame);
  }
  return true;
}

/** Only the engine's own `next` runs no code of the user's by itself. */
function isGenerator(steps: Steps): boolean {
  return (steps as { next: unknown }).next === GENERATOR.next && !Object.hasOwn(steps, 'next');
}

const END = Object.keys(chain)[0] as string;

function linesOf(steps: Steps): readonly string[] | null {
  const { stackTraceLimit: limit } = STACKS;
  let stack = '';
  setStackLimit(MOST_FRAMES);
  try {
    const answered = chain.whereAChainOfColoopStands(steps, (below) => {
      const here: { stack?: string } = STACKS.captureStackTrace === undefined ? new Error() : {};
      STACKS.captureStackTrace?.(here, below);
      stack = here.stack ?? '';
    });
    if (!answered) return null;
  } catch {
    // It was not asked for an answer that it can give.
    return null;
  } finally {
    setStackLimit(limit);
  }
  const lines = stack.split('\n');
  const end = lines.findIndex((line) => line.includes(END));
  return end < 0 ? [] : lines.slice(0, end);
}

/** The frame in a line of a stack, `at name (place)` or `name@place`; null where it is none of a user's. */
function frameIn(text: string): FrameView | null {
  const [, file, line, column] = /^(.*):(\d+):(\d+)$/.exec(callerIn(text) ?? '') ?? [];
  if (file === undefined) return null;
  const [, name = ''] = /^\s+at (?:async )?(.*?) \(/.exec(text) ?? /^([^@]*)@/.exec(text) ?? [];
  return { file, line: Number(line), column: Number(column), function: nameIn(name) };
}

/** Without what engines write for every generator that is resumed. */
function nameIn(name: string): string {
  return name
    .replace(/^(?:Object|Generator|Array|Module|global)\./, '')
    .replace(/ \[as next\]$/, '')
    .replace(/^<anonymous>$/, '');
}
