/**
 * A channel: a store of messages with a limit, its open ends on both sides, and the tasks that wait there.
 *
 * | state  | open senders | open receivers | send               | receive                          |
 * | ------ | ------------ | -------------- | ------------------ | -------------------------------- |
 * | open   | some         | some           | given, kept, waits | taken, waits                     |
 * | ended  | none         | some           | -                  | what is left, then EndOfChannel  |
 * | broken | some         | none           | BrokenChannel      | -                                |
 * | dead   | none         | none           | -                  | -                                |
 *
 * An end that was closed answers ClosedChannel, whatever the state. Receivers wait only while nothing is stored and no
 * sender waits; senders wait only while the store is full and no receiver waits. So a message goes straight from hand to
 * hand or through the store, and nobody can overtake.
 */
import { BrokenChannelError, ClosedChannelError, WouldBlockError } from '../errors.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import type { Suspension, SuspensionHost, Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';
import { closedReceiver, type End, endOfChannel, type Inbox, type Receiving } from './receiving.ts';
import { Ring } from './ring.ts';

export class ChannelCore<T> implements Inbox<T> {
  readonly name = 'receiver';
  senders = 0;
  receivers = 0;
  readonly #capacity: number;
  readonly #stored = new Ring<T>();
  readonly #sending = new WaitList<SendWait<T>>();
  readonly #receiving = new WaitList<Receiving<T, unknown>>();
  #scheduler: SuspensionHost | null = null;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  claim(host: SuspensionHost): void {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This channel');
  }

  trySend(end: End, value: T): boolean {
    if (end.closed) throw closedSender('send');
    if (this.receivers === 0) throw broken();
    const receiving = nextOf(this.#receiving);
    if (receiving !== null) receiving.give(value);
    else if (this.#stored.size < this.#capacity) this.#stored.add(value);
    else return false;
    return true;
  }

  /** Whether `take` has something to take. */
  get ready(): boolean {
    return this.#stored.size > 0 || this.#sending.size > 0;
  }

  /** Whether nothing will come any more. */
  get ended(): boolean {
    return this.senders === 0;
  }

  take(): T {
    if (this.#stored.size === 0) {
      const sender = nextOf(this.#sending) as SendWait<T>;
      sender.wake(undefined);
      return sender.value;
    }
    const value = this.#stored.take();
    const sender = nextOf(this.#sending);
    if (sender !== null) {
      this.#stored.add(sender.value);
      sender.wake(undefined);
    }
    return value;
  }

  sendNowait(end: End, value: T): void {
    this.#scheduler = sameScheduler(this.#scheduler, 'This channel');
    if (this.trySend(end, value)) return;
    throw new WouldBlockError(
      `sendNowait found no room (${this.#stored.size} of ${this.#capacity} messages) and no receiver that waits. Wait with \`yield* sender.send(value)\`.`,
    );
  }

  receiveNowait(end: End): T {
    this.#scheduler = sameScheduler(this.#scheduler, 'This channel');
    if (end.closed) throw closedReceiver('receiveNowait');
    if (this.ready) return this.take();
    if (this.ended) throw endOfChannel();
    throw new WouldBlockError('receiveNowait found no message. Wait for one with `yield* receiver.receive()`.');
  }

  senderClosed(end: End): void {
    for (const wait of waitsOf(end, this.#sending)) {
      wait.disarm();
      wait.fail(closedSender('send'));
    }
    if (--this.senders > 0) return;
    for (let wait = nextOf(this.#receiving); wait !== null; wait = nextOf(this.#receiving)) wait.ended();
  }

  receiverClosed(end: End): void {
    for (const wait of waitsOf(end, this.#receiving)) {
      wait.disarm();
      wait.endClosed();
    }
    if (--this.receivers > 0) return;
    this.#stored.clear();
    for (let wait = nextOf(this.#sending); wait !== null; wait = nextOf(this.#sending)) wait.fail(broken());
  }

  /** An end got a clone: from now on each of both knows its own waits, so that closing one does not look at those of all. */
  share(end: End, clone: End): void {
    end.waits ??= new Set<unknown>([...this.#sending, ...this.#receiving].filter((wait) => wait.end === end));
    clone.waits = new Set();
  }

  /** How many messages are stored. */
  get size(): number {
    return this.#stored.size;
  }

  armSend(wait: SendWait<T>): void {
    this.#sending.push(wait);
    wait.end.waits?.add(wait);
  }

  armReceive(wait: Receiving<T, unknown>): void {
    this.#receiving.push(wait);
    wait.end.waits?.add(wait);
  }

  receiveLeft(): void {}
}

/** Takes the wait out whose turn it is. */
function nextOf<W extends EndWait>(list: WaitList<W>): W | null {
  const wait = list.shift();
  if (wait !== null) wait.end.waits?.delete(wait);
  return wait;
}

/** The waits of `list` through `end`, oldest first. */
function waitsOf<W extends EndWait>(end: End, list: WaitList<W>): W[] {
  return [...((end.waits as Set<W> | null) ?? list)];
}

type EndWait = (ListedWait<never> | ListedWait<unknown>) & { readonly end: End };

export function closedSender(what: string): ClosedChannelError {
  return new ClosedChannelError(
    `${what} on a sender that was closed. Close it after its last message; for several tasks give each its own \`sender.clone()\`.`,
  );
}

function broken(): BrokenChannelError {
  return new BrokenChannelError('send on a channel from which nobody can receive: every receiver was closed.');
}

/** A send is a branch of `select` itself: what is sent is chosen together with whether it is sent. */
export class SendWait<T> extends ListedWait<void> implements Selectable<void> {
  // Declared and assigned in the constructor: defining fields would cost a tenth of a hand-over.
  declare readonly end: End;
  declare readonly value: T;
  declare private readonly core: ChannelCore<T>;

  constructor(core: ChannelCore<T>, end: End, value: T) {
    super();
    this.core = core;
    this.end = end;
    this.value = value;
  }

  get label(): string {
    return 'sender.send()';
  }

  poll(waiter: Waiter): boolean {
    this.core.claim(waiter.scheduler);
    return this.core.trySend(this.end, this.value);
  }

  arm(): void {
    this.core.armSend(this);
  }

  override disarm(): void {
    super.disarm();
    this.end.waits?.delete(this);
  }

  [selectable](): Suspension<void> {
    return this;
  }
}
