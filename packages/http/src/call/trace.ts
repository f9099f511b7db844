/* The events of `session.trace`: what they hold, and how a call raises them. */
import { createEmitter } from '@coloop/core/lowlevel';
import type TypedEmitter from 'typed-emitter';
import type { RequestSummary } from '../errors.ts';
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
  response: (event: TraceEvent & { readonly status: number; readonly reused: boolean }) => void;
  /** A call is over, and its body with it. */
  end: (event: TraceEvent & { readonly timing: Timing }) => void;
  /** A call has failed before there was a response. */
  failed: (event: TraceEvent & { readonly error: unknown }) => void;
  /** The session was closed while a response was neither read nor released; with its place of creation in debug mode. */
  leak: (event: TraceEvent & { readonly place: string | undefined }) => void;
} & { [P in Phase]: (event: TraceEvent & { readonly phase: Phase }) => void };

/** What a trace needs of a call. */
export interface TracedCall {
  readonly id: number;
  readonly timeline: { readonly phase: Phase };
  readonly scheduler: { now(): number };
  readonly place: string | undefined;
  currentSummary(): RequestSummary | undefined;
  timing(): Timing;
}

/** Tells the listeners of `session.trace` what a call does; a session without listeners has none of these. */
export class Tracer {
  readonly emitter: TypedEmitter<TraceEvents> = createEmitter<TraceEvents>();

  phase(call: TracedCall, phase: Phase): void {
    this.#emit('phase', call, { phase });
    this.#emit(phase, call, { phase });
  }

  response(call: TracedCall, status: number, reused: boolean): void {
    this.#emit('response', call, { status, reused });
  }

  failed(call: TracedCall, error: unknown): void {
    this.#emit('failed', call, { error });
  }

  finished(call: TracedCall): void {
    if (this.emitter.listenerCount('end') > 0) this.#emit('end', call, { timing: call.timing() });
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
