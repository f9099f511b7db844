/**
 * The only thing that speaks the iterator protocol to the engine.
 *
 * Everything that waits is a `Suspension`: it tries to finish at once (`poll`), and where it cannot, it knows how to
 * wait (`arm`), how to stop waiting (`disarm`) and what it waits for (`label`). The engine has therefore no switch
 * over kinds of waits. A suspension is its own iterator and answers with two shared result objects: `yield*` hands an
 * inner result through unchanged, so sharing is safe, and a switch allocates nothing.
 *
 * | state       | meaning                                          | leaves to                                |
 * | ----------- | ------------------------------------------------ | ---------------------------------------- |
 * | FRESH       | never tried (also after giving way for fairness) | DONE (finished at once), ARMED           |
 * | ARMED       | waiting                                          | WOKEN, FAILED (committed), INTERRUPTED, FRESH |
 * | WOKEN       | has its value, its task is queued                | DONE                                     |
 * | FAILED      | has its error, its task is queued                | DONE                                     |
 * | INTERRUPTED | disarmed by a cancel, its task is queued         | DONE (the cancel is thrown)              |
 * | DONE        | used up                                          | -                                        |
 */
import { NotInTaskError } from '../../errors.ts';
import { thrownByWait, thrownNow } from '../stack/trail.ts';
import { explainTwoCopies, SUSPENSION } from './duplicate-copies.ts';
import { INSPECT } from './shown.ts';

/** What can be waited for with `yield*`: lazy, single-use, typed. A generator object is one. */
export interface Operation<T> {
  [Symbol.iterator](): Iterator<Suspension, T, unknown>;
}

/** An operation, or a function that returns one. */
export type Body<T> = Operation<T> | (() => Operation<T>);

export const FRESH = 0;
export const ARMED = 1;
export const WOKEN = 2;
export const FAILED = 3;
const INTERRUPTED = 4;
export const DONE = 5;
/** The one state of `GIVE_WAY`: the engine queues its task at once. */
export const QUEUED = 6;

/** Where a finished wait reports to: a task, or a wait that is made of several. */
export interface Sink {
  /** The suspension has its outcome; the task that waits for it is to be queued, never run. */
  woken(suspension: Suspension): void;
}

/** What a suspension sees of the scheduler. */
export interface SuspensionHost {
  /** How many more operations may finish at once before the running task has to give way. */
  budget: number;
  /** How many calls of frames were made since one of them gave way. */
  calls: number;
  /** Whether the tasks have run so long that it is the host's turn; looks at the host's clock. */
  readonly sliceOver: boolean;
  /** Puts a task at the end of the ready queue. */
  enqueue(task: unknown): void;
  /** Where operations are written down when they are made, in debug only. */
  readonly log: {
    made(operation: Suspension): void;
    mark(thing: object): void;
    placeOf(thing: object): string | null;
  } | null;
}

/** What a suspension sees of the task that runs it. */
export interface Waiter extends Sink {
  /** Its number in its scheduler. */
  readonly id: number;
  readonly scheduler: SuspensionHost;
  /** True while a cancel has to be thrown at the next wait. */
  readonly interrupted: boolean;
  /** False while code runs that must not wait, as inside of `generator()`. */
  readonly mayWait: boolean;
  /** The suspension that the task waits for; null where a frame is to be started first. */
  wait: Suspension | null;
  /** Takes the cancel that is due, marked as delivered, for throwing. */
  takeCancel(): unknown;
}

/** The task whose step is running on this thread: the only module state of the kernel. */
let running: Waiter | null = null;

/** Makes `task` the running one and returns the one before. */
export function setRunning(task: Waiter | null): Waiter | null {
  const before = running;
  running = task;
  return before;
}

/** The running task, or null outside of every task. */
export function runningOrNull(): Waiter | null {
  return running;
}

/** The running task; throws `NotInTaskError`, naming `what` was called, outside of every task. */
export function runningFor(what: string): Waiter {
  if (running !== null) return running;
  const twoCopies = explainTwoCopies(what);
  throw twoCopies === null ? new NotInTaskError(what) : new TypeError(twoCopies);
}

/** Whether a task of this copy of the library is running. */
export function isRunning(): boolean {
  return running !== null;
}

/** Set by the first scheduler in debug; without one, an operation that is made costs one look at this. */
let onMade: ((operation: Suspension) => void) | null = null;

/** Writes every operation down that a task of a scheduler in debug makes. */
export function noteOperations(): void {
  onMade = (operation) => running?.scheduler.log?.made(operation);
}

/** Whether somebody writes operations down. */
export function notesOperations(): boolean {
  return onMade !== null;
}

/** Who asks a chain of generators where it stands; null while nobody does, and then a wait that is asked again is misused. */
let asking: ((below: unknown) => void) | null = null;
const NOT_YET: IteratorResult<Suspension, never> = { done: false, value: {} as never };

