/**
 * `broadcast`: the public words for a channel of which every subscription receives every message; broadcast-core.ts
 * does the work.
 */
import { ALREADY_DONE } from '../kernel/operation/done.ts';
import { checkCount, LIMIT, readOptions, refuseMore } from '../kernel/operation/options.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { asText, INSPECT, type Inspect, inspected, Shown } from '../kernel/operation/shown.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation, Suspension } from '../kernel/operation/suspension.ts';
import { Acquisition } from '../kernel/scope/acquisition.ts';
import { currentTaskOrNull } from '../kernel/task/current.ts';
import { BroadcastCore, BroadcastSendWait, type Mailbox } from './broadcast-core.ts';
import { NextMessageWait, ReceiveWait } from './receiving.ts';

/** What `broadcast` may be given. */
export interface BroadcastOptions {
  /** How many messages each subscription stores before `send` waits for it; 16 by default. 0: `send` waits until all receive. */
  capacity?: number | undefined;
  /** How many past messages a new subscription begins with; none by default. */
  replay?: number | undefined;
}

/** A source of the messages from its `subscribe` on; as a branch of `select` it gives the next one. */
export interface Subscription<T> extends Source<T>, Selectable<T> {
  /**
   * Ends this subscription at the call, so that nobody waits for it any more. Closing twice changes nothing. The
   * operation that is returned never waits and need not be yielded.
   */
  close(): Operation<void>;
}

/** One sending side, and any number of subscriptions. */
export interface Broadcast<T> {
  /**
   * Sends a message to all subscriptions, waiting until every one has room. Without any it is kept for replay only. It can
   * be a branch of `select`.
   *
   * @throws ClosedChannelError when the broadcast was closed, also while waiting.
   */
  send(value: T): Operation<void> & Selectable<void>;
  /**
   * Sends a message without waiting; it may be called outside of tasks too, as from a listener.
   *
   * @throws WouldBlockError when a subscription has no room, and then nobody has got it; else as `send`.
   */
  sendNowait(value: T): void;
  /** A subscription to all that is sent from now on, after the past messages that `replay` keeps. */
  subscribe(): Subscription<T>;
  /**
   * Closes the broadcast at the call: subscriptions end after what they have stored. Closing twice changes nothing. The
   * operation that is returned never waits and need not be yielded.
   */
  close(): Operation<void>;
}

class MailboxSource<T> extends Acquisition implements Subscription<T> {
  readonly #mailbox: Mailbox<T>;

  constructor(mailbox: Mailbox<T>) {
    super();
    this.#mailbox = mailbox;
    this.heldBy(currentTaskOrNull());
  }

  toJSON(): Record<string, unknown> {
    return { closed: this.#mailbox.closed, stored: this.#mailbox.size };
  }

  override toString(): string {
    return asText('Subscription', this.toJSON());
  }

  [INSPECT](_depth: number, options: unknown, inspect?: Inspect): string {
    return inspected('Subscription', this.toJSON(), options, inspect);
  }

  next(): Operation<IteratorResult<T, void>> {
    return new NextMessageWait(this.#mailbox, this.#mailbox);
  }

  run(): void {
    this.over();
    this.#mailbox.close();
  }

  close(): Operation<void> {
    this.run();
    return ALREADY_DONE;
  }

  [selectable](): Suspension<T> {
    return new ReceiveWait(this.#mailbox, this.#mailbox);
  }
}

class CoreBroadcast<T> extends Shown implements Broadcast<T> {
  readonly #core: BroadcastCore<T>;

  constructor(core: BroadcastCore<T>) {
    super();
    this.#core = core;
  }

  protected override shownAs(): string {
    return 'Broadcast';
  }

  override toJSON(): Record<string, unknown> {
    return { closed: this.#core.closed, subscriptions: this.#core.subscriptions };
  }

  send(value: T, ...more: unknown[]): Operation<void> & Selectable<void> {
    refuseMore('broadcast.send(value)', more, LIMIT);
    return new BroadcastSendWait(this.#core, value);
  }

  sendNowait(value: T): void {
    this.#core.sendNowait(value);
  }

  subscribe(...more: unknown[]): Subscription<T> {
    refuseMore('broadcast.subscribe()', more, 'Its `capacity` and `replay` are those of `broadcast(options)`.');
    return new MailboxSource(this.#core.open());
  }

  close(): Operation<void> {
    this.#core.close();
    return ALREADY_DONE;
  }
}

const BROADCAST_OPTIONS = { capacity: 'any', replay: 'any' } as const;
const DEFAULT_CAPACITY = 16;

/**
 * Makes a broadcast: every message goes to every subscription.
 *
 * The slowest subscription sets the pace: `send` waits until each has room, then reaches all in one step. A subscription
 * that is not read any more has to be closed.
 *
 * Cancellation: a `send` that is cancelled while it waits has reached nobody; a `next` has taken nothing.
 *
 * @param options `capacity`, how many messages each subscription stores; `replay`, how many past messages a new one gets
 * @throws RangeError for NaN, a fraction or a negative number; TypeError if `capacity` is not a number.
 * @example
 * ```ts
 * import { broadcast, run } from '@coloop/core';
 *
 * await run(function* () {
 *   const news = broadcast<string>({ replay: 1 });
 *   const early = news.subscribe();
 *   yield* news.send('first');
 *   const late = news.subscribe();
 *   console.log(yield* early.next()); //> { done: false, value: 'first' }
 *   console.log(yield* late.next()); //> { done: false, value: 'first' }
 * });
 * ```
 * Source: Kotlin's `MutableSharedFlow`.
 */
export function broadcast<T>(options: BroadcastOptions = {}): Broadcast<T> {
  const { capacity = DEFAULT_CAPACITY, replay = 0 } = readOptions('broadcast', options, BROADCAST_OPTIONS);
  return new CoreBroadcast(
    new BroadcastCore<T>(
      checkCount('broadcast: capacity', capacity, 0, true),
      checkCount('broadcast: replay', replay, 0, true),
    ),
  );
}
