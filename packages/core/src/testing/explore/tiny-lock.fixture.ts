import type { Suspension } from '../../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../../kernel/operation/waitlist.ts';
import { runningTask } from '../../kernel/task/current.ts';
import type { Task } from '../../kernel/task/task.ts';

class Acquire extends ListedWait<void> {
  readonly #lock: TinyLock;

  constructor(lock: TinyLock) {
    super();
    this.#lock = lock;
  }

  get label(): string {
    return `${this.#lock.name}.acquire()`;
  }

  override get waitsFor(): unknown {
    return this.#lock.holder;
  }

  poll(): boolean {
    if (this.#lock.holder !== null) return false;
    this.#lock.holder = runningTask('acquire()');
    return this.finish(undefined);
  }

  arm(): void {
    this.#lock.waiting.push(this);
  }
}

/** A lock in a few lines, so that the tests of `explore` stand on the kernel alone. */
export class TinyLock {
  readonly name: string;
  readonly waiting = new WaitList<Acquire>();
  holder: Task | null = null;

  constructor(name: string) {
    this.name = name;
  }

  acquire(): Suspension<void> {
    return new Acquire(this);
  }

  release(): void {
    const next = this.waiting.shift();
    this.holder = (next?.sink as Task | undefined) ?? null;
    next?.wake();
  }
}
