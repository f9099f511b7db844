/**
 * A broadcast: every message goes to every subscription that is open when it is sent, in one step.
 *
 * A subscription has room while it stores fewer than `capacity` messages, or somebody waits for its next one. A message
 * is sent when all have room, and then to all at once: a send that is cancelled before has reached nobody, and none is
 * ever half sent. Each subscription keeps the count of those without room up to date, so that nobody has to look at all.
 *
 * A `select` may send and receive on one broadcast. It commits one of both, so its own receives are no room for its send:
 * such a send is looked at by itself, and another one may pass it.
 */
import { ClosedChannelError, WouldBlockError } from '../errors.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import type { Sink, Suspension, SuspensionHost, Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';
import type { End, Inbox, Receiving } from './receiving.ts';
import { Ring } from './ring.ts';

export class BroadcastCore<T> {
  readonly capacity: number;
  readonly #replay: number;
  readonly #history = new Ring<T>();
  readonly #mailboxes = new Set<Mailbox<T>>();
  readonly #sending = new WaitList<BroadcastSendWait<T>>();
  #scheduler: SuspensionHost | null = null;
  #closed = false;
  #withoutRoom = 0;
  #publishing = false;

  constructor(capacity: number, replay: number) {
    this.capacity = capacity;
    this.#replay = replay;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get subscriptions(): number {
    return this.#mailboxes.size;
  }

  claim(host: SuspensionHost): void {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This broadcast');
  }

