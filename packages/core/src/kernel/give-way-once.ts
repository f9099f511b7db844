import { DONE, FRESH, GIVE_WAY, returned, runningFor, Suspension, WOKEN, yielded } from './suspension.ts';

/** Goes to the end of the ready queue, once, whatever the budget; then returns a value. */
export class GiveWayOnce<T> extends Suspension<T> {
  constructor(value: T) {
    super();
    this.outcome = value;
  }

  get label(): string {
    return 'tick()';
  }

  poll(): boolean {
    return false;
  }

  arm(): void {}

  disarm(): void {}

  override next(): IteratorResult<Suspension, T> {
    if (this.state === WOKEN) {
      this.state = DONE;
      return returned(this.outcome as T);
    }
    if (this.state !== FRESH) return super.next();
    const task = runningFor(this.label);
    if (task.interrupted) {
      // As in every wait, a cancel counts as something that finished at once.
      if (--task.scheduler.budget < 0) return yielded(task, GIVE_WAY);
      this.state = DONE;
      throw task.takeCancel();
    }
    this.state = WOKEN;
    return yielded(task, GIVE_WAY);
  }
}
