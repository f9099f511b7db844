/** `Semaphore`: a number of permits, and a list of the tasks that wait for one. */

import { WouldBlockError } from '../errors.ts';
import { checkCount, LIMIT, readOptions, refuseMore } from '../kernel/operation/options.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Operation, Suspension, SuspensionHost, Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';
import { Acquisition } from '../kernel/scope/acquisition.ts';
import type { ScopeRunner } from '../kernel/scope/scope.ts';
import { currentTaskOrNull, taskOf } from '../kernel/task/current.ts';
import type { Task } from '../kernel/task/task.ts';
import { DISPOSE } from './dispose.ts';

/** What `new Semaphore` takes. */
export interface SemaphoreOptions {
  /** How many permits there may be at most: to release more is an error. Without limit by default. */
  max?: number | undefined;
}

const OPTIONS = { max: 'count' } as const;
/** How many permits are looked at for the one that a `release()` means. */
const MOST_LOOKS = 64;

/** One permit, as `using` wants it: to dispose of it again does nothing. */
class Permit extends Acquisition implements Disposable {
  readonly semaphore: Semaphore;
  /** The permits that are out stand in a list, the newest first. */
  next: Permit | null = null;
  prev: Permit | null = null;
  #used = false;

  constructor(semaphore: Semaphore, task: Task | null) {
    super();
    this.semaphore = semaphore;
    this.heldBy(task);
    if (this.at >= 0) semaphore.keep(this);
    semaphore.taken(this);
  }

  run(): void {
    if (this.#used) return;
    this.use();
    this.semaphore.giveBack();
  }

  /** A call of `release()` has given it back. */
  use(): void {
    this.#used = true;
    this.semaphore.returned(this);
    if (this.at >= 0) this.semaphore.forget(this);
    this.over();
  }

  override passTo(task: ScopeRunner): void {
    super.passTo(task);
    if (this.at < 0) this.semaphore.forget(this);
  }

  [DISPOSE](): void {
    this.run();
  }
}

/**
 * Lets a limited number of tasks in at a time: first come, first served.
 *
 * Anybody may `release()` a permit, more often than it was acquired too, unless `max` is given. What `acquire` returned
 * gives its permit back once, when it is disposed of; use one of the two. What a branch of `gather` or `race` has acquired
 * passes to the caller when it succeeds, and is given back when it fails or loses.
 *
 * Cancellation: of a task that waits touches nobody else; a permit that was handed over is held, cancelled or not.
 *
 * @example
 * ```ts
 * import { gather, run, Semaphore, sleep } from '@coloop/core';
 *
 * const seats = new Semaphore(2);
 *
 * function* guest(name: string) {
 *   using seat = yield* seats.acquire();
 *   console.log(`${name} sits`);
 *   yield* sleep(10);
 * }
 *
 * await run(() => gather([guest('Ada'), guest('Grace'), guest('Joan')]));
 * //> Ada sits
 * //> Grace sits
 * //> Joan sits
 * ```
 * Source: `asyncio.Semaphore`, and `BoundedSemaphore` with `max`.
 */
export class Semaphore extends Shown implements Selectable<Disposable> {
  #available: number;
  /** How many there are, free or not: more than at the start when they were released more often than acquired. */
  #total: number;
  /** Permits that branches have, which are given back with them: `release()` may mean one of these. */
  readonly #kept = new Set<Permit>();
  /** The newest permit that is out; with `#isKnown` false, some are out that stand in no list. */
  #newest: Permit | null = null;
  #isKnown = true;
  #scheduler: SuspensionHost | null = null;
  readonly #max: number;
  readonly #waits = new WaitList<PermitWait>();

  /**
   * @param permits how many there are at the start
   * @param options `max`: how many there may be at most
   * @throws RangeError if `value` is not a whole number from 0 up, or if `max` is below it.
   */
  constructor(permits: number, options: SemaphoreOptions = {}) {
    super();
    this.#available = checkCount('new Semaphore', permits, 0);
    this.#total = permits;
    const { max = Number.POSITIVE_INFINITY } = readOptions('new Semaphore', options, OPTIONS);
    if (max < permits) {
      throw new RangeError(
        `new Semaphore: the option 'max' is ${max}, less than the ${permits} permits at the start. Give a larger \`max\`.`,
      );
    }
    this.#max = max;
  }

  /** How many permits are free. */
  get available(): number {
    return this.#available;
  }

  /**
   * Waits for a permit and takes it.
   *
   * @returns what gives it back when it is disposed of, as by `using permit = yield* semaphore.acquire()`
   */
  acquire(): Operation<Disposable>;
  acquire(...more: unknown[]): Operation<Disposable> {
    refuseMore('semaphore.acquire()', more, `It takes one permit. ${LIMIT}`);
    return new PermitWait(this);
  }

