/**
 * Waiting until something is so: a task looks, and looks again whenever it is told that things have changed.
 *
 * For a condition that several tasks may wait for, such as the end of a group. It is not a wait for the host: what makes
 * the condition true comes from another task.
 */
import { keepShape } from './keep-shape.ts';
import { ListedWait, WaitList } from './waitlist.ts';

/** What a wait of a `Notify` returns, and how it differs from an ordinary one. */
export interface NotifiedOptions<T> {
  /** What the wait returns. */
  readonly value: T;
  /** False where a cancel must not break the wait. */
  readonly interruptible?: boolean;
  /** False where the work has begun when the wait is made, so that nobody needs to wait. */
  readonly mustStart?: boolean;
  /** The task that the waiting one depends on. */
  readonly waitsFor?: unknown;
}

export class Notify {
  readonly #waits = new WaitList<NotifiedWait<unknown>>();

  /** A wait until `ready()` holds; that is asked when the wait begins and at every `check`. */
  until<T>(label: string, ready: () => boolean, options: NotifiedOptions<T>): NotifiedWait<T> {
    return new NotifiedWait<T>(this.#waits, label, ready, options);
  }

  /** Things have changed: each wait asks again. */
  check(): void {
    for (const wait of [...this.#waits]) wait.check();
  }
}

class NotifiedWait<T> extends ListedWait<T> {
  readonly label: string;
  readonly #waits: WaitList<NotifiedWait<unknown>>;
  readonly #ready: () => boolean;
  readonly #options: NotifiedOptions<T>;

  constructor(
    waits: WaitList<NotifiedWait<unknown>>,
    label: string,
    ready: () => boolean,
    options: NotifiedOptions<T>,
  ) {
    super();
    this.#waits = waits;
    this.label = label;
    this.#ready = ready;
    this.#options = options;
  }

  override get interruptible(): boolean {
    return this.#options.interruptible ?? true;
  }

  override get mustStart(): boolean {
    return this.#options.mustStart ?? true;
  }

  override get waitsFor(): unknown {
    return this.#options.waitsFor;
  }

  poll(): boolean {
    return this.#ready() && this.finish(this.#options.value);
  }

  arm(): void {
    this.#waits.push(this as NotifiedWait<unknown>);
  }

  check(): void {
    if (!this.#ready()) return;
    this.disarm();
    this.wake(this.#options.value);
  }
}

keepShape(new NotifiedWait(new WaitList(), '', () => true, { value: undefined }));
