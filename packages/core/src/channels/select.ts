/** `select`: one wait that is made of several, of which exactly one is committed. */
import { refuseMore, show } from '../kernel/operation/options.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import {
  ARMED,
  DONE,
  FAILED,
  FRESH,
  type Operation,
  type Sink,
  Suspension,
  type Waiter,
} from '../kernel/operation/suspension.ts';

/** What may be given to `select`. */
export type SelectBranches = { readonly [key: string]: Selectable<unknown> };

/** The branch that was chosen: one member per key, told apart by `key`. */
export type Selected<B> = {
  [K in keyof B & string]: B[K] extends Selectable<infer T> ? { key: K; value: T } : never;
}[keyof B & string];

/**
 * One wait made of several. Its branches report here; the first that has its outcome is the one, and the others are
 * taken out of their lists in the same moment, before anything else can run.
 */
class SelectWait extends Suspension<{ key: string; value: unknown }> implements Sink {
  readonly #keys: readonly string[];
  readonly #branches: readonly Suspension[];

  constructor(keys: readonly string[], branches: readonly Suspension[]) {
    super();
    this.#keys = keys;
    this.#branches = branches;
    // From here on they are used, so that giving a put or a send to a second select throws.
    for (const branch of branches) branch.sink = this;
  }

  get label(): string {
    return `select(${this.#keys.map((key, i) => `${key}: ${this.#branches[i]?.label}`).join(', ')})`;
  }

  poll(waiter: Waiter): boolean {
    const branches = this.#branches;
    for (let i = 0; i < branches.length; i++) {
      const branch = branches[i] as Suspension;
      if (branch.poll(waiter)) return this.finish({ key: this.#keys[i] as string, value: branch.outcome });
    }
    return false;
  }

  arm(): void {
    for (const branch of this.#branches) {
      branch.start(this);
      if (this.state !== ARMED) return;
    }
  }

  disarm(): void {
    for (const branch of this.#branches) {
      if (branch.state !== ARMED) continue;
      branch.disarm();
      branch.state = DONE;
    }
  }

  woken(branch: Suspension): void {
    this.disarm();
    if (branch.state === FAILED) this.fail(branch.outcome);
    else if (branch.state === FRESH) this.lookAgain();
    else this.wake({ key: this.#keys[this.#branches.indexOf(branch)] as string, value: branch.outcome });
  }
}

/**
 * Waits for several things at once and takes exactly one of them: the value of the first that is ready. The others have
 * given and taken nothing, whatever happens when.
 *
 * If several are ready at the start, the first key wins; while waiting, the first event does. Queues and receivers give
 * their next item, locks and semaphores what their `acquire` gives, futures and tasks their result, flags and
 * `after(ms)` undefined. `queue.put(item)` and `sender.send(value)` are branches too. For operations that do more than one
 * wait use `race`.
 *
 * Cancellation: nothing has been taken.
 *
 * @param branches a plain record
 * @returns `{ key, value }`: the key tells which it was, and narrows the type of the value
 * @throws what the chosen branch throws, as `EndOfChannelError` for a channel that has ended; TypeError if a branch is not
 *   selectable and RangeError if there is none, at the call.
 * @example
 * ```ts
 * import { after, channel, EventFlag, run, select } from '@coloop/core';
 *
 * const { sender, receiver } = channel<string>(1);
 * const stop = new EventFlag();
 *
 * await run(function* () {
 *   sender.sendNowait('work');
 *   for (;;) {
 *     const chosen = yield* select({ message: receiver, stop, idle: after(10) });
 *     if (chosen.key !== 'message') break;
 *     console.log(chosen.value.toUpperCase()); //> WORK
 *   }
 * });
 * ```
 * Source: Go's `select`, Concurrent ML's `choose`.
 */
export function select<const B extends SelectBranches>(branches: B): Operation<Selected<B>>;
export function select(branches: SelectBranches, ...more: unknown[]): Operation<{ key: string; value: unknown }> {
  refuseMore('select(branches)', more);
  if (typeof branches !== 'object' || branches === null || Array.isArray(branches) || Symbol.iterator in branches) {
    throw new TypeError(
      `select takes a record of what to wait for, as in \`select({ job: queue, late: after(100) })\`, not ${show(branches)}.`,
    );
  }
  const keys = Object.keys(branches);
  if (keys.length === 0) {
    throw new RangeError('select needs at least one branch: a select of none would never end. Use forever() for that.');
  }
  return new SelectWait(
    keys,
    keys.map((key) => waitOf(key, branches[key])),
  );
}

function waitOf(key: string, branch: unknown): Suspension {
  if (typeof branch === 'object' && branch !== null && selectable in branch) {
    const wait = (branch as Selectable<unknown>)[selectable]();
    wait[Symbol.iterator](); // refuses one that is used already
    return wait;
  }
  throw new TypeError(
    `select cannot wait for its branch '${key}': ${show(branch)} is not selectable. ${hintFor(key, branch)}`,
  );
}

function hintFor(key: string, branch: unknown): string {
  if (typeof branch === 'object' && branch !== null) {
    if (Symbol.iterator in branch) {
      return `Give the thing itself, \`queue\` in place of \`queue.get()\`, or a task: \`select({ ${key}: spawn(op) })\`.`;
    }
    if ('then' in branch) return `Write \`select({ ${key}: spawn(until(promise)) })\`.`;
  }
  if (typeof branch === 'function') return `Write \`select({ ${key}: spawn(${branch.name || 'fn'}) })\`.`;
  return 'It takes queues, receivers, locks, flags, futures, tasks and after(ms).';
}
