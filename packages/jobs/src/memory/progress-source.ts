import { defer, type Operation, type Source, type Subscription } from '@coloop/core';

/** A subscription that begins with the first `next()` and ends with the task that reads: one that nobody reads would hold up the job. */
export class ProgressSource implements Source<string> {
  readonly #subscribe: () => Subscription<string>;
  #subscription: Subscription<string> | null = null;
  #closed = false;

  constructor(subscribe: () => Subscription<string>) {
    this.#subscribe = subscribe;
  }

  *next(): Operation<IteratorResult<string, void>> {
    if (this.#closed) return { done: true, value: undefined };
    if (this.#subscription === null) {
      this.#subscription = this.#subscribe();
      defer(() => this.close());
    }
    return yield* this.#subscription.next();
  }

  *close(): Operation<void> {
    this.#closed = true;
    if (this.#subscription !== null) yield* this.#subscription.close();
  }
}
