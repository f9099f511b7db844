/** The pool: starts and replaces workers, says where a call goes, and ends all with its scope. */
import { QueueFullError } from '../../errors.ts';
import { atCaller } from '../../kernel/operation/at-caller.ts';
import { nearest, show } from '../../kernel/operation/options.ts';
import { sameScheduler } from '../../kernel/operation/same-scheduler.ts';
import type { Source } from '../../kernel/operation/source.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { WaitList } from '../../kernel/operation/waitlist.ts';
import { createEmitter } from '../../kernel/report/events.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { runningTask } from '../../kernel/task/current.ts';
import { packContexts } from '../../resources/travelling.ts';
import { shield } from '../../tasks/shield.ts';
import { deadlineOf } from '../../time/deadline-of.ts';
import type { Carrier, CarrierEvents, Launcher } from '../carrier.ts';
import { NoSuchExportError, PoolClosedError } from '../errors.ts';
import { ErrorClasses } from '../packed-error.ts';
import type { ExportKind } from '../protocol.ts';
import type { PoolEvents, PoolStats } from '../types.ts';
import { Call, DONE, ERROR } from './call.ts';
import type { CheckedPoolOptions } from './options.ts';
import { OutcomeWait } from './outcome-wait.ts';
import { place } from './placement.ts';
import { PoolWait } from './pool-wait.ts';
import { RemoteEnd } from './remote-end.ts';
import { RemoteStream, StreamCall, type StreamPool } from './remote-stream.ts';
import { PoolWorker, type WorkerOwner } from './worker.ts';
import { WorkerTurn } from './worker-turn.ts';

export class Pool implements WorkerOwner, StreamPool {
  readonly scheduler: Scheduler;
  readonly classes: ErrorClasses;
  readonly unresponsive: { readonly after: number; readonly end: boolean };
  readonly foreign: boolean;
  readonly name: string;
  readonly events = createEmitter<PoolEvents>();
  readonly #launcher: Launcher;
  readonly #options: CheckedPoolOptions;
  readonly #workers: PoolWorker[] = [];
  readonly #turns = new WaitList<WorkerTurn>();
  readonly #waits = new Set<PoolWait>();
  #exports: Readonly<Record<string, ExportKind>> | null = null;
  #closed = false;
  #lastId = 0;
  #ended = 0;
  #lost = 0;

  constructor(scheduler: Scheduler, launcher: Launcher, options: CheckedPoolOptions) {
    this.scheduler = scheduler;
    this.#launcher = launcher;
    this.#options = options;
    this.foreign = launcher.foreign;
    this.name = options.name ?? launcher.name;
    this.classes = new ErrorClasses(options.errors);
    this.unresponsive = options.unresponsive;
  }

  /** Starts the workers and waits until every one has loaded the module. */
  *start(): Operation<void> {
    for (let index = 0; index < this.#options.size; index++) this.#workers.push(new PoolWorker(this, index));
    yield* new PoolWait(`the workers of ${this.name} to start`, this.#waits, this.foreign, () => this.#haveStarted());
  }

  #haveStarted(): boolean {
    const failed = this.#workers.find(({ gone }) => gone);
    if (failed !== undefined) throw failed.loadError;
    return this.#workers.every(({ ready }) => ready);
  }

  launch(events: CarrierEvents, index: number): Carrier {
    return this.#launcher.launch(events, index);
  }

  report<K extends keyof PoolEvents>(name: K, event: Parameters<PoolEvents[K]>[0]): void {
    (this.events.emit as (name: K, event: Parameters<PoolEvents[K]>[0]) => boolean)(name, event);
  }

  call(name: string, ...args: readonly unknown[]): Operation<unknown> {
    return this.#call(name, args);
  }

  *#call(name: string, args: readonly unknown[]): Operation<unknown> {
    const task = runningTask('pool.call()');
    this.#check(name);
    const worker = this.#options.concurrency === Number.POSITIVE_INFINITY ? this.#place() : yield* this.#turn();
    const call = new Call(++this.#lastId, name, worker, args, deadlineOf(task));
    worker.start(call, packContexts(task.context));
    try {
      return yield* new OutcomeWait(call);
    } catch (error) {
      if (call.state !== DONE) yield* this.#abandon(call, error);
      throw error;
    }
  }

  stream(name: string, ...args: readonly unknown[]): Source<unknown> {
    return new RemoteStream(this, name, args);
  }

  /** Starts the call of a stream. */
  *openStream(name: string, args: readonly unknown[], credit: number): Operation<StreamCall> {
    const task = runningTask('pool.stream()');
    this.#check(name);
    const worker = this.#options.concurrency === Number.POSITIVE_INFINITY ? this.#place() : yield* this.#turn();
    const call = new StreamCall(++this.#lastId, name, worker, args, Number.POSITIVE_INFINITY);
    worker.startStream(call, credit, packContexts(task.context));
    return call;
  }

  /**
   * The caller has a cancel, and goes on when the cleanups of the call have ended. What one of them fails with takes the
   * place of the cancel, as an error from `finally` does in one thread.
   */
  *#abandon(call: Call, cancel: unknown): Operation<void> {
    yield* this.end(call, cancel);
    if (call.state !== DONE || call.end !== ERROR || call.worker.gone) return;
    throw atCaller(call.outcome);
  }

  /** Cancels a call and waits for the end of its cleanups, within the grace. */
  *end(call: Call, why: unknown): Operation<void> {
    call.worker.cancel(call, why);
    try {
      yield* new RemoteEnd(call);
    } finally {
      if ((call.state as number) !== DONE) call.worker.leave(call);
    }
  }

  #check(name: string): void {
    sameScheduler(this.scheduler, `The pool of ${this.name}`);
    if (this.#closed) throw atCaller(this.#closedError());
    const exports = this.#exports as Readonly<Record<string, ExportKind>>;
    const kind = Object.hasOwn(exports, name) ? exports[name] : undefined;
    if (kind === 'function') return;
    const names = Object.keys(exports).filter((each) => exports[each] === 'function');
    const near = nearest(String(name), names);
    const what = kind === undefined ? 'does not export' : `exports a ${kind}, not a function, as`;
    const hint = near === null ? `It has: ${names.join(', ') || 'no function'}.` : `Did you mean '${near}'?`;
    throw atCaller(new NoSuchExportError(`${this.name} ${what} ${show(name)}. ${hint}`, near));
  }

  #closedError(): PoolClosedError {
    return new PoolClosedError(
      `The pool of ${this.name} was closed, by close() or with the scope that opened it. Open it in a scope that lives as long as its calls.`,
    );
  }

