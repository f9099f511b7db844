/** Giving way on request, as `tick` and `sleep(0)` do: without a value, one shared object serves every call. */
import {
  DONE,
  drivenByHand,
  GIVE_WAY,
  GiveWay,
  notesOperations,
  returned,
  runningFor,
  runningOrNull,
  Suspension,
  WOKEN,
  yielded,
} from './suspension.ts';

/** Goes to the end of the ready queue. The only one: that it was tried stands in its task, so that a switch makes no object. */
class Tick extends GiveWay {
  override [Symbol.iterator](): Iterator<Suspension, void, unknown> {
    return this;
  }

  override next(): IteratorResult<Suspension, void> {
    const task = runningFor(this.label);
    if (task.wait === this) {
      task.wait = null;
      return returned(undefined);
    }
    if (task.interrupted) {
      // As in every wait, a cancel counts as something that finished at once.
      if (--task.scheduler.budget < 0) return yielded(task, GIVE_WAY);
      throw task.takeCancel();
    }
    return yielded(task, this);
  }

  override askedAgain(): Error {
    const task = runningOrNull();
    if (task?.wait === this) task.wait = null;
    return drivenByHand(this.label);
  }
}

const TICK = new Tick();

/** Gives way once, and then has a value; an object of its own, so that it can be written down in debug. */
class GiveWayOnce<T> extends Suspension<T> {
  constructor(value: T) {
    super();
    this.outcome = value;
  }

  get label(): string {
    return TICK.label;
  }

  poll(): boolean {
    return false;
  }

  arm(): void {}

  disarm(): void {}

  override next(): IteratorResult<Suspension, T> {
    if (this.state === DONE) throw this.askedAgain();
    this.state = DONE;
    const result = TICK.next();
    if (result.done) return returned(this.outcome as T);
    this.state = WOKEN;
    return result;
  }

  override askedAgain(): Error {
    return TICK.askedAgain();
  }
}

/** Goes to the end of the ready queue, once, whatever the budget; then returns a value. */
export function giveWayOnce<T>(value: T): Suspension<T> {
  return value === undefined && !notesOperations()
    ? (TICK as Suspension<unknown> as Suspension<T>)
    : new GiveWayOnce(value);
}
