/**
 * Deadlines in a 4-ary heap, ordered by time and then by insertion; one host timer serves the earliest.
 *
 * Four children per node halve the depth against a binary heap and stay within two cache lines; inserting and removing
 * costs the same as a timer wheel up to 1e5 entries and needs no tick.
 */

/** Something that is due at a time; it knows its own place in the heap, so that removing needs no search. */
export interface TimerEntry {
  /** On the scheduler's clock, in ms. */
  due: number;
  /** Insertion number: equal deadlines fire in order. */
  order: number;
  /** Index in the heap, -1 outside of it. */
  slot: number;
  fire(): void;
}

export class TimerHeap {
  readonly #heap: TimerEntry[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest deadline, Infinity without any. */
  get next(): number {
    return this.#heap[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Inserts `entry`; true when it is now the earliest. */
  add(entry: TimerEntry): boolean {
    entry.order = this.#order++;
    entry.slot = this.#heap.length;
    this.#heap.push(entry);
    this.#up(entry, entry.slot);
    return entry.slot === 0;
  }

  /** Removes `entry`; nothing happens when it is not in the heap. */
  remove(entry: TimerEntry): void {
    const { slot } = entry;
    if (slot < 0) return;
    entry.slot = -1;
    const last = this.#heap.pop() as TimerEntry;
    if (last === entry) return;
    this.#heap[slot] = last;
    last.slot = slot;
    this.#up(last, slot);
    this.#down(last, last.slot);
  }

  /** Fires what is due at `now`, in order; what is added meanwhile for the same moment fires too. */
  fireDue(now: number): void {
    for (let entry = this.#heap[0]; entry !== undefined && entry.due <= now; entry = this.#heap[0]) {
      this.remove(entry);
      entry.fire();
    }
  }

  /** What is due at `now`, in the order in which it fires. */
  due(now: number): TimerEntry[] {
    if (this.next > now) return [];
    return this.#heap.filter((entry) => entry.due <= now).sort((a, b) => (before(a, b) ? -1 : 1));
  }

  /** All entries, unordered, for inspection. */
  entries(): readonly TimerEntry[] {
    return this.#heap;
  }

  #up(entry: TimerEntry, from: number): void {
    const heap = this.#heap;
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 2;
      const parent = heap[above] as TimerEntry;
      if (!before(entry, parent)) break;
      heap[slot] = parent;
      parent.slot = slot;
      slot = above;
    }
    heap[slot] = entry;
    entry.slot = slot;
  }

  #down(entry: TimerEntry, from: number): void {
    const heap = this.#heap;
    const { length } = heap;
    let slot = from;
    for (;;) {
      const first = slot * 4 + 1;
      if (first >= length) break;
      let least = first;
      const end = Math.min(first + 4, length);
      for (let i = first + 1; i < end; i++) {
        if (before(heap[i] as TimerEntry, heap[least] as TimerEntry)) least = i;
      }
      const child = heap[least] as TimerEntry;
      if (!before(child, entry)) break;
      heap[slot] = child;
      child.slot = slot;
      slot = least;
    }
    heap[slot] = entry;
    entry.slot = slot;
  }
}

function before(a: TimerEntry, b: TimerEntry): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