export const chain = {
  /**
   * Asks what a waiting task iterates where it stands: `seen` is called with the whole chain on the native stack, between
   * this method and the function that `seen` gets. The name is found there by its text, also in a bundle that makes names of
   * functions short.
   *
   * `yield*` hands `next()` down to the innermost wait without a line of the user's in between. That wait answers "not yet",
   * so that every generator stays where it was.
   *
   * @returns false where something else has answered, such as an iterator that was written by hand.
   */
  whereAChainOfColoopStands(steps: Iterator<unknown, unknown, unknown>, seen: (below: unknown) => void): boolean {
    const before = asking;
    asking = seen;
    try {
      // The value, since not every engine hands the result itself through.
      return steps.next().value === NOT_YET.value;
    } finally {
      asking = before;
    }
  },
};

/** The answer of an armed wait that is asked again: "not yet" to who asks where it stands, null to everybody else. */
export function whereAsked(below: unknown): IteratorResult<Suspension, never> | null {
  if (asking === null) return null;
  asking(below);
  return NOT_YET;
}

const RETURNED: { done: true; value: unknown } = { done: true, value: undefined };

/** The shared "finished" result. */
export function returned<T>(value: T): IteratorResult<Suspension, T> {
  RETURNED.value = value;
  return RETURNED as IteratorReturnResult<T>;
}

/** Drops what that result still refers to; called at the end of a slice. */
export function clearReturned(): void {
  RETURNED.value = undefined;
}

/**
 * A wait.
 *
 * To write a new operation, extend it: `poll` commits if it can be done now, `arm` registers for the wake,
 * `disarm` takes the registration back, `label` names the wait for errors and inspection. When the event comes, call
 * `wake(value)` or `fail(error)`: both only queue the task.
 */
export abstract class Suspension<T = unknown> implements Operation<T>, Iterator<Suspension, T, unknown> {
  /** Never set: a type error that mentions this key means that `yield` was written where `yield*` belongs. */
  declare readonly 'write yield* before an operation, and until(promise) around a promise': never;

  /** @internal */
  declare state: number;
  /** @internal The value, or the error of one that has failed. */
  declare outcome: unknown;
  /** @internal */
  declare sink: Sink | null;

  // `declare` and assigned here: defining fields in a class with many subclasses costs V8 1 us per object, assigning them
  // a few ns.
  constructor() {
    this.state = FRESH;
    this.outcome = undefined;
    this.sink = null;
    if (onMade !== null) onMade(this);
  }

  /** @internal */
  get [SUSPENSION](): true {
    return true;
  }

  /** What is waited for, as in `sleep(10)` or `queue.get(jobs)`. */
  abstract get label(): string;

  /**
   * Tries to finish without waiting: `return this.finish(value)`, or `false` where waiting is needed. May throw.
   * Nothing may be committed when it returns false.
   */
  abstract poll(waiter: Waiter): boolean;

  /** Starts waiting; from now on `wake` or `fail` may be called. */
  abstract arm(): void;

  /** Stops waiting: called when a cancel, a deadline or another branch of a `select` came first. */
  abstract disarm(): void;

  /** False for the kernel's own waits for a teardown, which a cancel must not break. */
  get interruptible(): boolean {
    return true;
  }

  /** False for what works already when it is made, so that it need not be waited for: the list of forgotten operations skips it. */
  get mustStart(): boolean {
    return true;
  }

  /** What else the waiting task depends on, for the picture of a deadlock: a task, or undefined. */
  get waitsFor(): unknown {
    return undefined;
  }

  /** @internal How a task is called that runs this and was given no name. */
  get taskName(): string | undefined {
    return undefined;
  }

  /** Commits `value` inside `poll`. */
  protected finish(value: T): true {
    this.outcome = value;
    return true;
  }

  /** Ends the wait with a value; false when it was over already, and then nothing has been handed over. */
  wake(value: T): boolean {
    if (this.state !== ARMED) return false;
    this.outcome = value;
    this.state = WOKEN;
    this.sink?.woken(this);
    return true;
  }

  /** Ends the wait with an error; false when it was over already. */
  fail(error: unknown): boolean {
    if (this.state !== ARMED) return false;
    this.outcome = error;
    this.state = FAILED;
    this.sink?.woken(this);
    return true;
  }

  /** @internal Ends the wait for now: its task tries the operation anew, unless a cancel comes before that. */
  lookAgain(): void {
    if (this.state !== ARMED) return;
    this.state = FRESH;
    this.sink?.woken(this);
  }

  /** @internal Arms this wait for `sink`: a task, or a wait made of several. */
  start(sink: Sink): void {
    this.sink = sink;
    this.state = ARMED;
    this.arm();
  }

  /** @internal Ends an armed wait without an outcome; its task is queued and gets the cancel. */
  interrupt(): void {
    this.state = INTERRUPTED;
    this.disarm();
    this.sink?.woken(this);
  }

  /** What `JSON.stringify` shows of an operation. */
  toJSON(): string {
    return this.label;
  }

  toString(): string {
    return this.label;
  }

