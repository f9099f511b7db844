import { type SchedulerView, Timer } from '../waits.ts';

/** How often it checks within a limit: a stall is noticed at most a quarter of it late. */
const CHECKS = 4;

/** Rings when a peer has taken nothing of what waits for it, for as long as a limit says. */
export class StallWatch extends Timer {
  readonly #limit: number;
  readonly #taken: () => number | undefined;
  readonly #stalled: () => void;
  #before: number | undefined;
  #same = 0;

  /** @param taken - how many bytes the peer has taken; undefined while nothing waits for it */
  constructor(scheduler: SchedulerView, limit: number, taken: () => number | undefined, stalled: () => void) {
    super(scheduler, () => this.#check());
    this.#limit = limit;
    this.#taken = taken;
    this.#stalled = stalled;
    this.set(limit / CHECKS);
  }

  #check(): void {
    const taken = this.#taken();
    this.#same = taken !== undefined && taken === this.#before ? this.#same + 1 : 0;
    this.#before = taken;
    if (this.#same === CHECKS) this.#stalled();
    else this.set(this.#limit / CHECKS);
  }
}
