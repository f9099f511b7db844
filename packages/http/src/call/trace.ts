/* The events of `session.trace`: what they hold, and how a call raises them. */
import { createEmitter } from '@coloop/core/lowlevel';
import type TypedEmitter from 'typed-emitter';
import type { RequestSummary } from '../errors.ts';
import type { Request } from '../request/request.ts';
import type { ResponseHead } from '../response/response.ts';
import type { BodyStream, Decoder } from '../response/stream.ts';
import type { Phase, Timing } from '../timing.ts';

/** What every event of a request tells. */
export interface TraceEvent {
  /** The same for all events of one call. */
  readonly id: number;
  /** On the scheduler's clock, in milliseconds. */
  readonly at: number;
  /** Undefined until the request was made out of its options. */
  readonly request: RequestSummary | undefined;
}

/**
 * The events of `session.trace`, each with one object.
 *
 * `phase` and the phase's own name are raised when a phase begins, so that `trace.on('dns', …)` is enough for one of them.
 */
export type TraceEvents = {
  phase: (event: TraceEvent & { readonly phase: Phase }) => void;
  /** The head of a response came; also of one that redirects. */
  response: (
    event: TraceEvent & {
      readonly status: number;
      readonly reused: boolean;
      /** How it came from a cache; undefined if it came from the server. */
      readonly cache: CacheUse | undefined;
    },
  ) => void;
  /** A call is over, and its body with it; its status is undefined if no response came, and of several the last one. */
  end: (
    event: TraceEvent & { readonly timing: Timing; readonly status: number | undefined; readonly sizes: TraceSizes },
  ) => void;
  /** A call has failed before there was a response. */
  failed: (event: TraceEvent & { readonly error: unknown }) => void;
  /** The session was closed while a response was neither read nor released; with its place of creation in debug mode. */
  leak: (event: TraceEvent & { readonly place: string | undefined }) => void;
} & { [P in Phase]: (event: TraceEvent & { readonly phase: Phase }) => void };

/** How a response came from a cache: fresh, asked about and still valid, or although it is stale. */
export type CacheUse = 'hit' | 'revalidated' | 'stale';

/** The bytes of all bodies of a call, as they were on the wire, its hops and attempts together. */
export interface TraceSizes {
  readonly sent: number;
  readonly received: number;
}

/** One request on the wire and the head of its response. */
export interface ExchangeSeen {
  readonly request: Request;
  readonly head: ResponseHead;
  readonly body: BodyStream & { readonly received: number; watch(watcher: (chunk: Uint8Array) => void): void };
  /** Decodes the content codings of the body; null if it comes decoded. */
  readonly decoder: Decoder | null;
  /** How it came from a cache; undefined if it came from the server. */
  readonly cache?: CacheUse | undefined;
}

/** Sees more of the calls than events tell. */
export interface TraceObserver {
  phase(call: TracedCall, phase: Phase): void;
  exchange(call: TracedCall, seen: ExchangeSeen): void;
  failed(call: TracedCall, error: unknown): void;
  finished(call: TracedCall): void;
}

/** What a trace needs of a call. */
export interface TracedCall {
  readonly id: number;
  readonly timeline: { readonly phase: Phase };
  readonly scheduler: { now(): number };
  readonly place: string | undefined;
  readonly request: Request | undefined;
  readonly status: number;
  readonly sent: number;
  readonly received: number;
  currentSummary(): RequestSummary | undefined;
  timing(): Timing;
}

/** Tells the listeners of `session.trace` what a call does; a session without listeners has none of these. */
export class Tracer {
  readonly emitter: TypedEmitter<TraceEvents> = createEmitter<TraceEvents>();
  readonly observers = new Set<TraceObserver>();

  constructor() {
    tracers.set(this.emitter, this);
  }

  phase(call: TracedCall, phase: Phase): void {
    for (const observer of this.observers) observer.phase(call, phase);
    this.#emit('phase', call, { phase });
    this.#emit(phase, call, { phase });
  }

  response(call: TracedCall, seen: ExchangeSeen, reused: boolean): void {
    for (const observer of this.observers) observer.exchange(call, seen);
    this.#emit('response', call, { status: seen.head.status, reused, cache: seen.cache });
  }

  failed(call: TracedCall, error: unknown): void {
    for (const observer of this.observers) observer.failed(call, error);
    this.#emit('failed', call, { error });
  }

  finished(call: TracedCall): void {
    for (const observer of this.observers) observer.finished(call);
    if (this.emitter.listenerCount('end') === 0) return;
    const { sent, received, status } = call;
    const timing = call.timing();
    this.#emit('end', call, { timing, status: status === 0 ? undefined : status, sizes: { sent, received } });
  }

  leak(call: TracedCall): void {
    this.#emit('leak', call, { place: call.place });
  }

  #emit(name: keyof TraceEvents, call: TracedCall, more: object): void {
    if (this.emitter.listenerCount(name) === 0) return;
    const event = { id: call.id, at: call.scheduler.now(), request: call.currentSummary(), ...more };
    (this.emitter.emit as (name: string, event: object) => boolean)(name, event);
  }
}

const tracers = new WeakMap<object, Tracer>();

/** @throws TypeError if it is not the `trace` of a session */
export function tracerOf(emitter: object): Tracer {
  const tracer = tracers.get(emitter);
  if (tracer === undefined) throw new TypeError('This has no trace: give a session, as Session.open returns it.');
  return tracer;
}
