/** The stages of a stream that work ahead of their reader: merge, buffer and those that are made of time. */
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { SourceOwner } from '../kernel/task/source-owner.ts';
import { copy, type EmitItem, Pump, type PumpPart } from './pump.ts';
import { Stage } from './stage.ts';

/** A stage whose items are made by tasks of its own, which start with the first `next`. */
export class PumpedStage<T> extends Stage<T> {
  readonly label: string;
  readonly #pump: Pump<T>;

  constructor(label: string, owner: SourceOwner, capacity: number, parts: readonly PumpPart<T>[]) {
    super();
    this.label = label;
    this.#pump = new Pump(label, owner, capacity, parts);
  }

  protected *read(): Operation<IteratorResult<T, void>> {
    this.#pump.start();
    return yield* this.#pump.next();
  }

  protected release(): Operation<void> {
    return this.#pump.close();
  }
}

class Copy<T> implements PumpPart<T> {
  readonly upstream: Source<T>;

  constructor(upstream: Source<T>) {
    this.upstream = upstream;
  }

  body(emit: EmitItem<T>): Operation<void> {
    return copy(this.upstream, emit);
  }
}

/** Items as they come, of several sources. */
export function mergeStage<T>(upstreams: readonly Source<T>[]): Stage<T> {
  return new PumpedStage(
    'stream.merge',
    new SourceOwner('This stream'),
    0,
    upstreams.map((upstream) => new Copy(upstream)),
  );
}

/** Reads up to `count` items ahead: one is in the hand of the task, the others are stored. */
export function bufferStage<T>(upstream: Source<T>, count: number): Stage<T> {
  return new PumpedStage('stream.buffer', new SourceOwner('This stream'), count - 1, [new Copy(upstream)]);
}

/** A body that waits for the next item and for time at once; the arrivals come from a pump of their own. */
export type TimedBody<T, U> = (arrivals: Pump<T>, emit: EmitItem<U>) => Operation<void>;

class Timed<T, U> implements PumpPart<U> {
  /** Closing what is read from means: the pump, and with it the source that it reads. */
  readonly upstream: Source<T>;
  readonly #arrivals: Pump<T>;
  readonly #body: TimedBody<T, U>;

  constructor(arrivals: Pump<T>, body: TimedBody<T, U>) {
    this.upstream = { next: () => arrivals.next(), close: () => arrivals.close() };
    this.#arrivals = arrivals;
    this.#body = body;
  }

  body(emit: EmitItem<U>): Operation<void> {
    this.#arrivals.start();
    return this.#body(this.#arrivals, emit);
  }
}

/** A stage that is made of items and of time. */
export function timedStage<T, U>(label: string, upstream: Source<T>, body: TimedBody<T, U>): Stage<U> {
  const owner = new SourceOwner('This stream');
  const arrivals = new Pump<T>(label, owner, 0, [new Copy(upstream)]);
  return new PumpedStage(label, owner, 0, [new Timed(arrivals, body)]);
}
