import { EventFlag, moveOnAfter, now, type Operation } from '@coloop/core';
import type { Delivery, Serving } from '../engine.ts';

/** What a worker takes from. */
export interface Supply {
  takeNowait(serving: MemoryServing): Delivery | null;
  /** When the next job is due that is not yet; Infinity for none. */
  readonly nextDue: number;
  leave(serving: MemoryServing): void;
}

/** A worker at the memory engine. */
export class MemoryServing implements Serving {
  readonly #supply: Supply;
  readonly #changed = new EventFlag();
  #stopped = false;
  #room: number;

  constructor(supply: Supply, concurrency: number) {
    this.#supply = supply;
    this.#room = concurrency;
  }

  *take(): Operation<Delivery | null> {
    for (;;) {
      if (this.#stopped) return null;
      const delivery = this.#room > 0 ? this.#supply.takeNowait(this) : null;
      if (delivery !== null) {
        this.#room--;
        return delivery;
      }
      this.#changed.clear();
      const due = this.#room > 0 ? this.#supply.nextDue : Number.POSITIVE_INFINITY;
      yield* due === Number.POSITIVE_INFINITY ? this.#changed.wait() : moveOnAfter(due - now(), this.#changed.wait());
    }
  }

  /** There may be a job. */
  wake(): void {
    this.#changed.set();
  }

  /** A run of this worker has ended. */
  free(): void {
    this.#room++;
    this.#changed.set();
  }

  stop(): void {
    this.#stopped = true;
    this.#changed.set();
  }

  *close(): Operation<void> {
    this.#supply.leave(this);
  }
}
