/**
 * Where the reader of an async generator and its body, two tasks, meet.
 *
 * | state     | meaning                                                        | leaves to                               |
 * | --------- | -------------------------------------------------------------- | --------------------------------------- |
 * | UNSTARTED | the body has no task yet                                       | WORKING (next), ENDED (throw, close)    |
 * | WORKING   | the body runs for a request, whose reader may have been cancelled | PARKED (emit), ENDED (the task settled) |
 * | PARKED    | the body waits in `emit`; its value was taken, or is kept      | WORKING (a request, close)              |
 * | ENDED     | the body, with all that it owned, has ended                    | -                                       |
 */

import { GeneratorExit } from '../errors.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { secondNext } from '../kernel/operation/single-reader.ts';
import { type Operation, Suspension, type Waiter } from '../kernel/operation/suspension.ts';
import { type Scope, STOPPING } from '../kernel/scope/scope.ts';
import { taskOf } from '../kernel/task/current.ts';
import type { Joiner } from '../kernel/task/join.ts';
import { SourceOwner } from '../kernel/task/source-owner.ts';
import type { Task } from '../kernel/task/task.ts';

const UNSTARTED = 0;
const WORKING = 1;
const PARKED = 2;
const ENDED = 3;

type EmitResult = IteratorResult<unknown, void>;
type RequestKind = 'next' | 'send' | 'throw';

const DONE: EmitResult = { done: true, value: undefined };

export class Handoff implements Joiner<void> {
  readonly label: string;
  /** The request that waits. */
  reader: RequestWait | null = null;
  /** The emit that waits for a request. */
  parked: EmitWait | null = null;
  /** Thrown at the emit by the close that is going on. */
  exit: GeneratorExit | null = null;
  readonly closers = new Set<CloseWait>();
  #state = UNSTARTED;
  readonly #body: () => Operation<void>;
  readonly #owner: SourceOwner;
  #task: Task<void> | null = null;
  /** What was emitted for a reader that had been cancelled. */
  #kept: { value: unknown } | null = null;
  /** What ended the body while nobody waited. */
  #failure: { error: unknown } | null = null;

  constructor(label: string, body: () => Operation<void>) {
    this.label = `${label}()`;
    this.#body = body;
    this.#owner = new SourceOwner(this.label);
  }

  get waitsFor(): unknown {
    return this.#task ?? undefined;
  }

