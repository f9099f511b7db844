/** All tasks of a process, as the copies of the library in it tell them. */
import type { Operation } from '@coloop/core';
import { type TaskRecord, type TaskView, treesOf } from '@coloop/core/inspect';
import { CommandError } from '../command.ts';
import { attach, stay, type Target } from './attach.ts';
import { pidIn } from './check-target.ts';
import { readSocket } from './read-socket.ts';

/** What one copy of the library runs. */
export interface CopyTrees {
  /** Where it was loaded from. */
  readonly from: string;
  /** The tasks of each of its schedulers; null where it is too old to be asked. */
  readonly trees: readonly (readonly TaskView[])[] | null;
}

/** How long the program stands still at once while it is looked at, in ms. */
const SLICE = 10;
/** After how many of them we say that we are still there. */
const SLICES_PER_SIGN = 25;

const COPIES = `(globalThis[Symbol.for('@coloop/core: copies')] ?? []).map((copy) => ({ from: copy.from, look: copy.inspect?.() }))`;
const LIST = 'function () { return this.map(({ from, look }) => ({ from, known: look !== undefined })); }';
const NEXT = 'function (at, limit) { return this[at].look.next(limit); }';

/** @param args what was typed behind the command: the number of a process, or the path of a socket */
export function* lookAt(args: readonly string[]): Operation<readonly CopyTrees[]> {
  const [path = ''] = args;
  if (args.length === 1 && path.includes('/')) {
    const { from, records } = yield* readSocket(path);
    return [{ from, trees: treesOf(records) }];
  }
  const pid = pidIn(args);
  const copies = yield* attach(pid, readCopies);
  if (copies.length > 0) return copies;
  throw new CommandError(`Process ${pid} has no coloop in it, or has not run a task yet.`);
}

/** All tasks as they are now. */
export function* readCopies(target: Target): Operation<CopyTrees[]> {
  const { inspector } = target;
  const found = yield* inspector.evaluate(COPIES);
  const list = (yield* inspector.call(found, LIST)) as { from: string; known: boolean }[];
  const copies: CopyTrees[] = [];
  for (const [at, { from, known }] of list.entries()) {
    copies.push({ from, trees: known ? treesOf(yield* readRecords(target, found, at)) : null });
  }
  return copies;
}

function* readRecords(target: Target, found: string, at: number): Operation<TaskRecord[]> {
  const records: TaskRecord[] = [];
  for (let slice = 1; ; slice++) {
    const some = (yield* target.inspector.call(found, NEXT, at, SLICE)) as TaskRecord[] | null;
    if (some === null) return records;
    for (const each of some) records.push(each);
    if (slice % SLICES_PER_SIGN === 0) yield* stay(target);
  }
}
