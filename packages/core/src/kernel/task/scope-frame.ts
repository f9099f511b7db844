/** The frame of a scope inside a task: enters it, runs the body, and closes it. */
import { keepShape } from '../operation/keep-shape.ts';
import { neverRun } from '../operation/never-run.ts';
import type { Operation, Suspension } from '../operation/suspension.ts';
import { closeScope } from '../scope/close.ts';
import { CLOSED, type Ending, type Scope } from '../scope/scope.ts';
import { Frame, type Steps } from './frame.ts';
import type { Task } from './task.ts';

/** A scope, and what runs in it. */
export interface Scoped {
  readonly scope: Scope;
  readonly body: Operation<unknown>;
}

/** Runs a body inside a scope of its own, within the same task. */
export class ScopeFrame<T> extends Frame<T> {
  readonly label: string;
  readonly #make: (task: Task) => Scoped;
  #scope: Scope | null = null;

  /** @param make called once, when the frame is entered */
  constructor(label: string, make: (task: Task) => Scoped) {
    super();
    this.label = label;
    this.#make = make;
  }

  protected open(task: Task): Steps {
    task.checkWaits();
    const { scope, body } = this.#make(task);
    this.#scope = scope;
    task.enter(scope);
    return runScope(scope, body);
  }

  override end(task: Task, failed: boolean, outcome: unknown): void {
    const scope = this.#scope;
    if (scope !== null) {
      if (scope.phase !== CLOSED) takeBackChildren(scope, outcome);
      task.leave(scope);
    }
    this.settle(failed, outcome);
  }
}

keepShape(new ScopeFrame('', keepShape as never));

/** The call was taken back before it could wait for them: none has started yet, and none does. */
function takeBackChildren(scope: Scope, reason: unknown): void {
  scope.phase = CLOSED;
  scope.request = { reason, requestedBy: scope.label, from: null };
  scope.cancelChildren(scope.request);
}

function* runScope(scope: Scope, body: Operation<unknown>): Generator<Suspension, unknown> {
  const end: Ending = { failed: false, outcome: undefined, at: 0 };
  try {
    const outcome = yield* body;
    const mistake = typeof outcome === 'object' && outcome !== null ? neverRun(scope.label, body, outcome) : null;
    if (mistake !== null) throw mistake;
    end.outcome = outcome;
  } catch (error) {
    end.failed = true;
    end.outcome = error;
  }
  return yield* closeScope(scope, end);
}
