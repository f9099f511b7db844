/**
 * One ready queue, first in, first out; one heap of timers; one clock.
 *
 * A wake only queues a task. A slice runs queued tasks for about 2 ms and then gives way to the host in a macrotask, so
 * timers, I/O and rendering go on; where a slice ends never changes the order of tasks.
 */
import type TypedEmitter from 'typed-emitter';
import { GroupClosedError } from '../../errors.ts';
import { type Clock, type ClockView, HostClock } from '../clock/clock.ts';
import { giveToHost, hostEntropy, hostNow, hostRandom, hostWallNow, lookUpClock } from '../clock/host.ts';
import { type TimerEntry, TimerHeap } from '../clock/timers.ts';
import { afterHostTurn, entered, soon } from '../clock/turns.ts';
import { checkOperation } from '../operation/check-operation.ts';
import { announceCopy } from '../operation/duplicate-copies.ts';
import { readOptions, show } from '../operation/options.ts';
import { INSPECT, type Inspect, inspected } from '../operation/shown.ts';
import {
  type Body,
  clearReturned,
  isRunning,
  noteOperations,
  type Suspension,
  setRunning,
} from '../operation/suspension.ts';
import { DebugLog } from '../report/debug.ts';
import { Emitter, type SchedulerEvents, typed } from '../report/events.ts';
import { surfaced, withoutOurLines } from '../stack/trail.ts';
import { clearFrames } from '../task/frame.ts';
import { type ContextCarrier, makeTask, type Task, type TaskHost } from '../task/task.ts';
import { type AbortSignalLike, ForeignSignals } from './follow-signal.ts';
import type { Meter } from './meter.ts';
import type { SchedulerObserver } from './observer.ts';
import { promiseOf } from './promise-of.ts';

export interface SchedulerOptions {
  /** Where time comes from; the platform's monotonic clock by default. */
  clock?: Clock | undefined;
  /** Numbers from 0 up to 1 for jitter and the like; `Math.random` by default. */
  random?: (() => number) | undefined;
  /** Fills bytes that cannot be guessed; the platform's crypto by default. */
  entropy?: ((bytes: Uint8Array) => Uint8Array) | undefined;
  /** How long waits in a cleanup work after a cancel before it is thrown again, in ms; 5,000 by default. */
  cleanupGrace?: number | undefined;
  /** How long tasks run before the host gets a turn, in ms; 2 by default. */
  slice?: number | undefined;
  /** How many operations may finish at once before a task has to give way; 128 by default. */
  budget?: number | undefined;
  /** Keeps places of creation and lists operations that never started; set by `runTest`. */
  debug?: boolean | undefined;
}

export interface RunOptions {
  /** Cancels the run when it is aborted; its reason becomes the cancel's. */
  signal?: AbortSignalLike | undefined;
  /** Carries the host's own context along, as `asyncContext()` of `@coloop/core/node` does. */
  context?: ContextCarrier | undefined;
  /** How reports call the task. */
  name?: string | undefined;
}

type RootOptions = Omit<RunOptions, 'signal'>;

/** What runs the slices of a scheduler in an order of its own. */
export interface SliceOrder {
  /** Runs what is ready and due, until there is nothing or `end` has come by the host's clock. */
  runSlice(end: number): void;
}

const DEFAULT_GRACE = 5_000;
const DEFAULT_SLICE = 2;
const DEFAULT_BUDGET = 128;
/** A step longer than this is reported, where somebody listens. */
const SLOW_STEP = 50;
/** How many steps run between two looks at the clock. */
const STEPS_PER_LOOK = 32;
/** After how many looks at a clock that has not moved it is taken to stand. */
const MOST_LOOKS = 4_096;
/** How many slices may begin in a microtask before the host surely gets a turn. */
const QUICK_STARTS = 64;

/** The schedulers of this thread that have something to run: what a look at the whole program begins with. */
const inUse = new Set<Scheduler>();

/** The schedulers that have tasks. */
export function schedulersInUse(): Scheduler[] {
  return [...inUse];
}

