/**
 * What a lock is, for `Lock` and `Condition`: the task that holds it, and those that wait for it.
 *
 * | state | meaning          | acquire            | release by the holder          | release by another |
 * | ----- | ---------------- | ------------------ | ------------------------------ | ------------------ |
 * | free  | nobody has it    | held               | -                              | an error           |
 * | held  | one grant has it | waits in the queue | held by the first, else free   | an error           |
 *
 * A release hands the lock over before anybody runs, so nobody gets in between, and a lock that is free has no queue.
 */
import { WouldBlockError } from '../errors.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { runningOrNull, type SuspensionHost, type Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';
import { DISPOSE } from './dispose.ts';

/** One holding of a lock, as `using` wants it: to dispose of it again, or after `release()`, does nothing. */
export class Grant implements Disposable {
  /** The task that holds it; null for the host. */
  holder: Waiter | null = null;
  readonly #core: LockCore;

  constructor(core: LockCore) {
    this.#core = core;
  }

  [DISPOSE](): void {
    if (this.#core.grant === this) this.#core.pass();
  }
}

/** What stands in the queue of a lock: an `acquire`, or a `wait` of a condition that was notified. */
export abstract class Claim<T = unknown> extends ListedWait<T> {
  /** What will hold the lock. */
  abstract readonly grant: Grant;
  /** The lock is held now. */
  abstract granted(): void;
}

export class LockCore {
  grant: Grant | null = null;
  #scheduler: SuspensionHost | null = null;
  readonly #queue = new WaitList<Claim>();

  /** Takes the lock if it is free. */
  take(grant: Grant, task: Waiter): boolean {
    this.#claim(task.scheduler);
    const held = this.grant;
    if (held !== null) {
      if (held.holder === task) throw heldAlready(held);
      return false;
    }
    grant.holder = task;
    this.grant = grant;
    return true;
  }

  takeNowait(): Grant {
    this.#scheduler = sameScheduler(this.#scheduler, 'This lock');
    if (this.grant !== null) {
      throw new WouldBlockError(
        `acquireNowait found the lock held by ${nameOf(this.grant)}. Wait for it with \`yield* lock.acquire()\`.`,
      );
    }
    const grant = new Grant(this);
    grant.holder = runningOrNull();
    this.grant = grant;
    return grant;
  }

  #claim(host: SuspensionHost): void {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This lock');
  }

  queue<T>(claim: Claim<T>): void {
    this.#queue.push(claim as Claim);
  }

  /** The holder does not need it any more. */
  pass(): void {
    const next = this.#queue.shift();
    this.grant = next === null ? null : next.grant;
    next?.granted();
  }

  /** The grant of the running task; throws, naming `what` was called, when it holds none. */
  held(what: string): Grant {
    const { grant } = this;
    if (grant === null) throw new Error(`${what} without the lock: nobody holds it. Acquire it first.`);
    if (grant.holder !== runningOrNull()) {
      throw new Error(
        `${what} without the lock: it is held by ${nameOf(grant)}. Only the task that acquired it may release or use it.`,
      );
    }
    return grant;
  }
}

function heldAlready(grant: Grant): Error {
  return new Error(
    `${nameOf(grant)} holds this lock already, so it would wait for itself. A lock is not re-entrant: acquire it once.`,
  );
}

function nameOf(grant: Grant): string {
  return grant.holder === null ? 'the host' : (grant.holder as Waiter & { label: string }).label;
}

/** The wait of `acquire`. */
export class LockWait extends Claim<Disposable> {
  readonly grant: Grant;
  readonly #core: LockCore;

  constructor(core: LockCore, grant: Grant) {
    super();
    this.#core = core;
    this.grant = grant;
  }

  get label(): string {
    return 'lock.acquire()';
  }

  override get waitsFor(): unknown {
    return this.#core.grant?.holder ?? undefined;
  }

  poll(waiter: Waiter): boolean {
    if (this.#core.take(this.grant, waiter)) return this.finish(this.grant);
    this.grant.holder = waiter;
    return false;
  }

  arm(): void {
    this.#core.queue(this);
  }

  granted(): void {
    this.wake(this.grant);
  }
}
