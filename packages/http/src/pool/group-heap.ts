/*
 * The queue of the pool: waiters stand in the list of their group, and the groups whose turn it may be stand in one heap,
 * so that the next waiter over all groups is found without looking at those that the limit of their group holds back.
 */
import type { SlotWaiter } from './slot-grant.ts';

/** A waiter in the queue of its group, which is a doubly linked list. */
export interface QueuedWaiter<C> {
  readonly waiter: SlotWaiter<C>;
  previous: QueuedWaiter<C> | null;
  next: QueuedWaiter<C> | null;
  gone: boolean;
}

/** The connections of one key, and the requests that wait for one of them. */
export interface Group<C> {
  readonly key: string;
  count: number;
  /** The one used last at the end: it is the least likely to have been closed by the server. */
  readonly idle: C[];
  /** When each of them fell idle, as a count. */
  readonly since: number[];
  /** Whether it is listed as having idle connections. */
  listed: boolean;
  first: QueuedWaiter<C> | null;
  last: QueuedWaiter<C> | null;
  /** The order under which the group stands in the heap, or -1. */
  queuedAs: number;
}

// A waiter that comes back (its connection died before it could be used) has an older order and stands in front again.
export function insert<C>(group: Group<C>, entry: QueuedWaiter<C>): void {
  let after = group.last;
  while (after !== null && after.waiter.order > entry.waiter.order) after = after.previous;
  entry.previous = after;
  entry.next = after === null ? group.first : after.next;
  if (after === null) group.first = entry;
  else after.next = entry;
  if (entry.next === null) group.last = entry;
  else entry.next.previous = entry;
}

export function remove<C>(group: Group<C>, entry: QueuedWaiter<C>): void {
  if (entry.gone) return;
  entry.gone = true;
  if (entry.previous === null) group.first = entry.next;
  else entry.previous.next = entry.next;
  if (entry.next === null) group.last = entry.previous;
  else entry.next.previous = entry.previous;
}

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
