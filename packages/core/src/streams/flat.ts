/** `flatMap` and `switchMap` of a stream: each item becomes many, which are read in tasks of their own. */

import { isOperation, refusePromise } from '../kernel/operation/is-operation.ts';
import { returnedOperation } from '../kernel/operation/returned-operation.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { addRelease } from '../kernel/scope/releases.ts';
import { runningTask } from '../kernel/task/current.ts';
import { SourceOwner } from '../kernel/task/source-owner.ts';
import type { Task } from '../kernel/task/task.ts';
import { DISPOSE } from '../sync/dispose.ts';
import { Semaphore } from '../sync/semaphore.ts';
import { type Group, group } from '../tasks/group.ts';
import { firstFailure } from './first-failure.ts';
import { type StreamInput, sourceOf } from './input.ts';
import type { ItemFunction } from './map.ts';
import { copy, type EmitItem, type PumpPart } from './pump.ts';
import { PumpedStage } from './pumped.ts';
import type { Stage } from './stage.ts';

/** What an item becomes. */
export type Inner<T, U> = ItemFunction<T, StreamInput<U>>;

/** The items of up to `concurrency` inner sources at once, as they come. */
export function flatMapStage<T, U>(upstream: Source<T>, fn: Inner<T, U>, concurrency: number): Stage<U> {
  return flatStage('stream.flatMap', upstream, (g, emit) => flattening(g, upstream, fn, concurrency, emit));
}

/** The items of the inner source of the latest item alone. */
export function switchMapStage<T, U>(upstream: Source<T>, fn: Inner<T, U>): Stage<U> {
  return flatStage('stream.switchMap', upstream, (g, emit) => switching(g, upstream, fn, emit));
}

type FlatBody<U> = (g: Group, emit: EmitItem<U>) => Operation<void>;

function flatStage<T, U>(label: string, upstream: Source<T>, body: FlatBody<U>): Stage<U> {
  const part: PumpPart<U> = { upstream, body: (emit) => firstFailure(group((g) => body(g, emit))) };
  return new PumpedStage(label, new SourceOwner('This stream'), 0, [part]);
}

function* flattening<T, U>(
  g: Group,
  upstream: Source<T>,
  fn: Inner<T, U>,
  concurrency: number,
  emit: EmitItem<U>,
): Operation<void> {
  const slots = concurrency === Number.POSITIVE_INFINITY ? null : new Semaphore(concurrency);
  for (;;) {
    // Nothing is read for which there is no slot yet.
    const slot = slots === null ? null : yield* slots.acquire();
    const r = yield* upstream.next();
    if (r.done) return;
    const task = g.spawn(pouring('stream.flatMap', r.value, fn, emit));
    task.whenSettled(() => slot?.[DISPOSE]());
  }
}

function* switching<T, U>(g: Group, upstream: Source<T>, fn: Inner<T, U>, emit: EmitItem<U>): Operation<void> {
  let latest: Task<void> | null = null;
  for (let r = yield* upstream.next(); !r.done; r = yield* upstream.next()) {
    if (latest !== null) yield* latest.cancel('the next item came');
    latest = g.spawn(pouring('stream.switchMap', r.value, fn, emit));
  }
}

/** Passes on what an item becomes, and closes it, however this task ends. */
function* pouring<T, U>(label: string, item: T, fn: Inner<T, U>, emit: EmitItem<U>): Operation<void> {
  const answer = fn(item);
  refusePromise(label, answer);
  const input = isOperation(answer) ? yield* returnedOperation(label, answer as Operation<StreamInput<U>>) : answer;
  const inner = sourceOf(`What the function of ${label} returns`, input as StreamInput<U>);
  addRelease(runningTask(label), () => inner.close());
  yield* copy(inner, emit);
}
