/** What streams are made of, and how it becomes a source. */
import { show } from '../kernel/operation/options.ts';
import type { Source } from '../kernel/operation/source.ts';
import { Suspension } from '../kernel/operation/suspension.ts';
import { checkSource, isSource } from './for-each.ts';
import { AsyncIterableStage, ReadableStage } from './from-host.ts';
import { IterableStage, notManyValues } from './from-iterable.ts';

/** What `stream` can be made of. */
export type StreamInput<T> = Source<T> | AsyncIterable<T> | ReadableStream<T> | Iterable<T>;

/** The items of what a stream can be made of. */
export type StreamItem<I> =
  I extends Source<infer T>
    ? T
    : I extends AsyncIterable<infer T>
      ? T
      : I extends ReadableStream<infer T>
        ? T
        : I extends Iterable<infer T>
          ? T
          : never;

/**
 * The source of a stream's input.
 *
 * @param what - the word that takes it
 * @throws TypeError for what has not many values
 */
export function sourceOf<T>(what: string, input: StreamInput<T>): Source<T> {
  if (typeof input === 'object' && input !== null) {
    if (input instanceof Suspension) throw notManyValues();
    if ('getReader' in input) return new ReadableStage(input);
    if (Symbol.asyncIterator in input) return new AsyncIterableStage(input);
    if (Symbol.iterator in input) return new IterableStage(input);
    if (isSource(input)) return input;
    refuse(what, input);
  }
  checkSource(what, input);
  throw new TypeError(
    `${what} takes a source, an array, an iterable, an async iterable or a ReadableStream, not ${show(input)}.`,
  );
}

function refuse(what: string, input: object): void {
  if ('then' in input)
    throw new TypeError(
      `${what} takes what has many values, not a promise. Write \`stream(yield* until(promise))\` for what it brings.`,
    );
  if ('on' in input || 'addEventListener' in input) {
    throw new TypeError(
      `${what} takes the events of an emitter, not the emitter: write \`stream(events(emitter, name))\`.`,
    );
  }
}
