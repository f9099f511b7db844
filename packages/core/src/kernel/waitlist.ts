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
  /** @internal */
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
  #first: W | null = null;
  #last: W | null = null;
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** The one that waits longest. */
  get first(): W | null {
    return this.#first;
  }

  /** Adds `wait` as the last. */
  push(wait: W): void {
    const node = wait as unknown as Node;
    node.list = this as unknown as WaitList<ListedWait>;
    node.previous = this.#last as unknown as Node | null;
    if (this.#last === null) this.#first = wait;
    else (this.#last as unknown as Node).following = node;
    this.#last = wait;
    this.#size++;
  }

  /** Takes out the one that waits longest; it still has to be woken. */
  shift(): W | null {
    const wait = this.#first;
    if (wait === null) return null;
    const node = wait as unknown as Node;
    const { following } = node;
    this.#first = following as unknown as W | null;
    if (following === null) this.#last = null;
    else following.previous = null;
    node.list = null;
    node.following = null;
    this.#size--;
    return wait;
  }

  /** Takes out `wait`; nothing happens when it is not in this list. */
  remove(wait: W): void {
    const node = wait as unknown as Node;
    if ((node.list as unknown) !== this) return;
    const { previous, following } = node;
    if (previous === null) this.#first = following as unknown as W | null;
    else previous.following = following;
    if (following === null) this.#last = previous as unknown as W | null;
    else following.previous = previous;
    node.list = null;
    node.previous = null;
    node.following = null;
    this.#size--;
  }

  /** All that wait, oldest first. */
  *[Symbol.iterator](): Generator<W, void, undefined> {
    for (let at = this.#first as unknown as Node | null; at !== null; at = at.following) yield at as unknown as W;
  }
}

type Node = ListedWait<unknown>;