  #place(): PoolWorker {
    const worker = place(this.#workers, Number.POSITIVE_INFINITY);
    return worker ?? this.#replaceAny();
  }

  /** Waits for a worker that has room, behind those that wait already. */
  *#turn(): Operation<PoolWorker> {
    const free = this.#turns.size > 0 ? null : this.#roomNow();
    if (free !== null) return free;
    if (this.#turns.size >= this.#options.queue) {
      throw new QueueFullError(
        `${this.#turns.size} calls wait for the workers of ${this.name}, as many as the option 'queue' allows. Call later, or give more.`,
      );
    }
    const { index } = yield* new WorkerTurn(this.#turns, this.name);
    if (this.#closed) throw this.#closedError();
    // Where it was lost since, another one keeps the place.
    const given = this.#workers[index] as PoolWorker;
    given.reserved--;
    return given.gone ? this.#replace(index) : given;
  }

  #roomNow(): PoolWorker | null {
    const worker = place(this.#workers, this.#options.concurrency);
    if (worker !== null) return worker;
    return this.#workers.every(({ gone }) => gone) ? this.#replaceAny() : null;
  }

  callEnded(_worker: PoolWorker): void {
    this.#ended++;
    this.#serve();
  }

  /** Gives workers that have room to those that wait. */
  #serve(): void {
    while (this.#turns.size > 0) {
      const worker = this.#roomNow();
      if (worker === null) return;
      worker.reserved++;
      this.#turns.shift()?.wake(worker);
    }
  }

  workerChanged(worker: PoolWorker): void {
    if (worker.ready) this.#exports ??= worker.exports;
    if (worker.gone && !this.#closed && this.#exports !== null) {
      this.#lost++;
      // One that could not even load is replaced when it is needed: not again and again.
      if (worker.ready) this.#replace(worker.index);
    }
    for (const wait of [...this.#waits]) wait.changed();
    if (!this.#closed) this.#serve();
  }

  #replace(index: number): PoolWorker {
    const worker = new PoolWorker(this, index);
    worker.reserved = this.#workers[index]?.reserved ?? 0;
    this.#workers[index] = worker;
    return worker;
  }

  #replaceAny(): PoolWorker {
    return this.#replace(this.#workers.find(({ gone }) => gone)?.index ?? 0);
  }

  get stats(): PoolStats {
    const workers = this.#workers.map((worker) => worker.stats);
    return {
      workers,
      running: workers.reduce((sum, { running }) => sum + running, 0),
      waiting: this.#turns.size,
      ended: this.#ended,
      lost: this.#lost,
    };
  }

  *close(): Operation<void> {
    this.#closed = true;
    for (let turn = this.#turns.shift(); turn !== null; turn = this.#turns.shift()) turn.fail(this.#closedError());
    for (const worker of this.#workers) worker.close();
    const ended = (): boolean => this.#workers.every(({ gone }) => gone);
    const wait = (): Operation<void> =>
      new PoolWait(`the workers of ${this.name} to end`, this.#waits, this.foreign, ended);
    try {
      yield* wait();
    } finally {
      // They had their grace.
      for (const worker of this.#workers) if (!worker.gone) worker.end();
      yield* shield(wait());
    }
  }
}
