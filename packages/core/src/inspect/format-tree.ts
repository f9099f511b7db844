import { everyTask } from './every-task.ts';
import { placeOf, textOf } from './place-of.ts';
import type { TaskView } from './task-view.ts';

/** How many lines of a task are shown; a recursion may have thousands. */
const MOST_LINES = 20;

/**
 * A tree of tasks as text: what each task waits for, below it the lines on which it is suspended, and its children further in.
 *
 * @example
 * ```ts
 * import { run } from '@coloop/core';
 * import { formatTree, taskTree } from '@coloop/core/inspect';
 *
 * await run(function* main() {
 *   console.log(formatTree(taskTree()).trim()); //> task main: running
 * });
 * ```
 */
export function formatTree(tree: readonly TaskView[], indent = ''): string {
  return format(tree, indent, new Map([...everyTask(tree)].map((task) => [task.id, task])));
}

/** The tasks of the whole tree by their ids. */
type Known = ReadonlyMap<number, TaskView>;

function format(tree: readonly TaskView[], indent: string, known: Known): string {
  return tree
    .map((task) => {
      const line = lineOf(task) + holdersOf(task, known);
      return `${indent}${line}\n${linesBelow(task, indent)}${format(task.children, `${indent}  `, known)}`;
    })
    .join('');
}

function lineOf(task: TaskView): string {
  const made = task.place === null ? '' : ` (made at ${task.place})`;
  const waits = task.waitsFor === null ? '' : ` for ${task.waitsFor}`;
  const waited = task.waitedFor === null ? '' : ` after ${task.waitedFor}`;
  const deadline = task.deadline === null ? '' : `, ${Math.round(task.deadline)} ms before its deadline`;
  const place = placeOf(task);
  const at = place !== null ? `, at ${place}` : task.framesUnknown ? ', on unknown lines' : '';
  return `task ${task.name}${task.daemon ? ', a daemon' : ''}${made}: ${task.status}${waits}${waited}${deadline}${at}`;
}

/** Who has what a task waits for, and where they stand; a join names its task by itself. */
function holdersOf({ holders, waitsFor }: TaskView, known: Known): string {
  const named = (holders ?? []).flatMap((id) => known.get(id) ?? []);
  const [first] = named;
  if (first === undefined || waitsFor?.includes(`task ${first.name}`) === true) return '';
  const place = placeOf(first);
  const more = named.length === 1 ? '' : ` and ${named.length - 1} more`;
  return `; held by task ${first.name}${place === null ? '' : `, which is at ${place}`}${more}`;
}

/** All of its lines, where the one that stands beside its name is not the only one. */
function linesBelow(task: TaskView, indent: string): string {
  const frames = task.frames ?? [];
  if (frames.length < 2 && frames.every(({ file, line }) => placeOf(task)?.startsWith(`${file}:${line}:`))) return '';
  const shown = frames
    .slice(0, MOST_LINES)
    .map((frame) => `at ${frame.function === '' ? textOf(frame) : `${frame.function} (${textOf(frame)})`}`);
  if (frames.length > MOST_LINES) shown.push(`and ${frames.length - MOST_LINES} more`);
  return shown.map((line) => `${indent}    ${line}\n`).join('');
}
