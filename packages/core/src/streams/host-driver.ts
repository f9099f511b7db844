/** How a consumer in the host runs the operations of a stream, one after the other. */

import { createScope, type HostScope } from '../bridge/create-scope.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { addRelease, removeRelease } from '../kernel/scope/releases.ts';
import { CLOSED, type Release } from '../kernel/scope/scope.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { taskOf } from '../kernel/task/current.ts';
import { SourceOwner } from '../kernel/task/source-owner.ts';

const NAME = 'a stream for the host';

/**
 * Runs operations for a consumer in the host, one after the other: in the scope in which it was made, or, made outside
 * of tasks, in a scope of its own.
 */
export class HostDriver {
  readonly #owner = new SourceOwner('This stream');
  #own: HostScope | null = null;
  #release: Release | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  /** @param close ends what the consumer reads, when its scope ends before it does */
  constructor(close: () => Operation<void>) {
    const { made } = this.#owner;
    this.#release = made && addRelease(made, close);
  }

  /** Does `step` when all steps before it have ended. */
  inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(step);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** The consumer has come to its end. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    removeRelease(this.#release);
    void this.#own?.close();
  }

  run<T>(operation: Operation<T>): Promise<T> {
    const { made } = this.#owner;
    if (made === null) {
      this.#own ??= createScope({ name: NAME });
      return this.#own.run(operation);
    }
    return new Promise<T>((resolve, reject) => {
      if (made.phase === CLOSED)
        throw new Error(
          'The scope of this stream has ended: nothing can be read from it. Make the stream in a scope that lives longer.',
        );
      const task = this.#owner.spawn(attempt(operation), NAME, taskOf(made.runner));
      task.whenSettled(() => {
        task.answered = true;
        if (task.status !== 'succeeded') reject(task.error());
        else {
          const tried = task.result();
          if (tried.ok) resolve(tried.value);
          else reject(tried.error);
        }
      });
    });
  }
}
