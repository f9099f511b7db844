/*
 * The queue of the pool: waiters stand in the list of their group, and the groups whose turn it may be stand in one heap,
 * so that the next waiter over all groups is found without looking at those that the limit of their group holds back.
 */
import type { Group } from './group.ts';

/** This many entries may be out of date before a sweep is worth its cost. */
const STALE = 64;

/**
 * A binary heap of groups by the order of their first waiter. Entries that are out of date are skipped and not searched;
 * they leave together when they may have become as many as the others.
 */
export class GroupHeap<C> {
  readonly #orders: number[] = [];
  readonly #groups: Group<C>[] = [];
  #sweepAt = STALE;

  push(group: Group<C>, order: number): void {
    if (this.#orders.length >= this.#sweepAt) this.#sweep();
    this.#add(group, order);
  }

  #sweep(): void {
    const current = new Set(this.#groups.filter((group, at) => group.queuedAs === this.#orders[at]));
    this.#orders.length = 0;
    this.#groups.length = 0;
    for (const group of current) this.#add(group, group.queuedAs);
    this.#sweepAt = 2 * current.size + STALE;
  }

  #add(group: Group<C>, order: number): void {
    let index = this.#orders.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((this.#orders[parent] as number) <= order) break;
      this.#put(index, this.#orders[parent] as number, this.#groups[parent] as Group<C>);
      index = parent;
    }
    this.#put(index, order, group);
  }

  /** The group whose first waiter has waited the longest. */
  peek(): Group<C> | undefined {
    while (this.#orders.length > 0) {
      const group = this.#groups[0] as Group<C>;
      if (group.queuedAs === this.#orders[0] && group.first !== null) return group;
      this.#pop();
    }
    return undefined;
  }

  #pop(): void {
    const order = this.#orders.pop() as number;
    const group = this.#groups.pop() as Group<C>;
    const { length } = this.#orders;
    if (length === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= length) break;
      if (child + 1 < length && (this.#orders[child + 1] as number) < (this.#orders[child] as number)) child += 1;
      if ((this.#orders[child] as number) >= order) break;
      this.#put(index, this.#orders[child] as number, this.#groups[child] as Group<C>);
      index = child;
    }
    this.#put(index, order, group);
  }

  #put(index: number, order: number, group: Group<C>): void {
    this.#orders[index] = order;
    this.#groups[index] = group;
  }
}
