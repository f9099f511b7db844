import type { Task } from '../kernel/task/task.ts';
import { childrenOf } from './task-view.ts';

/** A task that is yet to be looked at. */
interface Ahead<P> {
  readonly task: Task;
  readonly below: P | null;
}

/**
 * A way through a tree of tasks that can stop after each of them: a large tree is looked at in parts, and the program goes on
 * in between. A list in place of a recursion: the tree may be deeper than the native stack.
 */
export class TreeWalk<P> {
  readonly #ahead: Ahead<P>[] = [];
  readonly #look: (task: Task, children: readonly Task[], below: P | null) => P;

  /** @param look is called for each task, an owner before its children, with what it made of the owner */
  constructor(roots: Iterable<Task>, look: (task: Task, children: readonly Task[], below: P | null) => P) {
    this.#look = look;
    this.#add([...roots], null);
  }

  /** Looks at the next task; false when there is none. */
  step(): boolean {
    const next = this.#ahead.pop();
    if (next === undefined) return false;
    // It may have ended since its owner was looked at.
    if (next.task.done) return true;
    const children = childrenOf(next.task);
    this.#add(children, this.#look(next.task, children, next.below));
    return true;
  }

  #add(tasks: readonly Task[], below: P | null): void {
    // The first one is taken from the end.
    for (let at = tasks.length - 1; at >= 0; at--) this.#ahead.push({ task: tasks[at] as Task, below });
  }
}
