/**
 * Explicit frames: how a deep chain of calls costs the same per resume as a shallow one.
 *
 * Native `yield*` walks the whole chain at every resume. A frame runs its first step natively; if that finishes, nothing
 * else happened. If it suspends, the frame puts itself on the task's own stack (nested ones do so from the innermost
 * out, each below the one before). From then on only the top frame is resumed, and its outcome goes into the frame
 * below: the caller's `next()` finds it here. After `NATIVE_LEVELS` levels on the native stack a call is put on the
 * task's stack before it starts, so recursion is bounded by the heap only.
 */

import { isOperation } from '../operation/is-operation.ts';
import { explainBody, explainThrown, explainYield } from '../operation/misuse.ts';
import {
  ARMED,
  DONE,
  drivenByHand,
  FAILED,
  FRESH,
  GIVE_WAY,
  HOST_TURN,
  isWaiting,
  isYielded,
  returned,
  runningFor,
  runningOrNull,
  Suspension,
  type Waiter,
  WOKEN,
  whereAsked,
  yielded,
} from '../operation/suspension.ts';
import { thrownByFrame } from '../stack/trail.ts';
import { explainOverflow } from './overflow.ts';

/** The engine's view of whatever iterates: a generator, or a suspension that is its own iterator. */
export type Steps = Iterator<unknown, unknown, unknown>;

const NATIVE_LEVELS = 64;
/** After so many calls, by any task, one gives way. */
const CALLS_PER_TURN = 1_024;
/** After so many, the clock is looked at; a part of `CALLS_PER_TURN`. */
const CALLS_PER_LOOK = 32;
/** No error. */
const NOTHING_PASSES = {};
let levels = 0;
/** The last frame that has suspended within the call that is outermost on the native stack. */
let lowest: Frame | null = null;

/** What a frame sees of its task. */
export interface FrameHolder extends Waiter {
  top: Frame | null;
}

/** Drops what is known of the last step; called at the end of a slice. */
export function clearFrames(): void {
  lowest = null;
}

/** One step of `steps`; a yielded value other than a suspension is answered with an error at that very `yield`. */
export function advance(steps: Steps): IteratorResult<Suspension, unknown> {
  let result = steps.next();
  if (isYielded(result)) return result;
  while (!result.done && !isWaiting(result.value)) {
    const error = new TypeError(explainYield(result.value));
    if (steps.throw === undefined) throw error;
    try {
      result = steps.throw(error);
    } catch (thrown) {
      throw explainThrown(thrown);
    }
  }
  return result as IteratorResult<Suspension, unknown>;
}

/** The iterator of an operation; anything else is refused with the call to write instead. */
export function iterate(operation: unknown): Steps {
  if (isOperation(operation)) return operation[Symbol.iterator]();
  throw new TypeError(explainBody(operation));
}

/** A call that lives on its task's own stack once it has suspended. */
export abstract class Frame<T = unknown> extends Suspension<T> {
  /** @internal */
  declare steps: Steps | null;
  /** @internal */
  declare below: Frame | null;

  constructor() {
    super();
    this.steps = null;
    this.below = null;
  }

  /** Begins: enters what has to be entered and returns what is to be iterated. */
  protected abstract open(task: FrameHolder): Steps;

  /** Ends: leaves what was entered and fixes the outcome with `settle`. */
  end(_task: FrameHolder, failed: boolean, outcome: unknown): void {
    this.settle(failed, outcome);
  }

  /** Its task was abandoned: takes back what would reach into it later, such as a timer. */
  abandoned(_task: FrameHolder): void {}

  protected settle(failed: boolean, outcome: unknown): void {
    this.state = failed ? FAILED : WOKEN;
    this.outcome = outcome;
  }

  poll(): boolean {
    return false;
  }

  arm(): void {}

  disarm(): void {}

