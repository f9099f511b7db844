/* The calls of a session while they are recorded: each hop and each attempt becomes an entry. */
import type { ExchangeSeen, TracedCall, TraceObserver } from '../call/trace.ts';
import type { Phase } from '../timing.ts';
import { BodyRecord } from './body-record.ts';
import { type EntryParts, harEntry } from './entry.ts';
import type { Redactor } from './secrets.ts';
import type { Har, HarEntry } from './types.ts';

/** A call that is not over. */
interface OpenRecord {
  readonly call: TracedCall;
  startedAt: number;
  phase: Phase;
  since: number;
  took: Map<Phase, number>;
  seen: ExchangeSeen | undefined;
  body: BodyRecord | undefined;
  error: unknown;
}

/** The phases with which another hop or attempt begins. */
const AGAIN: ReadonlySet<Phase> = new Set<Phase>(['redirect', 'retry', 'auth']);

/** Writes down what the tracer of a session tells. */
export class Recorder implements TraceObserver {
  readonly #redactor: Redactor;
  readonly #bodySize: number;
  /** From the scheduler's clock to that of the wall. */
  readonly #offset: number;
  readonly #open = new Map<TracedCall, OpenRecord>();
  readonly #entries: HarEntry[] = [];

  constructor(redactor: Redactor, bodySize: number, offset: number) {
    this.#redactor = redactor;
    this.#bodySize = bodySize;
    this.#offset = offset;
  }

  phase(call: TracedCall, phase: Phase): void {
    const now = call.scheduler.now();
    const record = this.#open.get(call);
    if (record === undefined) {
      this.#open.set(call, opened(call, phase, now));
      return;
    }
    leave(record, now);
    if (AGAIN.has(phase) && (phase !== 'auth' || record.seen !== undefined)) {
      this.#close(record);
      Object.assign(record, opened(call, phase, now));
    }
    record.phase = phase;
  }

  exchange(call: TracedCall, seen: ExchangeSeen): void {
    const record = this.#open.get(call);
    if (record === undefined) return;
    // Authentication asks again without a phase of its own.
    if (record.seen !== undefined) {
      this.#close(record);
      Object.assign(record, opened(call, record.phase, call.scheduler.now()));
    }
    record.seen = seen;
    if (this.#bodySize > 0) record.body = new BodyRecord(seen, this.#bodySize);
  }

  failed(call: TracedCall, error: unknown): void {
    const record = this.#open.get(call);
    if (record !== undefined) record.error = error;
  }

  finished(call: TracedCall): void {
    const record = this.#open.get(call);
    if (record === undefined) return;
    leave(record, call.scheduler.now());
    this.#close(record);
    this.#open.delete(call);
  }

  /** All entries, by the time at which they began. */
  finish(): Har {
    for (const call of [...this.#open.keys()]) this.finished(call);
    const entries = [...this.#entries].sort((a, b) => (a.startedDateTime < b.startedDateTime ? -1 : 1));
    return { log: { version: '1.2', creator: { name: 'coloop', version: '1' }, entries } };
  }

  #close({ call, startedAt, took, seen, body, error }: OpenRecord): void {
    const request = seen?.request ?? call.request;
    // A call that failed before it was a request has sent nothing.
    if (request === undefined) return;
    const parts: EntryParts = { startedAt: startedAt + this.#offset, request, seen, took, body, error };
    this.#entries.push(harEntry(parts, this.#redactor, this.#bodySize));
  }
}

function opened(call: TracedCall, phase: Phase, now: number): OpenRecord {
  return {
    call,
    startedAt: now,
    phase,
    since: now,
    took: new Map(),
    seen: undefined,
    body: undefined,
    error: undefined,
  };
}

function leave(record: OpenRecord, now: number): void {
  record.took.set(record.phase, (record.took.get(record.phase) ?? 0) + now - record.since);
  record.since = now;
}
