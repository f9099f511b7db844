import { TimeoutError } from '../../errors.ts';
import type { Waiter } from '../../kernel/operation/suspension.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { taskOf } from '../../kernel/task/current.ts';
import { deadlineOf } from '../../time/deadline-of.ts';
import { CallWait, DONE, ERROR, VALUE } from './call.ts';
import { Probe } from './probe.ts';

/** The caller's wait for the outcome. */
export class OutcomeWait extends CallWait<unknown> {
  #probe: Probe | null = null;

  get label(): string {
    const { name, worker } = this.call;
    return `${name}() in ${worker.label}`;
  }

  override poll(waiter: Waiter): boolean {
    const { deadline, worker } = this.call;
    if (worker.foreign && deadline !== Number.POSITIVE_INFINITY) {
      this.#probe = new Probe(taskOf(waiter).scheduler as Scheduler, worker);
    }
    return super.poll(waiter);
  }

  override arm(): void {
    super.arm();
    this.#probe?.begin(this.call.deadline);
  }

  override disarm(): void {
    super.disarm();
    this.#probe?.end();
  }

  protected ready(): boolean {
    const { state, end, outcome } = this.call;
    if (state !== DONE) return false;
    if (end === VALUE) return this.finish(outcome);
    throw end === ERROR ? outcome : new Error(`${this.label} ended without an outcome.`);
  }

  override expired(): void {
    const { deadline, name } = this.call;
    if (deadlineOf(taskOf(this.sink)) <= deadline) return;
    this.call.settle(
      ERROR,
      new TimeoutError(
        `The deadline with which ${name}() was called passed in the worker; that it was moved later does not travel. ` +
          'Move it before the call.',
      ),
    );
  }
}
