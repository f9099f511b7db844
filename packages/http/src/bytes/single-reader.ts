import type { Operation } from '@coloop/core';
import { bodyBusy } from './body-errors.ts';

/** Lets one task at a time read from a source: another one is told so before it has taken anything. */
export class OneReader {
  readonly #refusal: () => Error;
  #busy = false;

  constructor(refusal: () => Error = bodyBusy) {
    this.#refusal = refusal;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Runs what `read` gives, unless another one runs. */
  *run<T>(read: () => Operation<T>): Operation<T> {
    if (this.#busy) throw this.#refusal();
    this.#busy = true;
    try {
      return yield* read();
    } finally {
      this.#busy = false;
    }
  }
}
