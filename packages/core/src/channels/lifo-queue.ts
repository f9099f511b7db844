import { Queue } from './queue.ts';
import type { Store } from './store.ts';

class Stack<T> implements Store<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  check(): void {}

  add(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    return this.#items.pop() as T;
  }
}

/**
 * A queue that gives back the item that was put last. Waiting puts and gets are still served in order of arrival.
 *
 * Cancellation: as `Queue`.
 *
 * @example
 * ```ts
 * import { LifoQueue } from '@coloop/core';
 *
 * const stack = new LifoQueue<string>();
 * stack.putNowait('below');
 * stack.putNowait('above');
 * console.log(stack.getNowait()); //> above
 * ```
 * Source: `asyncio.LifoQueue`.
 */
export class LifoQueue<T> extends Queue<T> {
  /** @param maxsize how many items it holds before `put` waits; 0 and Infinity for no limit */
  constructor(maxsize = 0) {
    super(maxsize, new Stack<T>());
  }
}
