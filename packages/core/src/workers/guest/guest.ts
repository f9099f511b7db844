/**
 * The worker's end: runs the exports of one module as tasks of this thread's scheduler, and answers. It knows neither
 * threads nor processes: what carries the messages is given.
 *
 * | a call is | meaning                                             | leaves to                                   |
 * | --------- | --------------------------------------------------- | ------------------------------------------- |
 * | running   | its task lives                                      | answered                                    |
 * | cancelled | a CANCEL has come; its cleanups run                 | answered: ENDED, or its own value or failure |
 * | answered  | OK, FAIL, ENDED or EXPIRED was sent; it is forgotten | -                                           |
 */

import type { Operation } from '../../kernel/operation/suspension.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { surfaced } from '../../kernel/stack/trail.ts';
import type { ContextCarrier, Task } from '../../kernel/task/task.ts';
import { unpackContexts } from '../../resources/travelling.ts';
import { type Moved, moveOnAfter } from '../../time/move-on-after.ts';
import { notCloneable } from '../not-cloneable.ts';
import { Outbox } from '../outbox.ts';
import { packError } from '../packed-error.ts';
import {
  type Baggage,
  CALL,
  CANCEL,
  CANCELLING,
  CLOSE,
  CLOSED,
  CREDIT,
  ENDED,
  EXPIRED,
  FAIL,
  ITEM,
  OK,
  type Order,
  PING,
  PONG,
  READY,
  type Report,
  STREAM,
} from '../protocol.ts';
import { takeTransfer } from '../transfer.ts';
import { answerCall } from './call.ts';
import { describeExports } from './describe-exports.ts';
import { answerStream, Credit } from './stream.ts';

/** What a guest needs of the platform that it runs on. */
export interface GuestPlatform {
  readonly scheduler: Scheduler;
  /** Throws for what cannot be cloned. */
  post(reports: readonly Report[], transfer: readonly unknown[]): void;
  /** Milliseconds since 1970 by a clock that the pool has, too. */
  epochNow(): number;
  /** Whether messages are sent one by one. */
  readonly atOnce: boolean;
  /** Notes which call runs, where the pool can look. */
  mark?(id: number): ContextCarrier;
}

type Exports = Readonly<Record<string, unknown>>;

export class Guest {
  readonly platform: GuestPlatform;
  readonly #module: Exports;
  readonly #calls = new Map<number, GuestCall>();
  readonly #out: Outbox<Report>;
  #closing = false;

  constructor(module: Exports, platform: GuestPlatform) {
    this.#module = module;
    this.platform = platform;
    this.#out = new Outbox<Report>(platform.post, (report, error) => this.#refused(report, error), platform.atOnce);
    this.send([READY, describeExports(module)]);
  }

  send(report: Report, transfer: readonly unknown[] | null = null): void {
    this.#out.send(report, transfer);
  }

  receive(orders: readonly Order[]): void {
    for (const order of orders) {
      switch (order[0]) {
        case CALL:
          this.#start(order[1], order[2], order[3], null, order[4] ?? 0, order[5] ?? null);
          break;
        case STREAM:
          this.#start(order[1], order[2], order[3], new Credit(order[4]), 0, order[5]);
          break;
        case CANCEL:
          this.#cancel(order[1], order[2]);
          break;
        case CREDIT:
          this.#calls.get(order[1])?.credit?.give(order[2]);
          break;
        case PING:
          this.send([PONG]);
          break;
        case CLOSE:
          this.#close();
          break;
      }
    }
  }

