/** `recordTrace`: what ran when and what waited for what, in the format that Chrome and Perfetto open. */
import { hostNow } from '../kernel/clock/host.ts';
import { checkCount, readOptions } from '../kernel/operation/options.ts';
import { runningOrNull } from '../kernel/operation/suspension.ts';
import { type Meter, measure } from '../kernel/scheduler/meter.ts';
import { checkScheduler, defaultScheduler } from '../kernel/scheduler/run.ts';
import { type Scheduler, schedulersInUse } from '../kernel/scheduler/scheduler.ts';
import { taskOf } from '../kernel/task/current.ts';
import type { Task } from '../kernel/task/task.ts';

/** One event of Chrome's trace format; times are microseconds. */
export interface TraceEvent {
  readonly name: string;
  /** What runs: 'step'; what it stands at: 'wait'; what led to what: 'spawn', 'cancel' and 'wake'. */
  readonly cat?: string;
  /** 'X' is a slice, 's' and 'f' are the ends of an arrow, 'M' names a row. */
  readonly ph: 'X' | 's' | 'f' | 'M';
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  /** The row: the id of the task. */
  readonly tid: number;
  readonly id?: number;
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, unknown>>;
}

/** What a file with a trace holds: `JSON.stringify` of it opens in Perfetto and in the browser's own tool. */
export interface ChromeTrace {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ms';
  /** How many events were left out, since there were more than the limit. */
  readonly dropped: number;
}

/** What `recordTrace` may be given. */
export interface RecordTraceOptions {
  /** Whose tasks are recorded: by default the scheduler of the running task, else the one that all runs share. */
  scheduler?: Scheduler | undefined;
  /** How many events are kept, the newest; 200,000 by default. */
  limit?: number | undefined;
}

const OPTIONS = { scheduler: 'any', limit: 'count' } as const;
const LIMIT = 200_000;
const MICROSECONDS = 1_000;

/** What a task does at the moment. */
interface Row {
  /** When its last step ended, and what it stands at since; negative before. */
  stopped: number;
  waitsFor: string;
  /** The arrow that leads to its next step; 0 for none. */
  arrow: number;
  kind: string;
}

/** Records until it is stopped. */
class TraceRecorder implements Meter {
  readonly #scheduler: number;
  readonly #limit: number;
  readonly #rows = new WeakMap<Task, Row>();
  readonly #end: () => void;
  #events: TraceEvent[] = [];
  /** Where the oldest event stands, once there are as many as may be. */
  #oldest = 0;
  #dropped = 0;
  #lastArrow = 0;

  /** @param number what tells the schedulers of a program apart: each is a group of rows */
  constructor(scheduler: Scheduler, limit: number, number: number) {
    this.#limit = limit;
    this.#scheduler = number;
    this.#end = measure(scheduler, this);
  }

  queued(task: Task): void {
    const row = this.#rowOf(task);
    const running = runningOrNull();
    if (running === null || (running as unknown) === task) return;
    const begin = row.stopped < 0 ? 'spawn' : task.request !== null ? 'cancel' : 'wake';
    row.kind = begin;
    row.arrow = ++this.#lastArrow;
    this.#add({
      name: begin,
      cat: begin,
      ph: 's',
      ts: hostNow() * MICROSECONDS,
      id: row.arrow,
      ...this.#at(taskOf(running)),
    });
  }

  stepped(task: Task, begin: number, end: number): void {
    const row = this.#rowOf(task);
    const at = this.#at(task);
    const ts = begin * MICROSECONDS;
    if (row.stopped >= 0 && row.waitsFor !== '') {
      const from = row.stopped * MICROSECONDS;
      this.#add({ name: row.waitsFor, cat: 'wait', ph: 'X', ts: from, dur: ts - from, ...at });
    }
    this.#add({ name: task.name, cat: 'step', ph: 'X', ts, dur: (end - begin) * MICROSECONDS, ...at });
    if (row.arrow > 0) this.#add({ name: row.kind, cat: row.kind, ph: 'f', bp: 'e', ts, id: row.arrow, ...at });
    row.arrow = 0;
    row.stopped = end;
    row.waitsFor = task.wait?.label ?? '';
  }

  /** Ends the recording. */
  stop(): void {
    this.#end();
  }

  /** Gives what was recorded since the last time. */
  take(): ChromeTrace {
    const traceEvents = [...this.#events.slice(this.#oldest), ...this.#events.slice(0, this.#oldest)];
    const dropped = this.#dropped;
    this.#events = [];
    this.#oldest = 0;
    this.#dropped = 0;
    return { traceEvents, displayTimeUnit: 'ms', dropped };
  }

  #at(task: Task): { pid: number; tid: number } {
    return { pid: this.#scheduler, tid: task.id };
  }

  #rowOf(task: Task): Row {
    let row = this.#rows.get(task);
    if (row === undefined) {
      row = { stopped: -1, waitsFor: '', arrow: 0, kind: '' };
      this.#rows.set(task, row);
      this.#add({ name: 'thread_name', ph: 'M', ts: 0, args: { name: task.name }, ...this.#at(task) });
    }
    return row;
  }

  #add(event: TraceEvent): void {
    if (this.#events.length < this.#limit) {
      this.#events.push(event);
      return;
    }
    this.#events[this.#oldest] = event;
    this.#oldest = (this.#oldest + 1) % this.#limit;
    this.#dropped++;
  }
}

/** What ends a recording and gives it. */
export interface TraceRecording {
  /** Ends the recording; called again, it gives nothing new. */
  stop(): ChromeTrace;
}

/**
 * Records a slice for every step and every wait of the tasks of a scheduler, with arrows from what spawns, wakes and cancels a task
 * to its next step.
 *
 * The newest events are kept, `limit` at most. While nobody records a step costs nothing; meanwhile some tenths of a microsecond.
 * Under virtual time nothing is recorded, since there no time passes in a step.
 *
 * @param options `scheduler`; `limit`: how many events are kept
 * @throws RangeError if `limit` is not a whole number from 1 up.
 * @example
 * ```ts
 * import { run, sleep, spawn } from '@coloop/core';
 * import { recordTrace } from '@coloop/core/inspect';
 *
 * await run(function* main() {
 *   const recording = recordTrace();
 *   yield* spawn(sleep(1), { name: 'nap' });
 *   const { traceEvents } = recording.stop();
 *   console.log(traceEvents.some(({ cat, name }) => cat === 'wait' && name === 'sleep(1)')); //> true
 * });
 * ```
 * Source: the trace event format of Chrome, which Perfetto opens.
 */
export function recordTrace(options: RecordTraceOptions = {}): TraceRecording {
  const { scheduler = defaultScheduler(), limit = LIMIT } = readOptions('recordTrace', options, OPTIONS);
  const recorder = new TraceRecorder(checkScheduler('recordTrace', scheduler), checkCount('recordTrace', limit, 1), 1);
  return {
    stop() {
      recorder.stop();
      return recorder.take();
    },
  };
}

/** Records every scheduler of the program, for another process. */
export function recordAll(): { take(): ChromeTrace; stop(): void } {
  const recorders = schedulersInUse().map((scheduler, at) => new TraceRecorder(scheduler, LIMIT, at + 1));
  return {
    stop() {
      for (const each of recorders) each.stop();
    },
    take() {
      const traces = recorders.map((each) => each.take());
      return {
        traceEvents: traces.flatMap(({ traceEvents }) => traceEvents),
        displayTimeUnit: 'ms',
        dropped: traces.reduce((sum, { dropped }) => sum + dropped, 0),
      };
    },
  };
}
