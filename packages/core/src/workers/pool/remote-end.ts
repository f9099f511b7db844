import { ARMED, type Waiter } from '../../kernel/operation/suspension.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { taskOf } from '../../kernel/task/current.ts';
import { CallWait, DONE } from './call.ts';
import { Patience } from './patience.ts';

/**
 * How long a worker may take to say that it got a cancel, in ms. One that waits says so at once; one that computes cannot,
 * and its callers go on without it. Where it can be seen that a call computes in it, the first look decides.
 */
const FIRST_LOOK = 50;
const TAKES_A_CANCEL = 200;

/** The wait of a caller that was cancelled for the end of the call's cleanups. */
export class RemoteEnd extends CallWait<void> {
  #patience: Patience | null = null;
  #patienceEnded = false;
  #looked = false;

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
    if (!this.call.taken) this.#patience?.begin(FIRST_LOOK);
  }

  override disarm(): void {
    super.disarm();
    this.#patience?.end();
  }

  #look(): void {
    if (this.state !== ARMED || this.call.taken) return;
    if (!this.#looked && !this.call.worker.computes) {
      this.#looked = true;
      this.#patience?.begin(TAKES_A_CANCEL - FIRST_LOOK);
      return;
    }
    this.#patienceEnded = true;
    this.changed();
  }
}
