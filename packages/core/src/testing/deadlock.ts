import { DeadlockError } from '../errors.ts';
import { cyclesIn, formatCycle } from '../inspect/find-cycle.ts';
import { formatTree } from '../inspect/format-tree.ts';
import { taskTree } from '../inspect/tree.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { withoutOurLines } from '../kernel/stack/trail.ts';

/** The error for a scheduler in which nothing can ever run again: every task, the circle, open waits for the host. */
export function toDeadlockError(scheduler: Scheduler): DeadlockError {
  const tree = taskTree(scheduler);
  const cycles = cyclesIn(tree);
  const [cycle = []] = cycles;
  const parts = [`Nothing can ever run again: ${hostOf(scheduler)}`, formatTree(tree, '  ').trimEnd()];
  for (const each of cycles) {
    const steps = each.slice(0, -1).map((task) => `task ${task.name} waits for ${task.waitsFor}`);
    parts.push(`They wait in a circle: ${steps.join(' -> ')} -> task ${each[0]?.name}\n${formatCycle(each).trimEnd()}`);
  }
  const forgotten = scheduler.log?.neverStarted() ?? [];
  if (forgotten.length > 0) {
    const list = forgotten.map(({ label, place }) => `  ${label}${place === null ? '' : `, made at ${place}`}`);
    parts.push(`Operations that were made and never started (is a \`yield*\` missing?):\n${list.join('\n')}`);
  }
  return withoutOurLines(
    new DeadlockError(
      parts.join('\n'),
      cycle.map((task) => task.name),
    ),
  );
}

function hostOf(scheduler: Scheduler): string {
  const count = scheduler.hostWaits;
  if (count === 0) return 'no timer is set, and nothing is waited for that the host could give.';
  const names = scheduler.log?.hostWaits().map((wait) => wait.label) ?? [];
  const waits = count === 1 ? '1 wait for the host is' : `${count} waits for the host are`;
  const which = names.length === 0 ? '' : `: ${names.join(', ')}`;
  return `no timer is set, and the host has given nothing for 1 s, for which ${waits} open${which}.`;
}
