/**
 * A call, as its pool sees it.
 *
 * | state      | meaning                                                    | leaves to              |
 * | ---------- | ---------------------------------------------------------- | ---------------------- |
 * | SENT       | it runs, or will; its caller waits                         | CANCELLING, DONE       |
 * | CANCELLING | CANCEL was sent; its caller waits for the end of cleanups  | DETACHED, DONE         |
 * | DETACHED   | its caller has gone on; the end that comes is only reported | DONE                   |
 * | DONE       | it has ended, or its worker has                            | -                      |
 */
import { RemoteWait } from './remote-wait.ts';

export const SENT = 0;
export const CANCELLING = 1;
export const DETACHED = 2;
export const DONE = 3;

/** How a call has ended. */
export const VALUE = 0;
export const ERROR = 1;
/** By the cancel, as it was asked to. */
export const CANCELLED = 2;

/** The worker of a call, as its waits see it. */
export interface CallWorker {
  readonly label: string;
  readonly foreign: boolean;
  /** Whether it has ended. */
  readonly gone: boolean;
  /** Whether it has not answered for a while. */
  readonly silent: boolean;
  /** Whether a call computes in it at this moment, where that can be seen. */
  readonly computes: boolean;
  /** For how long it has left a probe without an answer, in ms; 0 where it answered, or was not asked. */
  readonly unanswered: number;
  /** The call that blocks it, as well as that is known. */
  blockedBy(): string;
  /** Asks it for a sign of life. */
  probe(): void;
  /** The caller was cancelled. */
  cancel(call: Call, why: unknown): void;
  /** The caller has gone on, and the call has not ended. */
  leave(call: Call): void;
  /** The reader of a stream has taken items. */
  credit(call: Call, items: number): void;
}

export class Call {
  readonly id: number;
  readonly name: string;
  readonly worker: CallWorker;
  /** The deadline that went along, on the pool's clock; Infinity for none. */
  readonly deadline: number;
  /** What was sent, until it has left: what of it cannot be cloned is named. */
  args: readonly unknown[];
  state = SENT;
  end = VALUE;
  outcome: unknown = undefined;
  /** Whether the worker has said that it got the cancel. */
  taken = false;
  /** Whether the worker has ended it, at its deadline, and only the caller's own deadline is still to come. */
  gone = false;
  /** The wait for what this call does next. */
  wait: CallWait | null = null;

  constructor(id: number, name: string, worker: CallWorker, args: readonly unknown[], deadline: number) {
    this.id = id;
    this.name = name;
    this.worker = worker;
    this.args = args;
    this.deadline = deadline;
  }

  /** It has ended. */
  settle(end: number, outcome: unknown): void {
    this.state = DONE;
    this.end = end;
    this.outcome = outcome;
    this.wait?.changed();
  }

  /** The worker has got the cancel. */
  cancelTaken(): void {
    this.taken = true;
    this.wait?.changed();
  }

  /** The deadline passed there first: that of the caller passes at this moment, too, unless it was moved. */
  expired(): void {
    this.wait?.expired();
  }

  /** An item of a stream. */
  item(_value: unknown): void {}
}

/** A wait for what the worker says of one call. */
export abstract class CallWait<T = unknown> extends RemoteWait<T> {
  protected readonly call: Call;

  constructor(call: Call) {
    super(call.worker.foreign);
    this.call = call;
  }

  override arm(): void {
    super.arm();
    this.call.wait = this;
  }

  override disarm(): void {
    super.disarm();
    this.call.wait = null;
  }

  /** The deadline passed in the worker first. */
  expired(): void {}
}
