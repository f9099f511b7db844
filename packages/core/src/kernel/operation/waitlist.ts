/**
 * A first-in, first-out list of waits, as every lock, queue and join keeps one.
 *
 * Intrusive: a wait holds its own neighbours, so that taking one out of the middle (a cancel, a deadline, a lost branch
 * of `select`) costs the same as taking the first.
 */
import { Suspension } from './suspension.ts';

/** A wait that stands in a `WaitList` while it is armed. */
export abstract class ListedWait<T = unknown> extends Suspension<T> {
  /** @internal */
  declare list: WaitList<ListedWait<T>> | null;
  /** @internal The one before; of the first, the last one. */
  declare previous: ListedWait<T> | null;
  /** @internal */
  declare following: ListedWait<T> | null;

  constructor() {
    super();
    this.list = null;
    this.previous = null;
    this.following = null;
  }

  disarm(): void {
    this.list?.remove(this);
  }
}

export class WaitList<W extends ListedWait<never> | ListedWait<unknown>> {
  #first: WaitNode | null = null;
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** The one that waits longest. */
  get first(): W | null {
    return this.#first as W | null;
  }

  /** Adds `wait` as the last. */
  push(wait: W): void {
    const node = wait as WaitNode;
    const first = this.#first;
    node.list = this as unknown as WaitList<WaitNode>;
    if (first === null) {
      node.previous = node;
      this.#first = node;
    } else {
      const last = first.previous as WaitNode;
      node.previous = last;
      last.following = node;
      first.previous = node;
    }
    this.#size++;
  }

  /** Takes out the one that waits longest; it still has to be woken. */
  shift(): W | null {
    const first = this.#first;
    if (first !== null) this.remove(first as W);
    return first as W | null;
  }

  /** Takes out `wait`; nothing happens when it is not in this list. */
  remove(wait: W): void {
    const node = wait as WaitNode;
    if ((node.list as unknown) !== this) return;
    const { previous, following } = node;
    if (this.#first === node) this.#first = following;
    else (previous as WaitNode).following = following;
    const after = following ?? this.#first;
    if (after !== null) after.previous = previous;
    node.list = null;
    node.previous = null;
    node.following = null;
    this.#size--;
  }

  /** All that wait, oldest first. */
  *[Symbol.iterator](): Generator<W, void, undefined> {
    for (let at = this.#first; at !== null; at = at.following) yield at as W;
  }
}

type WaitNode = ListedWait<unknown>;
