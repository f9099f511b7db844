import { ARMED, type Waiter } from '../../kernel/operation/suspension.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { taskOf } from '../../kernel/task/current.ts';
import { CallWait, DONE } from './call.ts';
import { Patience } from './patience.ts';
import { TAKES_A_CANCEL } from './probe.ts';

/** How long a worker may leave us without an answer, in ms, before we look whether a call computes in it. */
const FIRST_LOOK = 50;

/** The wait of a caller that was cancelled for the end of the call's cleanups. */
export class RemoteEnd extends CallWait<void> {
  #patience: Patience | null = null;
  #patienceEnded = false;
  #looked = false;
  /** What the worker had left us without an answer when the wait began, in ms: it counts. */
  #unanswered = 0;

  get label(): string {
    const { name, worker } = this.call;
    const blocked = worker.silent ? `, which ${worker.blockedBy()} blocks` : '';
    return `the cleanup of ${name}() in ${worker.label}${blocked}`;
  }

  override poll(waiter: Waiter): boolean {
    const scheduler = taskOf(waiter).scheduler as Scheduler;
    this.#patience = new Patience(scheduler, this.call.worker.foreign, () => this.#look());
    return super.poll(waiter);
  }

  protected ready(): boolean {
    const { state, taken, worker } = this.call;
    if (taken) this.#patience?.end();
    return (state === DONE || this.#patienceEnded || (worker.silent && !taken)) && this.finish(undefined);
  }

  override arm(): void {
    super.arm();
    if (this.call.taken) return;
    this.#unanswered = this.call.worker.unanswered;
    this.#patience?.begin(Math.max(FIRST_LOOK - this.#unanswered, 0));
  }

  override disarm(): void {
    super.disarm();
    this.#patience?.end();
  }

  #look(): void {
    if (this.state !== ARMED || this.call.taken) return;
    if (!this.#looked && !this.call.worker.computes) {
      this.#looked = true;
      this.#patience?.begin(Math.max(TAKES_A_CANCEL - Math.max(this.#unanswered, FIRST_LOOK), 0));
      return;
    }
    this.#patienceEnded = true;
    this.changed();
  }
}
