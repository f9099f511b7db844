/** The operators that watch the clock: what they have in common is "the next item, or a time, whichever comes first". */
import { select } from '../channels/select.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { after } from '../time/after.ts';
import { now } from '../time/now.ts';
import type { EmitItem, Pump } from './pump.ts';
import { timedStage } from './pumped.ts';
import type { Stage } from './stage.ts';

/** The next item; the end, with the failure of the source thrown; or null when `due` came first. */
function* nextUntil<T>(arrivals: Pump<T>, due: number): Operation<IteratorResult<T, void> | null> {
  const chosen = yield* select({ due: after(due - now()), arrivals });
  if (chosen.key === 'due') return null;
  if (chosen.value.done) arrivals.throwFailure();
  return chosen.value;
}

/** An item once no other has come for `ms`; the last one at the end, at once. */
export function debounceStage<T>(upstream: Source<T>, ms: number): Stage<T> {
  return timedStage<T, T>('stream.debounce', upstream, (arrivals, emit) => debouncing(arrivals, emit, ms));
}

function* debouncing<T>(arrivals: Pump<T>, emit: EmitItem<T>, ms: number): Operation<void> {
  for (let first = yield* arrivals.next(); !first.done; first = yield* arrivals.next()) {
    let latest = first.value;
    for (;;) {
      const r = yield* nextUntil(arrivals, now() + ms);
      if (r === null) break;
      if (r.done) return yield* emit(latest);
      latest = r.value;
    }
    yield* emit(latest);
  }
}

/** An item, then none for `ms`; with `trailing` the last of those that came meanwhile follows at the end of that time. */
export function throttleStage<T>(upstream: Source<T>, ms: number, trailing: boolean): Stage<T> {
  return timedStage<T, T>('stream.throttle', upstream, (arrivals, emit) => throttling(arrivals, emit, ms, trailing));
}

function* throttling<T>(arrivals: Pump<T>, emit: EmitItem<T>, ms: number, trailing: boolean): Operation<void> {
  for (let first = yield* arrivals.next(); !first.done; first = yield* arrivals.next()) {
    let due = now() + ms;
    yield* emit(first.value);
    let held: { item: T } | null = null;
    for (;;) {
      const r: IteratorResult<T, void> | null = yield* nextUntil(arrivals, due);
      if (r === null) {
        if (held === null) break;
        due = now() + ms;
        yield* emit(held.item);
        held = null;
      } else if (r.done) {
        if (held !== null) yield* emit(held.item);
        return;
      } else if (trailing) held = { item: r.value };
    }
  }
}

/** Arrays of up to `size` items, each begun by an item and closed `ms` later at the latest. */
export function timedBatchStage<T>(upstream: Source<T>, size: number, ms: number): Stage<T[]> {
  return timedStage<T, T[]>('stream.batch', upstream, (arrivals, emit) => batching(arrivals, emit, size, ms));
}

function* batching<T>(arrivals: Pump<T>, emit: EmitItem<T[]>, size: number, ms: number): Operation<void> {
  for (let first = yield* arrivals.next(); !first.done; first = yield* arrivals.next()) {
    const batch = [first.value];
    const due = now() + ms;
    let ended = false;
    while (!ended && batch.length < size) {
      const r = yield* nextUntil(arrivals, due);
      if (r === null) break;
      if (r.done) ended = true;
      else batch.push(r.value);
    }
    yield* emit(batch);
    if (ended) return;
  }
}
