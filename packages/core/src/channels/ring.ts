import type { Store } from './store.ts';

/** A power of two, so that places wrap with a mask. */
const SMALLEST = 16;
/** A ring that has grown beyond this gives its memory back when it runs empty. */
const KEPT = 4_096;

/** First in, first out, in an array that wraps around: adding and taking move no other item. */
export class Ring<T> implements Store<T> {
  #slots: (T | undefined)[] = new Array(SMALLEST);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  check(): void {}

  add(item: T): void {
    const size = this.#size;
    if (size === this.#slots.length) this.#grow();
    const slots = this.#slots;
    slots[(this.#head + size) & (slots.length - 1)] = item;
    this.#size = size + 1;
  }

  take(): T {
    const slots = this.#slots;
    const head = this.#head;
    const item = slots[head] as T;
    slots[head] = undefined;
    this.#head = (head + 1) & (slots.length - 1);
    if (--this.#size === 0 && slots.length > KEPT) this.clear();
    return item;
  }

  /** The item at `index`, counted from the oldest. */
  at(index: number): T {
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)] as T;
  }

  clear(): void {
    this.#slots = new Array(SMALLEST);
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const slots = this.#slots;
    const grown: (T | undefined)[] = new Array(slots.length * 2);
    for (let i = 0; i < slots.length; i++) grown[i] = slots[(this.#head + i) & (slots.length - 1)];
    this.#slots = grown;
    this.#head = 0;
  }
}
