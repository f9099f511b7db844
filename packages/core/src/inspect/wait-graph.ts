import { everyTask } from './every-task.ts';
import { cyclesIn } from './find-cycle.ts';
import type { TaskView } from './task-view.ts';
import { taskTree } from './tree.ts';

/** That one task waits for another. */
export interface WaitEdge {
  /** The id of the task that waits. */
  readonly from: number;
  /** The id of the task that can end the wait. */
  readonly to: number;
  /** What is waited for, as in `lock.acquire()`. */
  readonly waitsFor: string;
}

/** Who waits for whom. */
export interface WaitGraph {
  readonly nodes: readonly TaskView[];
  readonly edges: readonly WaitEdge[];
  /** Tasks that wait for each other, so that none can go on; in each circle the first task stands again at its end. */
  readonly cycles: readonly (readonly TaskView[])[];
}

/**
 * Who waits for whom: tasks for what they join, for their children, for the holders of locks and of the permits of semaphores.
 *
 * A task that waits for one of several holders is in a circle only where all of them wait. What something else than a task ends,
 * such as a timer, a queue or an event, has no edge.
 *
 * @param tree by default that of the running scheduler
 * @example
 * ```ts
 * import { Lock, run, spawn, tick } from '@coloop/core';
 * import { waitGraph } from '@coloop/core/inspect';
 *
 * function* both(first: Lock, second: Lock) {
 *   using one = yield* first.acquire();
 *   yield* tick();
 *   using two = yield* second.acquire();
 * }
 *
 * await run(function* main() {
 *   const [left, right] = [new Lock(), new Lock()];
 *   const tasks = [spawn(both(left, right), { name: 'a' }), spawn(both(right, left), { name: 'b' })];
 *   yield* tick();
 *   yield* tick();
 *   console.log(waitGraph().cycles[0]?.map((task) => task.name).join(' -> ')); //> a -> b -> a
 *   for (const task of tasks) yield* task.cancel();
 * });
 * ```
 */
export function waitGraph(tree: readonly TaskView[] = taskTree()): WaitGraph {
  const nodes = [...everyTask(tree)];
  const known = new Set(nodes.map(({ id }) => id));
  const edges = nodes.flatMap(({ id: from, dependsOn, holders, waitsFor }) =>
    [...new Set([...dependsOn, ...(holders ?? [])])]
      .filter((to) => known.has(to))
      .map((to): WaitEdge => ({ from, to, waitsFor: waitsFor ?? '' })),
  );
  return { nodes, edges, cycles: cyclesIn(tree) };
}