  /** @internal */
  [INSPECT](): string {
    return `Operation(${this.label})`;
  }

  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    if (this.state !== FRESH || this.sink !== null) throw usedTwice(this.label);
    return this;
  }

  next(): IteratorResult<Suspension, T> {
    const { state } = this;
    if (state !== FRESH) {
      // First, since what a throw costs in code that is not yet optimised grows with the way from the start to it.
      this.state = DONE;
      if (state === WOKEN) return returned(this.outcome as T);
      if (state === INTERRUPTED) throw (running ?? runningFor(this.label)).takeCancel();
      if (state === FAILED) throw thrownByWait(this.outcome, running?.id ?? 0, this.next);
      this.state = state;
      const answer = state === ARMED ? whereAsked(this.next) : null;
      if (answer !== null) return answer;
      throw this.askedAgain();
    }
    const task = running ?? runningFor(this.label);
    // A cancel costs as much as what finishes at once: a loop over deadlines that have passed must not hold up the host.
    const left = --task.scheduler.budget;
    if (left < 0 || (left & LOOK_MASK) === 0) {
      const wait = left < 0 ? GIVE_WAY : turnOfHost(task);
      if (wait !== null) return yielded(task, wait);
    }
    if (task.interrupted && this.interruptible) {
      this.state = DONE;
      throw task.takeCancel();
    }
    let finished: boolean;
    try {
      finished = this.poll(task);
    } catch (error) {
      throw thrownNow(error, task.id, this.next);
    }
    if (finished) {
      this.state = DONE;
      return returned(this.outcome as T);
    }
    this.start(task);
    return yielded(task, this);
  }

  /** @internal Somebody takes only the first of what it yields, as `const [value] = op` does. */
  return(): never {
    throw this.askedAgain();
  }

  /** @internal Somebody drives it by hand, as `[...op]` does: nothing must be handed to it. A wait of another task goes on. */
  askedAgain(): Error {
    if (this.state === ARMED) {
      // Two tasks run one generator.
      if (this.sink !== running) return usedTwice(this.label);
      this.disarm();
      this.state = DONE;
    }
    return drivenByHand(this.label);
  }
}

/** The error for an operation that something other than its task iterates. */
export function drivenByHand(label: string): TypeError {
  return new TypeError(
    `The operation ${label} was iterated by hand, as [...op], const [x] = op, for (const x of op) and op.next() do. ` +
      'Write yield* before it.',
  );
}

/** The error for an operation that is run again. */
function usedTwice(label: string): TypeError {
  return new TypeError(
    `The operation ${label} was used a second time. An operation runs once: make a new one for every yield*, ` +
      'or share its result with `const task = spawn(op)` and `yield* task`.',
  );
}

/** A wait that only goes to the end of the ready queue. */
export class GiveWay extends Suspension<void> {
  constructor() {
    super();
    this.state = QUEUED;
  }

  get label(): string {
    return 'tick()';
  }

  poll(): boolean {
    return false;
  }

  arm(): void {}

  disarm(): void {}
}

/** What an operation gives way with before it is tried; it has no state of its own, so one serves all. */
export const GIVE_WAY: Suspension<void> = new GiveWay();

/** A wait that lets the host have its turn, and no other task. */
class HostTurn extends GiveWay {
  override get label(): string {
    return 'a turn of the host';
  }
}

/** What a call gives the host its turn with; its task goes on first afterwards, so that the order of tasks does not change. */
export const HOST_TURN: Suspension<void> = new HostTurn();

/** Where this part of the budget is 0, the clock is looked at: every 32 operations that finish at once. */
const LOOK_MASK = 31;

/** The turn of the host, when the slice is over: operations that finish at once may do much work in between. */
function turnOfHost(task: Waiter): Suspension | null {
  if (task.wait === HOST_TURN) {
    task.wait = null;
    return null;
  }
  if (!task.mayWait || !task.scheduler.sliceOver) return null;
  // This operation is tried again, and has to be counted once.
  task.scheduler.budget++;
  return HOST_TURN;
}

/**
 * What is waited for stands in the task, not here: a reference from here to each new wait would cost a write barrier per
 * switch. The value only tells code that drives an operation by hand that it is to be yielded.
 */
const YIELDED: IteratorYieldResult<Suspension> = { done: false, value: GIVE_WAY };

/** Whether `result` is the shared "not yet": then the running task has its wait, and nothing of it has to be checked. */
export function isYielded(result: IteratorResult<unknown, unknown>): result is IteratorYieldResult<Suspension> {
  return result === YIELDED;
}

/** The shared "not yet" result, of the running `task`. */
export function yielded(task: Waiter, wait: Suspension | null): IteratorResult<Suspension, never> {
  task.wait = wait;
  return YIELDED;
}

/** Whether `value`, yielded by hand, is that of the shared result of an operation that was tried and waits. */
export function isWaiting(value: unknown): boolean {
  return value === GIVE_WAY && running?.wait?.state !== DONE;
}

/** Whether `value` is a suspension of another copy of this library. */
export function isFromAnotherCopy(value: unknown): boolean {
  return typeof value === 'object' && value !== null && SUSPENSION in value && !(value instanceof Suspension);
}
