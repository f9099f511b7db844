/** `channel`: the public words for senders and receivers, which are the ends of one `ChannelCore`. */
import { ALREADY_DONE } from '../kernel/operation/done.ts';
import { checkCount, LIMIT, refuseMore } from '../kernel/operation/options.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation, Suspension } from '../kernel/operation/suspension.ts';
import { ChannelCore, closedSender, SendWait } from './channel-core.ts';
import { closedReceiver, type End, NextMessageWait, ReceiveWait } from './receiving.ts';

/** The end of a channel that messages are put into. */
export interface Sender<T> {
  /**
   * Sends a message: waits until it is received or, with a capacity, stored. It can be a branch of `select`: the message
   * is sent only if that branch is chosen.
   *
   * @throws ClosedChannelError when this sender was closed, BrokenChannelError when every receiver was, also while waiting.
   */
  send(value: T): Operation<void> & Selectable<void>;
  /**
   * Sends a message without waiting; it may be called outside of tasks too, as from a listener.
   *
   * @throws WouldBlockError when nobody receives and there is no room; else as `send`.
   */
  sendNowait(value: T): void;
  /**
   * Closes this sender at the call; when the last one is closed, the channel ends. Closing twice changes nothing. The
   * operation that is returned never waits and need not be yielded.
   */
  close(): Operation<void>;
  /**
   * Another sender of the same channel, to be closed on its own.
   *
   * @throws ClosedChannelError when this sender was closed.
   */
  clone(): Sender<T>;
}

/** The end of a channel that messages come out of: a source, and a branch of `select` as its `receive`. */
export interface Receiver<T> extends Source<T>, Selectable<T> {
  /**
   * The next message. Several tasks may receive; each message goes to one of them, in order of arrival.
   *
   * @throws EndOfChannelError when the channel has ended, ClosedChannelError when this receiver was closed, also while
   *   waiting.
   */
  receive(): Operation<T>;
  /**
   * The next message, without waiting.
   *
   * @throws WouldBlockError when there is none; else as `receive`.
   */
  receiveNowait(): T;
  /** The next message, done at the end of the channel and when this receiver was closed. */
  next(): Operation<IteratorResult<T, void>>;
  /**
   * Closes this receiver at the call; when the last one is closed, what is stored is dropped and senders fail. Closing
   * twice changes nothing. The operation that is returned never waits and need not be yielded.
   */
  close(): Operation<void>;
  /**
   * Another receiver of the same channel, to be closed on its own. Each message goes to one of them.
   *
   * @throws ClosedChannelError when this receiver was closed.
   */
  clone(): Receiver<T>;
}

/** Both ends of a channel. */
export interface Channel<T> {
  readonly sender: Sender<T>;
  readonly receiver: Receiver<T>;
}

class SenderEnd<T> extends Shown implements Sender<T>, End {
  closed = false;
  waits: Set<unknown> | null = null;
  readonly #core: ChannelCore<T>;

  constructor(core: ChannelCore<T>) {
    super();
    core.senders++;
    this.#core = core;
  }

  protected override shownAs(): string {
    return 'Sender';
  }

  override toJSON(): Record<string, unknown> {
    return { closed: this.closed, stored: this.#core.size };
  }

  send(value: T, ...more: unknown[]): Operation<void> & Selectable<void> {
    refuseMore('sender.send(value)', more, LIMIT);
    return new SendWait(this.#core, this, value);
  }

  sendNowait(value: T): void {
    this.#core.sendNowait(this, value);
  }

  close(): Operation<void> {
    if (!this.closed) {
      this.closed = true;
      this.#core.senderClosed(this);
    }
    return ALREADY_DONE;
  }

  clone(): Sender<T> {
    if (this.closed) throw closedSender('clone');
    const clone = new SenderEnd(this.#core);
    this.#core.share(this, clone);
    return clone;
  }
}

class ReceiverEnd<T> extends Shown implements Receiver<T>, End {
  closed = false;
  waits: Set<unknown> | null = null;
  readonly #core: ChannelCore<T>;

  constructor(core: ChannelCore<T>) {
    super();
    core.receivers++;
    this.#core = core;
  }

  protected override shownAs(): string {
    return 'Receiver';
  }

  override toJSON(): Record<string, unknown> {
    return { closed: this.closed, stored: this.#core.size };
  }

  receive(...more: unknown[]): Operation<T> {
    refuseMore('receiver.receive()', more, LIMIT);
    return new ReceiveWait(this.#core, this);
  }

  receiveNowait(): T {
    return this.#core.receiveNowait(this);
  }

  next(...more: unknown[]): Operation<IteratorResult<T, void>> {
    refuseMore('receiver.next()', more, LIMIT);
    return new NextMessageWait(this.#core, this);
  }

  close(): Operation<void> {
    if (!this.closed) {
      this.closed = true;
      this.#core.receiverClosed(this);
    }
    return ALREADY_DONE;
  }

  clone(): Receiver<T> {
    if (this.closed) throw closedReceiver('clone');
    const clone = new ReceiverEnd(this.#core);
    this.#core.share(this, clone);
    return clone;
  }

  [selectable](): Suspension<T> {
    return new ReceiveWait(this.#core, this);
  }
}

/**
 * Makes a channel: messages go from its sender to its receiver, first in, first out, and either side can be closed.
 *
 * With capacity 0 a `send` waits until its message is received (a rendezvous). To give several tasks an end each, clone
 * it: the channel ends when all senders are closed, and is broken when all receivers are.
 *
 * Cancellation: a `send` that is cancelled while it waits has sent nothing, a `receive` has taken nothing.
 *
 * @param capacity how many messages are stored while nobody receives; Infinity for no limit
 * @throws RangeError for NaN, a fraction or a negative number; TypeError if `capacity` is not a number.
 * @example
 * ```ts
 * import { channel, run, type Sender, spawn } from '@coloop/core';
 *
 * function* greet(sender: Sender<string>) {
 *   yield* sender.send('hello');
 *   yield* sender.send('world');
 *   sender.close();
 * }
 *
 * await run(function* () {
 *   const { sender, receiver } = channel<string>();
 *   spawn(greet(sender));
 *   for (let r = yield* receiver.next(); !r.done; r = yield* receiver.next()) console.log(r.value);
 *   //> hello
 *   //> world
 * });
 * ```
 * Source: Trio's `open_memory_channel`, Go's channels.
 */
export function channel<T>(capacity?: number): Channel<T>;
export function channel<T>(capacity = 0, ...more: unknown[]): Channel<T> {
  refuseMore('channel(capacity)', more);
  const core = new ChannelCore<T>(checkCount('channel: capacity', capacity, 0, true));
  return { sender: new SenderEnd(core), receiver: new ReceiverEnd(core) };
}
