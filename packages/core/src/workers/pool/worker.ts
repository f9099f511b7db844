/**
 * One worker, as its pool sees it.
 *
 * | state    | meaning                                                       | leaves to                |
 * | -------- | ------------------------------------------------------------- | ------------------------ |
 * | STARTING | its module loads; calls wait in its channel                   | READY, ENDED             |
 * | READY    | it runs calls                                                 | SILENT, CLOSING, ENDED   |
 * | SILENT   | it has not answered for a while: a call computes in it        | READY, CLOSING, ENDED    |
 * | CLOSING  | it was told to cancel everything and to end                   | ENDED                    |
 * | ENDED    | it is gone; its calls have failed, and another takes its place | -                        |
 */
import { CancelledError, describe } from '../../errors.ts';
import { hostEpochNow } from '../../kernel/clock/host.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import type { Carrier, CarrierEvents, Loss } from '../carrier.ts';
import { PoolClosedError, WorkerLoadError, WorkerLostError, WorkerUnresponsiveError } from '../errors.ts';
import { culprit, notCloneable } from '../not-cloneable.ts';
import { Outbox } from '../outbox.ts';
import type { ErrorClasses } from '../packed-error.ts';
import {
  type Baggage,
  CALL,
  ENDED as CALL_ENDED,
  CANCEL,
  CLOSE,
  CLOSED,
  CREDIT,
  EXPIRED,
  type ExportKind,
  FAIL,
  ITEM,
  READY as LOADED,
  OK,
  type Order,
  PING,
  PONG,
  type Report,
  STREAM,
  CANCELLING as TAKEN,
  UNLOADED,
} from '../protocol.ts';
import { takeTransfers } from '../transfer.ts';
import type { PoolEvents, WorkerStats } from '../types.ts';
import { CANCELLED, CANCELLING, type Call, type CallWorker, DETACHED, ERROR, SENT, VALUE } from './call.ts';
import { Patience } from './patience.ts';
import { Watch } from './watch.ts';

const STARTING = 0;
const READY = 1;
const SILENT = 2;
const CLOSING = 3;
const ENDED = 4;

/** How long a worker may take to hear that it is to end, in ms; then it is ended as it is. */
const HEARS_THE_CLOSE = 500;

const STATES = ['starting', 'ready', 'silent', 'closing', 'ended'] as const;

/** What a worker needs of its pool. */
export interface WorkerOwner {
  readonly scheduler: Scheduler;
  readonly classes: ErrorClasses;
  readonly unresponsive: { readonly after: number; readonly end: boolean };
  /** Starts the carrier. */
  launch(events: CarrierEvents, index: number): Carrier;
  readonly foreign: boolean;
  /** How errors call the pool. */
  readonly name: string;
  report<K extends keyof PoolEvents>(name: K, event: Parameters<PoolEvents[K]>[0]): void;
  /** A call has ended in this worker, which has room for another. */
  callEnded(worker: PoolWorker): void;
  /** Its module is loaded, or it has ended. */
  workerChanged(worker: PoolWorker): void;
}

export class PoolWorker implements CarrierEvents, CallWorker {
  readonly index: number;
  readonly label: string;
  readonly foreign: boolean;
  /** What its module exports; null before it is loaded. */
  exports: Readonly<Record<string, ExportKind>> | null = null;
  /** Why it has ended before its module was loaded. */
  loadError: unknown = undefined;
  /** Places that were given to callers who have not sent their call yet. */
  reserved = 0;
  readonly #calls = new Map<number, Call>();
  readonly #owner: WorkerOwner;
  readonly #carrier: Carrier;
  readonly #out: Outbox<Order>;
  readonly #watch: Watch;
  readonly #patience: Patience;
  readonly #giveBack: () => void;
  /** When it was probed, on the pool's clock, until it says anything. */
  #probedAt = Number.NaN;
  #state = STARTING;
  /** Why it was ended by its pool; null where it ended by itself. */
  #ending: unknown = null;

