/**
 * Deadlines in a 4-ary heap, ordered by time and then by insertion; one host timer serves the earliest.
 *
 * Four children per node halve the depth against a binary heap and stay within two cache lines; inserting and removing
 * costs the same as a timer wheel up to 1e5 entries and needs no tick. The keys lie beside the entries in an array of
 * doubles: comparing touches no entry, and no entry carries two boxed numbers (24 bytes of every sleeping task).
 */

/** Something that is due at a time; it knows its own place in the heap, so that removing needs no search. */
export interface TimerEntry {
  /** Index in the heap, -1 outside of it. */
  slot: number;
  fire(): void;
}

const SMALLEST = 64;
/** A heap that has grown beyond this gives its memory back when it runs empty. */
const KEPT = 4_096;

export class TimerHeap {
  #entries: TimerEntry[] = [];
  /** The keys of the entry at `slot`: when it is due at 2 * slot, its insertion number beside it. */
  #keys = new Float64Array(2 * SMALLEST);
  #order = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** The earliest deadline, Infinity without any. */
  get next(): number {
    return this.#entries.length === 0 ? Number.POSITIVE_INFINITY : (this.#keys[0] as number);
  }

  /** Inserts `entry`, due at `due` on the scheduler's clock; true when it is now the earliest. Equal ones fire in order. */
  add(entry: TimerEntry, due: number): boolean {
    const slot = this.#entries.length;
    if (2 * slot === this.#keys.length) this.#grow();
    this.#entries.push(entry);
    this.#up(entry, due, this.#order++, slot);
    return entry.slot === 0;
  }

  /** Removes `entry`; nothing happens when it is not in the heap. */
  remove(entry: TimerEntry): void {
    const { slot } = entry;
    if (slot < 0) return;
    entry.slot = -1;
    const entries = this.#entries;
    const last = entries.pop() as TimerEntry;
    if (last !== entry) {
      const keys = this.#keys;
      const due = keys[2 * entries.length] as number;
      const order = keys[2 * entries.length + 1] as number;
      if (slot > 0 && this.#isBefore(due, order, (slot - 1) >> 2)) this.#up(last, due, order, slot);
      else this.#down(last, due, order, slot);
    } else if (entries.length === 0 && this.#keys.length > 2 * KEPT) this.#keys = new Float64Array(2 * SMALLEST);
  }

  /** Fires what is due at `now`, in order; what is added meanwhile for the same moment fires too. */
  fireDue(now: number): void {
    while (this.next <= now) {
      const entry = this.#entries[0] as TimerEntry;
      this.remove(entry);
      entry.fire();
    }
  }

  /** When `entry` is due, and the number of its insertion, by which equal ones fire. */
  keyOf({ slot }: TimerEntry): { due: number; order: number } {
    return { due: this.#keys[2 * slot] as number, order: this.#keys[2 * slot + 1] as number };
  }

  /** When the entries are due, each time once. */
  times(): ReadonlySet<number> {
    return new Set(this.#entries.map((_, slot) => this.#keys[2 * slot] as number));
  }

  /** All entries, unordered, for inspection. */
  entries(): readonly TimerEntry[] {
    return this.#entries;
  }

  #up(entry: TimerEntry, due: number, order: number, from: number): void {
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 2;
      if (!this.#isBefore(due, order, above)) break;
      this.#move(above, slot);
      slot = above;
    }
    this.#put(entry, due, order, slot);
  }

  #down(entry: TimerEntry, due: number, order: number, from: number): void {
    const keys = this.#keys;
    const { length } = this.#entries;
    let slot = from;
    for (;;) {
      const first = slot * 4 + 1;
      if (first >= length) break;
      let least = first;
      const end = Math.min(first + 4, length);
      for (let i = first + 1; i < end; i++) {
        if (this.#isBefore(keys[2 * i] as number, keys[2 * i + 1] as number, least)) least = i;
      }
      if (this.#isBefore(due, order, least)) break;
      this.#move(least, slot);
      slot = least;
    }
    this.#put(entry, due, order, slot);
  }

  /** Whether the key (`due`, `order`) comes before the one at `slot`. */
  #isBefore(due: number, order: number, slot: number): boolean {
    const keys = this.#keys;
    const other = keys[2 * slot] as number;
    return due < other || (due === other && order < (keys[2 * slot + 1] as number));
  }

  #move(from: number, to: number): void {
    const keys = this.#keys;
    this.#put(this.#entries[from] as TimerEntry, keys[2 * from] as number, keys[2 * from + 1] as number, to);
  }

  #put(entry: TimerEntry, due: number, order: number, slot: number): void {
    this.#entries[slot] = entry;
    this.#keys[2 * slot] = due;
    this.#keys[2 * slot + 1] = order;
    entry.slot = slot;
  }

  #grow(): void {
    const grown = new Float64Array(2 * this.#keys.length);
    grown.set(this.#keys);
    this.#keys = grown;
  }
}