  /** The result of a request where it is there at once; else it is passed on to the body. */
  request(kind: RequestKind, payload: unknown, from: Task): EmitResult | null {
    sameScheduler(this.#task?.scheduler ?? null, this.label);
    this.#refuseBody(from);
    if (this.reader !== null) throw secondNext(this.label, 'give each reader a generator object of its own');
    if (kind !== 'next' && (this.#kept !== null || this.#state === WORKING)) {
      throw new Error(
        `${this.label}: ${kind}() came while the value of an earlier next(), which was cancelled, has not been taken. Take it with \`yield* g.next()\` first.`,
      );
    }
    if (this.#kept !== null) {
      const { value } = this.#kept;
      this.#kept = null;
      return { done: false, value };
    }
    this.#throwFailure();
    if (this.#state === ENDED || (this.#state === UNSTARTED && kind === 'throw')) {
      this.#state = ENDED;
      if (kind === 'throw') throw payload;
      return DONE;
    }
    if (this.#state === UNSTARTED) this.#start(kind, payload, from);
    else if (this.#state === PARKED) this.#resume(kind, payload);
    return null;
  }

  #start(kind: RequestKind, payload: unknown, from: Task): void {
    if (kind === 'send' && payload !== undefined && payload !== null) {
      throw new TypeError(
        `${this.label}: A generator that has not started can't be sent a value: no emit waits for it. Call \`yield* g.next()\` first.`,
      );
    }
    const body = this.#owner.spawn(() => produce(this, this.#body), this.label, this.#owner.maker ?? from);
    this.#task = body;
    this.#state = WORKING;
    body.addJoiner(this);
  }

  #resume(kind: RequestKind, payload: unknown): void {
    const emit = this.parked as EmitWait;
    this.unpark();
    if (kind === 'throw') emit.fail(payload);
    else emit.wake(payload);
  }

  /** The body is waiting in its emit. */
  park(emit: EmitWait): void {
    this.parked = emit;
    this.#state = PARKED;
  }

  /** The body goes on. */
  unpark(): void {
    this.parked = null;
    this.#state = WORKING;
  }

  /** Takes a value of the body, before it parks. */
  emitted(value: unknown, from: Task): void {
    if (from !== this.#task) {
      throw new Error(
        `${this.label}: emit() was used in ${from.label}. It works only in the generator's own body; bring values of other tasks there with a channel().`,
      );
    }
    const { reader } = this;
    if (this.exit !== null) this.#ignoredExit();
    else if (reader === null) this.#kept = { value };
    else {
      this.reader = null;
      reader.wake({ done: false, value });
    }
  }

  #ignoredExit(): void {
    this.exit = null;
    const closers = [...this.closers];
    this.closers.clear();
    for (const closer of closers) {
      closer.fail(
        new Error(
          `${this.label}: The async generator ignored GeneratorExit: it emitted while it was being closed. Return, or throw the GeneratorExit on.`,
        ),
      );
    }
  }

  /** Whether the body has ended; otherwise it is told to. */
  close(from: Task): boolean {
    this.#refuseBody(from);
    this.#kept = null;
    if (this.#state === UNSTARTED) this.#state = ENDED;
    if (this.#state === PARKED) {
      const emit = this.parked as EmitWait;
      this.exit = new GeneratorExit('The generator was closed.');
      this.unpark();
      emit.fail(this.exit);
    } else if (this.#state === WORKING && this.exit === null) {
      this.#task?.cancelBy({ reason: 'the generator was closed', requestedBy: from.label, from: null });
    }
    if (this.#state !== ENDED) return false;
    this.#throwFailure();
    return true;
  }

  /** The body's task has settled. */
  settled(): void {
    const task = this.#task as Task<void>;
    const { reader } = this;
    const closers = [...this.closers];
    this.#state = ENDED;
    this.parked = null;
    this.reader = null;
    this.closers.clear();
    if (task.failed && this.#deliver(task, reader, closers)) return;
    reader?.wake(DONE);
    for (const closer of closers) closer.wake();
  }

  /** Gives a failure to the calls that wait, or keeps it; at the end of its scope it is the scope's to report. */
  #deliver(task: Task<void>, reader: RequestWait | null, closers: readonly CloseWait[]): boolean {
    const error = task.error();
    if (reader === null && closers.length === 0) {
      if ((task.owner as Scope).phase >= STOPPING) return true;
      this.#failure = { error };
    }
    task.answered = true;
    reader?.fail(error);
    for (const closer of closers) closer.fail(error);
    return true;
  }

  #throwFailure(): void {
    if (this.#failure === null) return;
    const { error } = this.#failure;
    this.#failure = null;
    throw error;
  }

  #refuseBody(from: Task): void {
    if (from !== this.#task || this.#state === ENDED) return;
    throw new TypeError(
      `${this.label}: The generator is already executing: its own body has used it again. Use it from another task.`,
    );
  }
}

/** The body; the exit of a close ends it as a return does. */
function* produce(handoff: Handoff, body: () => Operation<void>): Generator<Suspension, void, unknown> {
  try {
    yield* body();
  } catch (error) {
    if (error !== handoff.exit || error === null) throw error;
  }
}

/** The wait of `next`, `send` and `throw`. */
export class RequestWait extends Suspension<EmitResult> {
  readonly #handoff: Handoff;
  readonly #kind: RequestKind;
  readonly #payload: unknown;

  constructor(handoff: Handoff, kind: RequestKind, payload: unknown) {
    super();
    this.#handoff = handoff;
    this.#kind = kind;
    this.#payload = payload;
  }

  get label(): string {
    return `${this.#handoff.label}.${this.#kind}()`;
  }

  override get waitsFor(): unknown {
    return this.#handoff.waitsFor;
  }

  poll(waiter: Waiter): boolean {
    const result = this.#handoff.request(this.#kind, this.#payload, taskOf(waiter));
    return result !== null && this.finish(result);
  }

  arm(): void {
    this.#handoff.reader = this;
  }

  /** The request goes on without its reader; what it brings is kept for the next one. */
  disarm(): void {
    this.#handoff.reader = null;
  }
}

/** The wait of `emit`. */
export class EmitWait extends Suspension<unknown> {
  readonly #handoff: Handoff;
  readonly #value: unknown;

  constructor(handoff: Handoff, value: unknown) {
    super();
    this.#handoff = handoff;
    this.#value = value;
  }

  get label(): string {
    return `the next request of ${this.#handoff.label}`;
  }

  poll(waiter: Waiter): boolean {
    this.#handoff.emitted(this.#value, taskOf(waiter));
    return false;
  }

  arm(): void {
    this.#handoff.park(this);
  }

  disarm(): void {
    this.#handoff.unpark();
  }
}

/** The wait of `close`. */
export class CloseWait extends Suspension<void> {
  readonly #handoff: Handoff;

  constructor(handoff: Handoff) {
    super();
    this.#handoff = handoff;
  }

  get label(): string {
    return `${this.#handoff.label}.close()`;
  }

  override get waitsFor(): unknown {
    return this.#handoff.waitsFor;
  }

  poll(waiter: Waiter): boolean {
    return this.#handoff.close(taskOf(waiter)) && this.finish(undefined);
  }

  arm(): void {
    this.#handoff.closers.add(this);
  }

  disarm(): void {
    this.#handoff.closers.delete(this);
  }

  override wake(): boolean {
    return super.wake(undefined);
  }
}