/** Runs tasks. All runs of a thread share the default one unless another is given. */
export class Scheduler implements TaskHost, ClockView {
  /** What happens in this scheduler, typed through typed-emitter. */
  readonly events: TypedEmitter<SchedulerEvents>;
  readonly #emitter = new Emitter();
  /** @internal */
  readonly clock: Clock;
  /** @internal A program that was told to end has less patience with its cleanups: `main` lowers it after a signal. */
  cleanupGrace: number;
  /** @internal */
  readonly debug: boolean;
  /** @internal What is written down in debug. */
  readonly log: DebugLog | null;
  /** @internal */
  budget: number;
  /** @internal What every step begins with. */
  readonly fullBudget: number;
  /** @internal */
  calls = 0;
  /** @internal */
  hostWaits = 0;
  /** @internal */
  halted = false;
  /** @internal What runs the slices, where that is not plainly in the order of arrival. */
  order: SliceOrder | null = null;
  /** @internal Is told what happens here, where somebody looks. */
  observer: SchedulerObserver | null = null;
  /** @internal Is told of every step, while somebody measures. */
  meter: Meter | null = null;
  /** @internal Tasks without an owner that have not settled. */
  readonly roots = new Set<Task>();
  /** @internal Signals from outside that something here follows. */
  readonly signals = new ForeignSignals();
  /** @internal Called when nothing can ever run again; only a virtual clock finds that out. */
  onDeadlock: (() => void) | null = null;
  readonly #random: () => number;
  readonly #entropy: (bytes: Uint8Array) => Uint8Array;
  readonly #slice: number;
  readonly #timers = new TimerHeap();
  readonly #run = (): void => this.#runSlice();
  readonly #wake = (): void => this.#woken();
  #first: Task | null = null;
  /** Stale while no more than one task is queued: most often there is one, and each store of a young task has its price. */
  #last: Task | null = null;
  #lastId = 0;
  /** False while a slice runs or is about to. */
  #idling = true;
  #quickStarts = 0;
  #sliceEnd = 0;
  /** The task in the middle of whose step the host has its turn, and what was left of its budget. */
  #held: Task | null = null;
  #heldBudget = 0;
  #closed = false;
  /** @internal How many slices have begun. */
  slices = 0;

