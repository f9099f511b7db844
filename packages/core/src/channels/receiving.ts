/** Waiting for a message, of a channel or of a broadcast, in the two forms in which it can be asked for. */
import { ClosedChannelError, EndOfChannelError } from '../errors.ts';
import type { SuspensionHost, Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait } from '../kernel/operation/waitlist.ts';

/** One open or closed end; what waits through it fails when it is closed. */
export interface End {
  closed: boolean;
  /** The waits through this end, where it shares its side of the channel with clones; null: all are its own. */
  waits: Set<unknown> | null;
}

/** Where messages come from. */
export interface Inbox<T> {
  /** How its receiving end is called in labels. */
  readonly name: string;
  /** Whether `take` has something to take. */
  readonly ready: boolean;
  /** Whether nothing will come any more, once it is not ready. */
  readonly ended: boolean;
  take(): T;
  /** Every use by a task passes here. */
  claim(host: SuspensionHost): void;
  armReceive(wait: Receiving<T, unknown>): void;
  /** A wait was given up. */
  receiveLeft(): void;
}

export function closedReceiver(what: string): ClosedChannelError {
  return new ClosedChannelError(
    `${what} on a receiver that was closed. For several tasks give each its own \`receiver.clone()\`.`,
  );
}

export function endOfChannel(): EndOfChannelError {
  return new EndOfChannelError(
    'receive on a channel that has ended: every sender was closed and every message received. To loop until the end use forEach(receiver, fn) or receiver.next().',
  );
}

export abstract class Receiving<T, R> extends ListedWait<R> {
  declare readonly end: End;
  declare protected readonly inbox: Inbox<T>;

  constructor(inbox: Inbox<T>, end: End) {
    super();
    this.end = end;
    this.inbox = inbox;
  }

  /** A message was handed over. */
  abstract give(value: T): void;
  /** No message will come. */
  abstract ended(): void;
  /** The end that this wait came through was closed. */
  abstract endClosed(): void;

  arm(): void {
    this.inbox.armReceive(this);
  }

  override disarm(): void {
    super.disarm();
    this.end.waits?.delete(this);
    this.inbox.receiveLeft();
  }
}

/** `receiver.receive()`: the message, or an error at the end. */
export class ReceiveWait<T> extends Receiving<T, T> {
  get label(): string {
    return `${this.inbox.name}.receive()`;
  }

  poll(waiter: Waiter): boolean {
    const { inbox } = this;
    inbox.claim(waiter.scheduler);
    if (this.end.closed) throw closedReceiver('receive');
    if (inbox.ready) return this.finish(inbox.take());
    if (inbox.ended) throw endOfChannel();
    return false;
  }

  give(value: T): void {
    this.wake(value);
  }

  ended(): void {
    this.fail(endOfChannel());
  }

  endClosed(): void {
    this.fail(closedReceiver('receive'));
  }
}

/** `receiver.next()`: the message as an iterator result, done at the end. */
export class NextMessageWait<T> extends Receiving<T, IteratorResult<T, void>> {
  get label(): string {
    return `${this.inbox.name}.next()`;
  }

  poll(waiter: Waiter): boolean {
    const { inbox } = this;
    inbox.claim(waiter.scheduler);
    if (!this.end.closed && inbox.ready) return this.finish({ done: false, value: inbox.take() });
    return (this.end.closed || inbox.ended) && this.finish({ done: true, value: undefined });
  }

  give(value: T): void {
    this.wake({ done: false, value });
  }

  ended(): void {
    this.wake({ done: true, value: undefined });
  }

  endClosed(): void {
    this.ended();
  }
}