  #start(
    id: number,
    name: string,
    args: readonly unknown[],
    credit: Credit | null,
    deadline: number,
    baggage: Baggage | null,
  ): void {
    const { scheduler } = this.platform;
    const fn = Object.hasOwn(this.#module, name) ? this.#module[name] : undefined;
    const call = new GuestCall(this, id, name, credit);
    let body: Operation<unknown> =
      credit === null ? answerCall(name, fn, args) : answerStream(name, fn, args, credit, call);
    if (deadline > 0) {
      call.timed = true;
      body = moveOnAfter(deadline - this.platform.epochNow(), body);
    }
    let task: Task;
    try {
      task = scheduler.startRoot(body, { name, context: this.platform.mark?.(id) });
    } catch (error) {
      this.send([FAIL, id, packError(error)]);
      return;
    }
    if (baggage !== null) task.context = unpackContexts(baggage);
    call.task = task;
    this.#calls.set(id, call);
    task.addJoiner(call);
  }

  #cancel(id: number, reason: unknown): void {
    const call = this.#calls.get(id);
    if (call === undefined) return; // its answer is on the way
    this.send([CANCELLING, id]);
    call.task?.cancelBy({ reason, requestedBy: 'its caller', from: null });
  }

  /** A call has ended. */
  forget(id: number): void {
    this.#calls.delete(id);
    if (this.#closing) this.#closeIfDone();
  }

  #close(): void {
    this.#closing = true;
    for (const { task } of [...this.#calls.values()]) {
      task?.cancelBy({ reason: 'the pool was closed', requestedBy: 'the pool', from: null });
    }
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#calls.size === 0) this.send([CLOSED]);
  }

  /** A value could not be cloned: only its own call fails. */
  #refused(report: Report, error: unknown): void {
    if (report[0] === OK) {
      this.send([FAIL, report[1], packError(notCloneable('The result of the call', error))]);
    } else if (report[0] === ITEM) {
      const call = this.#calls.get(report[1]);
      if (call !== undefined) call.broken = notCloneable(`An item of ${call.name}()`, error);
      call?.task?.cancelBy({ reason: 'an item could not be sent', requestedBy: 'the worker', from: null });
    } else if (report[0] === FAIL) {
      // A property of the error: it goes without.
      this.send([FAIL, report[1], withoutObjects(report[2])]);
    }
  }
}

function withoutObjects(packed: ReturnType<typeof packError>): ReturnType<typeof packError> {
  const { cause, errors, inner, properties } = packed;
  return {
    ...packed,
    cause: cause === null ? null : withoutObjects(cause),
    errors: errors === null ? null : errors.map(withoutObjects),
    inner: Object.fromEntries(Object.entries(inner).map(([key, each]) => [key, withoutObjects(each)])),
    properties: Object.fromEntries(
      Object.entries(properties).filter(([, value]) => typeof value !== 'object' || value === null),
    ),
  };
}

/** A call that runs here. */
export class GuestCall {
  task: Task | null = null;
  /** Whether it has a deadline of its own, so that its value says whether that has passed. */
  timed = false;
  /** What it fails with, whatever its task ends with. */
  broken: unknown = undefined;
  readonly name: string;
  readonly credit: Credit | null;
  readonly #guest: Guest;
  readonly #id: number;

  constructor(guest: Guest, id: number, name: string, credit: Credit | null) {
    this.#guest = guest;
    this.#id = id;
    this.name = name;
    this.credit = credit;
  }

  /** Sends an item of a stream. */
  give(item: unknown): void {
    this.#guest.send([ITEM, this.#id, item], takeTransfer(item));
  }

  settled(task: Task): void {
    task.answered = true;
    const id = this.#id;
    if (this.broken !== undefined) this.#guest.send([FAIL, id, packError(this.broken)]);
    else if (task.status === 'succeeded') this.#succeeded(task.outcome);
    else if (task.status === 'cancelled') this.#guest.send([ENDED, id]);
    else this.#failed(task);
    this.#guest.forget(id);
  }

  #succeeded(outcome: unknown): void {
    if (!this.timed) this.#give(outcome);
    else if ((outcome as Moved<unknown>).timedOut) this.#guest.send([EXPIRED, this.#id]);
    else this.#give((outcome as Moved<unknown>).value);
  }

  #give(value: unknown): void {
    this.#guest.send([OK, this.#id, value], takeTransfer(value));
  }

  #failed(task: Task): void {
    const error = surfaced(task.error());
    this.#guest.send([FAIL, this.#id, packError(error)]);
  }
}
