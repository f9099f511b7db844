/** How a cancel reaches everything below a part of a task, in trees of any depth. */
import type { CancelRequest, CancelScope } from './cancel.ts';
import { type Child, Scope } from './scope.ts';

/** A task, as a cancel reaches it. */
export interface Cancellable {
  readonly innermost: CancelScope;
  /** Takes the request for `scope`, a part of this task; false when that changes nothing or the task ends by it. */
  mark(scope: CancelScope, request: CancelRequest): boolean;
  /** Makes what was marked due, and breaks the wait. */
  refresh(): void;
  /** Ends a task that was marked before it had started; does nothing to any other. */
  neverStart(): void;
}

interface Visit {
  readonly task: Cancellable;
  readonly scope: CancelScope;
  readonly request: CancelRequest;
  marked: boolean;
}

/**
 * Cancels `scope`, a part of `task`, with everything below it: children before the task that owns them, siblings in
 * the order of their start. It keeps its own stack, so trees of any depth can be cancelled.
 *
 * @returns whether anything was changed
 */
export function cancelTree(task: Cancellable, scope: CancelScope, request: CancelRequest): boolean {
  if (!task.mark(scope, request)) {
    task.neverStart();
    return scope.request === request;
  }
  if (task.innermost === scope && !(scope instanceof Scope && scope.nursery !== null)) {
    task.refresh();
    return true;
  }
  // A task that has not started ends at once. Its owner may wait for it, and must have got its own cancel before that.
  const unstarted: Cancellable[] = [];
  const path: Visit[] = [{ task, scope, request, marked: true }];
  pushChildren(path, task, scope, request);
  for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
    if (visit.marked) {
      visit.task.refresh();
      path.pop();
    } else if (visit.task.mark(visit.scope, visit.request)) {
      visit.marked = true;
      pushChildren(path, visit.task, visit.scope, visit.request);
    } else {
      unstarted.push(visit.task);
      path.pop();
    }
  }
  for (const each of unstarted) each.neverStart();
  return true;
}

function pushChildren(path: Visit[], task: Cancellable, scope: CancelScope, request: CancelRequest): void {
  for (const owner of ownersWithin(task.innermost, scope)) {
    const children = owner.nursery?.children() ?? [];
    if (children.length === 0) continue;
    const passed = passOn(owner, request);
    for (const child of children.reverse()) {
      const next = child as Child & Cancellable & CancelScope;
      path.push({ task: next, scope: next, request: passed, marked: false });
    }
  }
}

/** The request, as the children of `owner` get it. */
function passOn(owner: Scope, request: CancelRequest): CancelRequest {
  return { ...request, from: { scope: owner.label, request } };
}

/** The owning scopes of a task from `innermost` up to `scope`, without those that a shield inside of it protects. */
function ownersWithin(innermost: CancelScope, scope: CancelScope): Scope[] {
  let inside: Scope[] = [];
  for (let at: CancelScope | null = innermost; at !== null; at = at.outer) {
    if (at.shielded && at !== scope) inside = [];
    else if (at instanceof Scope) inside.push(at);
    if (at === scope) break;
  }
  return inside;
}