  constructor(options: SchedulerOptions = {}) {
    announceCopy(isRunning);
    const given = readOptions('new Scheduler', options, SCHEDULER_OPTIONS);
    this.events = typed<SchedulerEvents>(this.#emitter);
    this.clock = checkClock(given.clock ?? new HostClock());
    this.#random = given.random ?? hostRandom;
    this.#entropy = given.entropy ?? hostEntropy;
    this.cleanupGrace = given.cleanupGrace ?? DEFAULT_GRACE;
    this.#slice = given.slice ?? DEFAULT_SLICE;
    this.fullBudget = given.budget ?? DEFAULT_BUDGET;
    this.budget = this.fullBudget;
    this.debug = given.debug ?? false;
    this.log = this.debug ? new DebugLog() : null;
    if (this.debug) noteOperations();
  }

  /** What `console.log` and `JSON.stringify` show of it. */
  toJSON(): Record<string, unknown> {
    return { now: this.now(), tasks: this.roots.size, debug: this.debug };
  }

  /** @internal */
  [INSPECT](_depth: number, options: unknown, inspect?: Inspect): string {
    return inspected('Scheduler', this.toJSON(), options, inspect);
  }

  /** Milliseconds on this scheduler's clock. */
  now(): number {
    if (this.#idling) lookUpClock();
    return this.clock.now();
  }

  /** Milliseconds since 1970 by this scheduler's clock: the host's wall clock, or virtual time from 0 on. */
  wallNow(): number {
    return this.clock.wallNow === undefined ? hostWallNow() : this.clock.wallNow();
  }

  /** A number from 0 up to 1. */
  random(): number {
    return this.#random();
  }

  /** Fills `bytes` with values that cannot be guessed, and returns it. */
  entropy(bytes: Uint8Array): Uint8Array {
    return this.#entropy(bytes);
  }

  /** @internal */
  nextId(): number {
    return ++this.#lastId;
  }

  /** @internal */
  enqueue(task: Task): void {
    const first = this.#first;
    if (first === null) this.#first = task;
    else {
      if (first.nextReady === null) first.nextReady = task;
      else (this.#last as Task).nextReady = task;
      this.#last = task;
    }
    task.queued();
    if (this.#idling) this.#schedule();
  }

  /** @internal An order of its own, as in tests, has no host to wait for. */
  get sliceOver(): boolean {
    return this.order === null && hostNow() >= this.#sliceEnd;
  }

  /** @internal */
  giveHostTurn(task: Task): void {
    this.#held = task;
    this.#heldBudget = this.budget;
  }

  /** @internal */
  addTimer(entry: TimerEntry, due: number): void {
    const earliest = this.#timers.add(entry, due);
    if (this.observer !== null) this.observer.timerSet(entry);
    if (earliest && this.#idling) this.#idle();
  }

  /** @internal */
  removeTimer(entry: TimerEntry): void {
    if (entry.slot < 0) return;
    this.#timers.remove(entry);
    if (this.#timers.size === 0 && this.#idling) this.#idle();
  }

  /** @internal Tells the clock that a wait which only the host can end began or ended; `wait` names it in debug. */
  hostWait(change: 1 | -1, wait?: Suspension): void {
    if (this.observer !== null && !this.observer.hostWait(change, wait)) return;
    this.hostWaits += change;
    if (change < 0) entered();
    if (this.log !== null && wait !== undefined) this.log.hostWait(change, wait);
  }

  /**
   * @internal Notes, in debug, something that has to be given back before this scheduler is done (a 'listener', a
   * 'connection'), so that a test which leaves it behind fails with its name and place. Call what it returns to end that.
   */
  hold(kind: string, label: string): () => void {
    return this.log === null ? giveBackNothing : this.log.hold(kind, label);
  }

  /** @internal Whether nothing is runnable. */
  get quiet(): boolean {
    return this.#first === null && this.#idling;
  }

  /** @internal When the earliest timer is due; Infinity without any. */
  get nextTimer(): number {
    return this.#timers.next;
  }

  /** @internal When all timers that are set are due, each time once. */
  timerTimes(): ReadonlySet<number> {
    return this.#timers.times();
  }

  /** @internal All timers that are set, unordered. */
  timers(): readonly TimerEntry[] {
    return this.#timers.entries();
  }

  /** @internal */
  timerKey(entry: TimerEntry): { due: number; order: number } {
    return this.#timers.keyOf(entry);
  }

  /** @internal */
  listens(name: keyof SchedulerEvents): boolean {
    return !this.#emitter.silent && this.#emitter.listenerCount(name) > 0;
  }

  /** @internal */
  report<K extends keyof SchedulerEvents>(name: K, event: Parameters<SchedulerEvents[K]>[0]): void {
    this.#emitter.emit(name, event);
  }

  /** @internal */
  unhandled(error: unknown, task: string): void {
    surfaced(error instanceof Error ? withoutOurLines(error) : error);
    if (this.listens('unhandled')) this.report('unhandled', { error, task });
    else giveToHost(error);
  }

  /** @internal */
  rootSettled(task: Task): void {
    if (task.failed) surfaced(task.outcome);
    this.roots.delete(task);
    if (this.roots.size === 0) inUse.delete(this);
  }

  /** @internal Nothing runs here any more, not even cleanups: for a program that would go on for ever. */
  halt(): void {
    this.halted = true;
    this.#closed = true;
    inUse.delete(this);
  }

  /** @internal */
  deadlock(): void {
    this.onDeadlock?.();
  }

  #schedule(): void {
    this.#idling = false;
    this.clock.busy();
    this.#quickStarts = (this.#quickStarts + 1) % QUICK_STARTS;
    if (this.#quickStarts > 0) soon(this.#run);
    else afterHostTurn(this.#run);
  }

  /** The clock has rung: only the continuation of this thread runs anything. */
  #woken(): void {
    if (!this.#idling) return;
    this.#idling = false;
    soon(this.#run);
  }

  #runSlice(): void {
    if (this.halted) return;
    this.slices++;
    lookUpClock();
    try {
      if (this.order === null) {
        this.#timers.fireDue(this.clock.now());
        this.#runReady(hostNow());
      } else this.order.runSlice(hostNow() + this.#slice);
    } catch (error) {
      // Nothing of a task's own gets here: this is a fault of an operation's `arm`, of a listener or of the kernel.
      setRunning(null);
      giveToHost(error);
    }
    clearReturned();
    clearFrames();
    if (this.#first === null && this.#held === null) {
      this.#last = null;
      this.#idling = true;
      this.#idle();
    } else {
      this.#quickStarts = 0;
      afterHostTurn(this.#run);
    }
  }

  #runReady(begin: number): void {
    const end = begin + this.#slice;
    this.#sliceEnd = end;
    let untilLook = STEPS_PER_LOOK;
    let looks = 0;
    const timed = this.listens('slow-step');
    for (let task = this.#takeHeld() ?? this.#takeFresh(); task !== null; task = this.#takeFresh()) {
      setRunning(task);
      if (timed || this.meter !== null) this.#timedStep(task);
      else task.run();
      if (this.#held !== null) break;
      if (--untilLook > 0) continue;
      // A clock that a test has stopped never comes to the end of a slice.
      const now = hostNow();
      if (now >= end || (++looks === MOST_LOOKS && now === begin)) break;
      // Not only at the start of a slice: a task that sleeps is late by what runs before its turn.
      if (this.#timers.size > 0) this.#fireBetween();
      untilLook = STEPS_PER_LOOK;
    }
    setRunning(null);
  }

  /** The task that goes on in the middle of its step. */
  #takeHeld(): Task | null {
    const held = this.#held;
    this.#held = null;
    this.budget = this.#heldBudget;
    return held;
  }

  #takeFresh(): Task | null {
    this.budget = this.fullBudget;
    return this.take();
  }

  #fireBetween(): void {
    setRunning(null);
    this.#timers.fireDue(this.clock.now());
  }

  /** @internal The first of the ready queue, taken out. */
  take(): Task | null {
    const task = this.#first;
    if (task === null) return null;
    this.#first = task.nextReady;
    task.nextReady = null;
    return task;
  }

  #timedStep(task: Task): void {
    const begin = hostNow();
    task.run();
    const end = hostNow();
    this.meter?.stepped(task, begin, end);
    const ms = end - begin;
    if (ms > SLOW_STEP) this.report('slow-step', { task: task.name, ms });
  }

  /**
   * Starts `body` as a task without an owner.
   *
   * @internal Use `run` or `scheduler.run`.
   */
  startRoot<T>(body: Body<T>, options: RootOptions): Task<T> {
    if (this.#closed)
      throw new GroupClosedError(
        'This scheduler was closed: nothing can be run on it any more. Make another with `new Scheduler()`.',
      );
    entered();
    const carrier = Object.hasOwn(options, 'context') ? options.context : undefined;
    const task = makeTask<T>(this, null, body, options, null, carrier ?? null);
    if (this.log !== null) this.log.mark(task);
    if (this.roots.size === 0) inUse.add(this);
    this.roots.add(task as Task);
    if (this.listens('spawned')) this.report('spawned', { task, parent: null });
    this.enqueue(task as Task);
    return task;
  }

  /** Runs `body` on this scheduler, as `run(body, { scheduler })` does. */
  run<T>(body: Body<T>, options: RunOptions = {}): Promise<T> {
    try {
      return this.runChecked(checkOperation('scheduler.run', body), readOptions('scheduler.run', options, RUN_OPTIONS));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** @internal */
  runChecked<T>(body: Body<T>, options: RunOptions): Promise<T> {
    const task = this.startRoot(body, options);
    return promiseOf(task, { isClosing: () => this.#closed, signals: this.signals, signal: options.signal });
  }

  /** Cancels all that runs here and returns when every cleanup has ended; nothing can be run afterwards. */
  async close(reason?: unknown): Promise<void> {
    this.#closed = true;
    const roots = [...this.roots];
    for (const root of roots) root.cancelBy({ reason, requestedBy: 'scheduler.close()', from: null });
    await Promise.all(roots.map((root) => new Promise<void>((done) => root.whenSettled(() => done()))));
  }

  #idle(): void {
    this.clock.idleUntil(this.#timers.next, this.#wake, this);
  }
}

function giveBackNothing(): void {}

function checkClock(clock: Clock): Clock {
  if (typeof clock === 'object' && CLOCK.every((name) => typeof clock[name] === 'function')) return clock;
  throw new TypeError(
    `new Scheduler: the option 'clock' takes a clock, such as \`new VirtualClock()\`, not ${show(clock)}.`,
  );
}

const CLOCK = ['now', 'idleUntil', 'busy'] as const;

const SCHEDULER_OPTIONS = {
  clock: 'any',
  random: 'function',
  entropy: 'function',
  cleanupGrace: 'duration',
  slice: 'duration',
  budget: 'count',
  debug: 'boolean',
} as const;

/** What `run` may be given, with how each option is checked. */
export const RUN_OPTIONS = { signal: 'signal', context: 'any', name: 'string' } as const;
