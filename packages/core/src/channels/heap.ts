/** The order of a priority queue: a 4-ary heap in which equal items keep the order of their arrival. */
import { show } from '../kernel/operation/options.ts';
import type { Store } from './store.ts';

/** Negative when `a` comes out before `b`, positive when after, 0 for "in order of arrival". */
export type Compare<T> = (a: T, b: T) => number;

/**
 * Smallest first, equal ones in order of arrival, in a 4-ary heap.
 *
 * `compare` is the user's code and may throw: every change first finds the place with comparisons only and then moves
 * the items without any, so that an error leaves the heap as it was.
 */
export class Heap<T> implements Store<T> {
  readonly #compare: Compare<T>;
  readonly #items: T[] = [];
  /** Arrival numbers, beside the items: equal ones come out in order. */
  readonly #arrivals: number[] = [];
  #arrived = 0;

  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  check(item: T): void {
    this.#order(item, item);
  }

  add(item: T): void {
    const arrival = this.#arrived;
    const place = this.#placeAbove(this.#items.length, item, arrival);
    this.#arrived++;
    this.#items.push(item);
    this.#arrivals.push(arrival);
    for (let slot = this.#items.length - 1; slot > place; slot = (slot - 1) >> 2) this.#copy((slot - 1) >> 2, slot);
    this.#set(place, item, arrival);
  }

  take(): T {
    const items = this.#items;
    const last = items.length - 1;
    const place = this.#placeBelow(items[last] as T, this.#arrivals[last] as number, last);
    const first = items[0] as T;
    let item = items.pop() as T;
    let arrival = this.#arrivals.pop() as number;
    if (last === 0) return first;
    // From the place up to the root: each item moves one step up, and the root's falls out.
    for (let slot = place; slot > 0; slot = (slot - 1) >> 2) {
      const displaced = items[slot] as T;
      const displacedArrival = this.#arrivals[slot] as number;
      this.#set(slot, item, arrival);
      item = displaced;
      arrival = displacedArrival;
    }
    this.#set(0, item, arrival);
    return first;
  }

  /** Where an item that starts at `slot` belongs on the way up. */
  #placeAbove(slot: number, item: T, arrival: number): number {
    let place = slot;
    while (place > 0) {
      const above = (place - 1) >> 2;
      if (!this.#isBefore(item, arrival, above)) break;
      place = above;
    }
    return place;
  }

  /** Where an item that starts at the root belongs on the way down, in a heap of `size`. */
  #placeBelow(item: T, arrival: number, size: number): number {
    let place = 0;
    for (;;) {
      const first = place * 4 + 1;
      if (first >= size) return place;
      const end = Math.min(first + 4, size);
      let least = first;
      for (let i = first + 1; i < end; i++) {
        if (this.#isBefore(this.#items[i] as T, this.#arrivals[i] as number, least)) least = i;
      }
      if (this.#isBefore(item, arrival, least)) return place;
      place = least;
    }
  }

  #isBefore(item: T, arrival: number, slot: number): boolean {
    const order = this.#order(item, this.#items[slot] as T);
    return order < 0 || (order === 0 && arrival < (this.#arrivals[slot] as number));
  }

  #order(a: T, b: T): number {
    const order = this.#compare(a, b);
    if (typeof order === 'number' && !Number.isNaN(order)) return order;
    throw new TypeError(
      `The compare function of a PriorityQueue has to return a number, negative for "a first", not ${show(order)}.`,
    );
  }

  #copy(from: number, to: number): void {
    this.#set(to, this.#items[from] as T, this.#arrivals[from] as number);
  }

  #set(slot: number, item: T, arrival: number): void {
    this.#items[slot] = item;
    this.#arrivals[slot] = arrival;
  }
}