  override next(): IteratorResult<Suspension, T> {
    let passing: unknown = NOTHING_PASSES;
    if (this.state === FRESH) {
      const task = (runningOrNull() ?? runningFor(this.label)) as FrameHolder;
      if (++task.scheduler.calls % CALLS_PER_LOOK === 0) {
        const wait = this.pause(task);
        if (wait !== null) return yielded(task, wait);
      }
      this.state = ARMED;
      if (levels === 0) lowest = null;
      const steps = this.open(task);
      if (levels >= NATIVE_LEVELS) {
        push(this as Frame, steps, task);
        return yielded(task, null);
      }
      let result: IteratorResult<Suspension, unknown> | undefined;
      levels++;
      try {
        result = advance(steps);
      } catch (error) {
        passing = error;
        this.end(task, true, error);
        explainOverflow(error, this);
      } finally {
        levels--;
      }
      if (result !== undefined) {
        if (!result.done) {
          push(this as Frame, steps, task);
          return result;
        }
        this.end(task, false, result.value);
      }
    }
    const { state } = this;
    this.state = DONE;
    if (state === WOKEN) return returned(this.outcome as T);
    if (state === ARMED) {
      const answer = whereAsked(this.next);
      if (answer !== null) {
        this.state = ARMED;
        return answer;
      }
    }
    if (state === FAILED) {
      const error = this.outcome;
      // What goes on through the same native stack has the frames below in it already.
      throw passing === error ? error : thrownByFrame(error, runningOrNull()?.id ?? 0, this.next);
    }
    throw this.askedAgain();
  }

  /**
   * What a call that never waits, in a loop without end, has to wait for all the same: others have to run, the host too, and
   * it can be cancelled. The others get their turn by a count, so that their order never depends on time.
   */
  private pause(task: FrameHolder): Suspension | null {
    if (!task.mayWait) return null;
    const { scheduler } = task;
    const hadTurn = task.wait === HOST_TURN;
    const isOwnTurnOver = scheduler.calls >= CALLS_PER_TURN;
    if ((isOwnTurnOver || hadTurn) && task.interrupted) {
      this.state = DONE;
      throw task.takeCancel();
    }
    if (isOwnTurnOver) {
      scheduler.calls = 0;
      return GIVE_WAY;
    }
    if (hadTurn) task.wait = null;
    else if (scheduler.sliceOver) {
      // This call is tried again, and has to be counted once.
      scheduler.calls--;
      return HOST_TURN;
    }
    return null;
  }

  /** @internal What it began in this very step is taken back. */
  override askedAgain(): Error {
    const error = drivenByHand(this.label);
    const task = runningOrNull() as FrameHolder | null;
    if (task !== null && this === lowest && stands(this, task)) takeBack(task, this.below, error);
    return error;
  }
}

/** Puts `frame` on the task's own stack: below the frames that it called, above all that were there before. */
function push(frame: Frame, steps: Steps, task: FrameHolder): void {
  frame.steps = steps;
  if (lowest === null) {
    frame.below = task.top;
    task.top = frame;
  } else {
    frame.below = lowest.below;
    lowest.below = frame;
  }
  lowest = frame;
}

/** Takes back what was begun by driving an operation by hand; `top` was the innermost frame before. */
function takeBack(task: FrameHolder, top: Frame | null, error: unknown): void {
  const { wait } = task;
  if (wait?.state === ARMED) {
    wait.disarm();
    wait.state = DONE;
  }
  task.wait = null;
  lowest = null;
  for (let frame = task.top; frame !== top && frame !== null; frame = task.top) {
    task.top = frame.below;
    frame.below = null;
    frame.steps = null;
    // It leaves what it entered: a deadline must not reach for its task later.
    frame.end(task, true, error);
    frame.state = DONE;
  }
}

/** Whether `frame` is one of `task`, and not of another that has suspended before. */
function stands(frame: Frame, task: FrameHolder): boolean {
  let at = task.top;
  while (at !== frame && at !== null) at = at.below;
  return at === frame;
}
