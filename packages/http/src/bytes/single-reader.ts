import type { Operation } from '@coloop/core';
import { ClientPayloadError } from '../errors.ts';

/** Lets one task at a time read from a source; a second one gets an error before it has taken anything. */
export class SingleReader {
  readonly #refusal: () => Error;
  #busy = false;

  constructor(refusal: () => Error = bodyBusy) {
    this.#refusal = refusal;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Runs the operation that `read` returns, unless another one runs. */
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

/** The error of a task that asks for a body which another one is reading. */
export function bodyBusy(): ClientPayloadError {
  return new ClientPayloadError(
    'The body is being read by another task: let one task read it chunk by chunk, or let all of them use bytes() or text().',
    { code: 'BODY_BUSY' },
  );
}

/** The error of a task whose read was ended because another one released the body. */
export function bodyReleased(): ClientPayloadError {
  return new ClientPayloadError('The body was released while it was being read: release it after the last read.', {
    code: 'RELEASED',
  });
}