  /**
   * Takes a permit if one is free.
   *
   * @throws WouldBlockError if none is.
   */
  acquireNowait(): Disposable {
    this.#scheduler = sameScheduler(this.#scheduler, 'This semaphore');
    if (this.#take()) return new Permit(this, currentTaskOrNull());
    throw new WouldBlockError('acquireNowait found no permit free. Wait for one with `yield* semaphore.acquire()`.');
  }

  /**
   * Gives a permit back; the task that waits longest has it then.
   *
   * @throws RangeError when there would be more than `max`; nothing is changed then.
   */
  release(): void {
    this.#scheduler = sameScheduler(this.#scheduler, 'This semaphore');
    if (this.#available >= this.#max) {
      throw new RangeError(
        `release() of a semaphore whose permits are all free (max ${this.#max}): it was released more often than acquired.`,
      );
    }
    if (this.#kept.size > 0) this.#useKept(currentTaskOrNull());
    else if (this.#isKnown) this.#useOut(currentTaskOrNull());
    this.giveBack();
  }

  /** @internal */
  taken(permit: Permit): void {
    if (!this.#isKnown) return;
    permit.next = this.#newest;
    if (this.#newest !== null) this.#newest.prev = permit;
    this.#newest = permit;
  }

  /** @internal */
  returned(permit: Permit): void {
    const { next, prev } = permit;
    if (prev !== null) prev.next = next;
    else if (this.#newest === permit) this.#newest = next;
    if (next !== null) next.prev = prev;
    permit.next = null;
    permit.prev = null;
  }

  /** @internal The tasks that have the permits; undefined where it is not known of each of them. */
  holders(): readonly Task[] | undefined {
    const holders: Task[] = [];
    for (let at = this.#newest; at !== null; at = at.next)
      if (at.holder !== null) holders.push(taskOf(at.holder.runner));
    return this.#isKnown && holders.length === this.#total - this.#available ? holders : undefined;
  }

  /** A `release()` without its permit: of the running task most often. From one of somebody else's on, nobody knows who has what. */
  #useOut(running: Task | null): void {
    let at = this.#newest;
    for (let looks = 0; at !== null && at.holder !== running && looks < MOST_LOOKS; looks++) at = at.next;
    if (at !== null && at.holder === running && running !== null) this.returned(at);
    else {
      this.#isKnown = false;
      this.#newest = null;
    }
  }

  /** @internal */
  giveBack(): void {
    const next = this.#waits.shift();
    if (next !== null) next.wake(new Permit(this, next.task));
    else if (++this.#available > this.#total) this.#total = this.#available;
  }

  /** @internal A branch has it. */
  keep(permit: Permit): void {
    this.#kept.add(permit);
  }

  /** @internal No branch has it any more. */
  forget(permit: Permit): void {
    this.#kept.delete(permit);
  }

  /** A `release()` without its permit: it means one of the running task or of a branch around it; else one of nobody, if there is one. */
  #useKept(running: Task | null): void {
    for (let task = running; task !== null; task = task.owner === null ? null : taskOf(task.owner.runner)) {
      const own = this.#lastOf(task);
      if (own === null) continue;
      own.use();
      return;
    }
    const [oldest] = this.#kept;
    if (this.#total - this.#available <= this.#kept.size) oldest?.use();
  }

  #lastOf(task: Task): Permit | null {
    let last: Permit | null = null;
    if (task.keepsReleases) for (const permit of this.#kept) if (permit.holder === task) last = permit;
    return last;
  }

  #take(): boolean {
    if (this.#available === 0) return false;
    this.#available--;
    return true;
  }

  /** @internal Takes a permit for a task. */
  claim(host: SuspensionHost): boolean {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This semaphore');
    return this.#take();
  }

  /** @internal */
  queue(wait: PermitWait): void {
    this.#waits.push(wait);
  }

  /** @internal As a branch of `select`: what `acquire` gives. */
  [selectable](): Suspension<Disposable> {
    return new PermitWait(this);
  }
}

class PermitWait extends ListedWait<Disposable> {
  /** The task that waits, behind a `select` too. */
  task: Task | null = null;
  readonly #semaphore: Semaphore;

  constructor(semaphore: Semaphore) {
    super();
    this.#semaphore = semaphore;
  }

  get label(): string {
    return 'semaphore.acquire()';
  }

  override get waitsFor(): unknown {
    return this.#semaphore.holders();
  }

  poll(waiter: Waiter): boolean {
    this.task = taskOf(waiter);
    return this.#semaphore.claim(waiter.scheduler) && this.finish(new Permit(this.#semaphore, this.task));
  }

  arm(): void {
    this.#semaphore.queue(this);
  }
}