  trySend(value: T): boolean {
    if (this.#closed) throw closedBroadcast();
    // Where all have room, a send that waits all the same is one that only waits for receives of its own `select`.
    if (this.#withoutRoom > 0) return false;
    this.#publish(value, null);
    return true;
  }

  sendNowait(value: T): void {
    this.#scheduler = sameScheduler(this.#scheduler, 'This broadcast');
    if (this.trySend(value)) return;
    throw new WouldBlockError(
      `sendNowait found ${this.#withoutRoom} of ${this.#mailboxes.size} subscriptions without room. Wait with \`yield* broadcast.send(value)\`, or give a larger capacity.`,
    );
  }

  /** @param chooser - the `select` of which this is the chosen branch: it must not receive what it sends */
  #publish(value: T, chooser: Sink | null): void {
    this.#publishing = true;
    if (this.#replay > 0) {
      if (this.#history.size === this.#replay) this.#history.take();
      this.#history.add(value);
    }
    for (const mailbox of this.#mailboxes) mailbox.give(value, chooser);
    this.#publishing = false;
  }

  /** A mailbox has gained or lost its room. */
  roomChanged(change: 1 | -1): void {
    this.#withoutRoom -= change;
    this.admit();
  }

  /** Sends what waits, as far as there is room. */
  admit(): void {
    if (this.#publishing) return;
    while (this.#withoutRoom === 0 && this.#sending.size > 0) {
      const send = this.#nextSend();
      if (send === null) return;
      this.#sending.remove(send);
      this.#publish(send.value, send.chooser);
      send.wake(undefined);
    }
  }

  /** The oldest send that reaches all, or null. */
  #nextSend(): BroadcastSendWait<T> | null {
    for (const send of this.#sending) if (this.#reachesAll(send)) return send;
    return null;
  }

  #reachesAll({ chooser }: BroadcastSendWait<T>): boolean {
    if (chooser === null) return true;
    for (const mailbox of this.#mailboxes) if (!mailbox.hasRoomFor(chooser)) return false;
    return true;
  }

  armSend(wait: BroadcastSendWait<T>): void {
    this.#sending.push(wait);
  }

  open(): Mailbox<T> {
    const past: T[] = [];
    for (let i = 0; i < this.#history.size; i++) past.push(this.#history.at(i));
    const mailbox = new Mailbox<T>(this, past);
    if (this.#closed) return mailbox;
    this.#mailboxes.add(mailbox);
    mailbox.refresh();
    return mailbox;
  }

  forget(mailbox: Mailbox<T>): void {
    this.#mailboxes.delete(mailbox);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (let send = this.#sending.shift(); send !== null; send = this.#sending.shift()) send.fail(closedBroadcast());
    for (const mailbox of this.#mailboxes) mailbox.end();
  }
}

/** What one subscription has still to receive. */
export class Mailbox<T> implements Inbox<T>, End {
  readonly name = 'subscription';
  closed = false;
  readonly waits = null;
  readonly #core: BroadcastCore<T>;
  readonly #stored = new Ring<T>();
  readonly #waiting = new WaitList<Receiving<T, unknown>>();
  #hasRoom = true;

  constructor(core: BroadcastCore<T>, past: readonly T[]) {
    this.#core = core;
    for (const value of past) this.#stored.add(value);
  }

  /** How many messages are stored. */
  get size(): number {
    return this.#stored.size;
  }

  get ready(): boolean {
    return this.#stored.size > 0;
  }

  get ended(): boolean {
    return this.#core.closed;
  }

  claim(host: SuspensionHost): void {
    this.#core.claim(host);
  }

  give(value: T, chooser: Sink | null): void {
    const wait = this.#firstReceive(chooser);
    if (wait === null) this.#stored.add(value);
    else {
      this.#waiting.remove(wait);
      wait.give(value);
    }
    this.refresh();
  }

  /** The receive that waits longest and is not a branch of `chooser`. */
  #firstReceive(chooser: Sink | null): Receiving<T, unknown> | null {
    const { first } = this.#waiting;
    if (chooser === null || first?.sink !== chooser) return first;
    for (const wait of this.#waiting) if (wait.sink !== chooser) return wait;
    return null;
  }

  /** Whether a message that `chooser` sends has room here without being received by `chooser` itself. */
  hasRoomFor(chooser: Sink): boolean {
    return this.#stored.size < this.#core.capacity || this.#firstReceive(chooser) !== null;
  }

  take(): T {
    const value = this.#stored.take();
    this.refresh();
    return value;
  }

  armReceive(wait: Receiving<T, unknown>): void {
    this.#waiting.push(wait);
    this.refresh();
    // There was room before, but perhaps none for a send that is a branch of a `select` with a receive here.
    this.#core.admit();
  }

  receiveLeft(): void {
    this.refresh();
  }

  /** Tells the broadcast when this mailbox has gained or lost its room. */
  refresh(): void {
    const hasRoom = this.closed || this.#stored.size < this.#core.capacity || this.#waiting.size > 0;
    if (hasRoom === this.#hasRoom) return;
    this.#hasRoom = hasRoom;
    this.#core.roomChanged(hasRoom ? 1 : -1);
  }

  /** Nothing more will come: each receiver that waits gets the end. */
  end(): void {
    for (let wait = this.#waiting.shift(); wait !== null; wait = this.#waiting.shift()) {
      if (this.closed) wait.endClosed();
      else wait.ended();
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#core.forget(this);
    this.#stored.clear();
    this.end();
    this.refresh();
  }
}

function closedBroadcast(): ClosedChannelError {
  return new ClosedChannelError('send on a broadcast that was closed. Close it after its last message.');
}

/** A send is a branch of `select` itself, as that of a channel. */
export class BroadcastSendWait<T> extends ListedWait<void> implements Selectable<void> {
  readonly value: T;
  readonly #core: BroadcastCore<T>;
  #isBranch = false;

  constructor(core: BroadcastCore<T>, value: T) {
    super();
    this.#core = core;
    this.value = value;
  }

  /** The `select` of which this is a branch. */
  get chooser(): Sink | null {
    return this.#isBranch ? this.sink : null;
  }

  get label(): string {
    return 'broadcast.send()';
  }

  poll(waiter: Waiter): boolean {
    this.#core.claim(waiter.scheduler);
    return this.#core.trySend(this.value);
  }

  arm(): void {
    this.#core.armSend(this);
  }

  [selectable](): Suspension<void> {
    this.#isBranch = true;
    return this;
  }
}
