/** Where a queue keeps its items: the order in which they come out is all that the kinds of queues differ in. */
export interface Store<T> {
  readonly size: number;
  /** Refuses an item that this order has no place for; called before anything is changed. */
  check(item: T): void;
  add(item: T): void;
  /** Takes the next item out; called only when there is one. */
  take(): T;
}