  constructor(owner: WorkerOwner, index: number) {
    this.#owner = owner;
    this.index = index;
    this.label = `worker ${index + 1} of ${owner.name}`;
    this.foreign = owner.foreign;
    this.#giveBack = owner.scheduler.hold('worker', this.label);
    const { after } = owner.unresponsive;
    this.#watch = new Watch(owner.scheduler, after, {
      foreign: owner.foreign,
      busy: () => this.#calls.size > 0,
      ping: () => this.#out.send([PING]),
      silent: (ms) => this.#fellSilent(ms),
    });
    this.#patience = new Patience(owner.scheduler, owner.foreign, () => {
      if (this.#state === CLOSING) this.end();
    });
    this.#carrier = owner.launch(this, index);
    this.#out = new Outbox<Order>(
      (orders, transfer) => this.#carrier.post(orders, transfer),
      (order, error) => this.#refused(order, error),
      !owner.foreign,
    );
  }

  get ready(): boolean {
    return this.exports !== null;
  }

  get gone(): boolean {
    return this.#state === ENDED;
  }

  /** Whether it has not answered for a while. */
  get silent(): boolean {
    return this.#state === SILENT;
  }

  /** Whether a call computes in it at this moment, where that can be seen. */
  get computes(): boolean {
    return (this.#carrier.running() ?? 0) !== 0;
  }

  get unanswered(): number {
    return Number.isNaN(this.#probedAt) ? 0 : this.#owner.scheduler.now() - this.#probedAt;
  }

  probe(): void {
    if (!Number.isNaN(this.#probedAt)) return;
    this.#probedAt = this.#owner.scheduler.now();
    this.#out.send([PING]);
  }

  get rank(): number {
    return this.#state === READY ? 0 : this.#state === STARTING ? 1 : 2;
  }

  get load(): number {
    return this.#calls.size + this.reserved;
  }

  get stats(): WorkerStats {
    return { name: this.label, state: STATES[this.#state] as WorkerStats['state'], running: this.#calls.size };
  }

  /** Sends a call. */
  start(call: Call, baggage: Baggage | null): void {
    this.#add(call);
    const { id, name, args, deadline } = call;
    const transfer = takeTransfers(args);
    if (deadline === Number.POSITIVE_INFINITY && baggage === null) this.#out.send([CALL, id, name, args], transfer);
    else this.#out.send([CALL, id, name, args, this.#epochOf(deadline), baggage], transfer);
  }

  /** Begins a stream. */
  startStream(call: Call, credit: number, baggage: Baggage | null): void {
    this.#add(call);
    const { id, name, args } = call;
    this.#out.send([STREAM, id, name, args, credit, baggage], takeTransfers(args));
  }

  #add(call: Call): void {
    this.#calls.set(call.id, call);
    if (this.foreign) this.#watch.begin();
  }

  #epochOf(deadline: number): number {
    if (deadline === Number.POSITIVE_INFINITY) return 0;
    // The clock of a test's scheduler is that of its workers.
    if (!this.foreign) return Math.max(deadline, Number.MIN_VALUE);
    return hostEpochNow() + deadline - this.#owner.scheduler.now();
  }

  /** The reader of a stream has taken items. */
  credit(call: Call, items: number): void {
    if (call.state === SENT) this.#out.send([CREDIT, call.id, items]);
  }

  /** The caller was cancelled. */
  cancel(call: Call, why: unknown): void {
    if (call.gone) {
      call.settle(CANCELLED, undefined);
      return;
    }
    call.state = CANCELLING;
    this.#out.send([CANCEL, call.id, reasonOf(why)]);
  }

  /** The caller has gone on, and the call has not ended. */
  leave(call: Call): void {
    call.state = DETACHED;
  }

  blocked(): void {
    this.#watch.begin();
  }

  /** Cancels everything in it and ends it. */
  close(): void {
    if (this.#state === ENDED || this.#state === CLOSING) return;
    const started = this.#state !== STARTING;
    this.#state = CLOSING;
    if (!started) {
      this.end();
      return;
    }
    this.#out.send([CLOSE]);
    // One that computes does not answer.
    this.#out.send([PING]);
    this.#patience.begin(HEARS_THE_CLOSE);
  }

  /** Ends it at once. */
  end(why: unknown = new PoolClosedError(`The pool of ${this.#owner.name} was closed while the call ran.`)): void {
    this.#ending ??= why;
    this.#carrier.end();
  }

  /** The call that blocks it, as well as that is known. */
  blockedBy(): string {
    const running = this.#carrier.running();
    const call = running === null || running === 0 ? undefined : this.#calls.get(running);
    if (call !== undefined) return `${call.name}()`;
    const names = new Set([...this.#calls.values()].map(({ name }) => `${name}()`));
    return names.size === 0 ? 'its module' : [...names].join(' or ');
  }

  received(reports: readonly Report[]): void {
    this.#watch.heard();
    this.#probedAt = Number.NaN;
    if (this.#state === CLOSING) this.#patience.end();
    if (this.#state === SILENT) this.#state = READY;
    for (const report of reports) this.#receive(report);
  }

  #receive(report: Report): void {
    switch (report[0]) {
      case OK:
        this.#ended(report[1], VALUE, report[2]);
        break;
      case FAIL:
        this.#failed(report[1], report[2]);
        break;
      case ITEM:
        this.#calls.get(report[1])?.item(report[2]);
        break;
      case CALL_ENDED:
        this.#wasCancelled(report[1]);
        break;
      case EXPIRED:
        this.#expired(report[1]);
        break;
      case TAKEN:
        this.#calls.get(report[1])?.cancelTaken();
        break;
      case LOADED:
        this.exports = report[1];
        if (this.#state === STARTING) this.#state = READY;
        this.#owner.workerChanged(this);
        break;
      case UNLOADED:
        this.loadError = this.#loadErrorOf(this.#owner.classes.unpack(report[1], this.label));
        this.#carrier.end();
        break;
      case CLOSED:
        this.end();
        break;
      case PONG:
        break;
    }
  }

  #ended(id: number, end: number, outcome: unknown): void {
    const call = this.#take(id);
    if (call !== undefined) this.#settle(call, end, outcome);
  }

  #failed(id: number, packed: Parameters<ErrorClasses['unpack']>[0]): void {
    const call = this.#take(id);
    if (call === undefined) return;
    this.#settle(call, ERROR, this.#owner.classes.unpack(packed, `${call.name}() in ${this.label}`));
  }

  /** Its task was cancelled there: as its caller asked, or by the end of the pool, or by code of the module. */
  #wasCancelled(id: number): void {
    const call = this.#take(id);
    if (call === undefined) return;
    if (call.state !== SENT) this.#settle(call, CANCELLED, undefined);
    else if (this.#state === CLOSING) this.#settle(call, ERROR, this.#closedError(call));
    else this.#settle(call, ERROR, new CancelledError('the call was cancelled in its worker', this.label));
  }

  #expired(id: number): void {
    const call = this.#take(id);
    if (call === undefined) return;
    if (call.state !== SENT) this.#settle(call, CANCELLED, undefined);
    else {
      call.gone = true;
      this.#owner.callEnded(this);
      call.expired();
    }
  }

  #take(id: number): Call | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  #settle(call: Call, end: number, outcome: unknown): void {
    if (call.state === DETACHED) {
      const failure = end === ERROR ? { error: outcome } : {};
      this.#owner.report('late', { worker: this.label, call: call.name, ...failure });
    }
    call.settle(end, outcome);
    this.#owner.callEnded(this);
  }

  #closedError(call: Call): PoolClosedError {
    return new PoolClosedError(`The pool of ${this.#owner.name} was closed while ${call.name}() ran.`);
  }

  /** An order could not be cloned: only its own call fails. */
  #refused(order: Order, error: unknown): void {
    if (order[0] === CALL || order[0] === STREAM) {
      this.#ended(order[1], ERROR, notCloneable(culprit(order[2], order[3]), error));
    } else if (order[0] === CANCEL) {
      this.#out.send([CANCEL, order[1], describe(order[2])]);
    }
  }

  #loadErrorOf(cause: unknown): WorkerLoadError {
    return new WorkerLoadError(
      `${this.#owner.name} could not be loaded in a worker: ${describe(cause).replace(/\.$/, '')}. Its cause says where.`,
      { cause },
    );
  }

  #fellSilent(ms: number): void {
    if (this.#state !== READY) return;
    this.#state = SILENT;
    const blockedBy = this.blockedBy();
    this.#owner.report('unresponsive', { worker: this.label, blockedBy, ms });
    // Those that wait for the end of a cleanup go on.
    for (const call of this.#calls.values()) call.wait?.changed();
    if (this.#owner.unresponsive.end) {
      this.end(
        new WorkerUnresponsiveError(
          `The ${this.label} did not answer for ${Math.round(ms)} ms and was ended: ${blockedBy} blocks it. ` +
            'A call that computes for long gives way with `yield* tick()`.',
          blockedBy,
        ),
      );
    }
  }

  lost(loss: Loss): void {
    if (this.#state === ENDED) return;
    this.#state = ENDED;
    this.#watch.end();
    this.#patience.end();
    this.#giveBack();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    const ownEnd = this.#ending;
    if (this.exports === null)
      this.loadError ??= ownEnd ?? this.#loadErrorOf(this.#lostError('while it started', loss));
    else if (!(ownEnd instanceof PoolClosedError)) this.#reportLoss(loss, calls);
    for (const call of calls) {
      const error =
        ownEnd ?? this.loadError ?? this.#lostError(`while it ran ${call.name}(). Another takes its place`, loss);
      this.#settle(call, ERROR, error);
    }
    this.#owner.workerChanged(this);
  }

  #lostError(when: string, { reason, exitCode, how, cause }: Loss): WorkerLostError {
    const because = cause === undefined ? '' : ` (${describe(cause)})`;
    return new WorkerLostError(
      `The ${this.label} ended ${how}${because} ${when}.`,
      reason,
      exitCode,
      cause === undefined ? undefined : { cause },
    );
  }

  #reportLoss({ reason, exitCode }: Loss, calls: readonly Call[]): void {
    this.#owner.report('lost', {
      worker: this.label,
      reason: this.#ending === null ? reason : 'unresponsive',
      exitCode,
      calls: calls.map(({ name }) => name),
    });
  }
}

function reasonOf(why: unknown): unknown {
  const reason: unknown = why instanceof CancelledError ? why.reason : why;
  return typeof reason === 'object' || typeof reason === 'function' || typeof reason === 'symbol'
    ? describe(reason)
    : reason;
}
