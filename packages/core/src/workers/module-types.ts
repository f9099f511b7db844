/** What can be called of a module, by its own types. */
import type { Source } from '../kernel/operation/source.ts';
import type { Operation, Suspension } from '../kernel/operation/suspension.ts';

/** A module of which nothing is known: any name may be called, with anything. */
export interface AnyModule {
  readonly [name: string]: (...args: unknown[]) => unknown;
}

type Fn = (...args: never) => unknown;

/** Whether `R` is `any`. */
type IsAny<R> = 0 extends 1 & R ? true : false;

/** Whether a generator yields data, and not only waits: what it yields is no `Suspension`. */
type YieldsData<R> =
  R extends Generator<infer Y, unknown, unknown>
    ? [Y] extends [never]
      ? false
      : [Y] extends [Suspension]
        ? false
        : true
    : false;

/** What a stream gives, never for what is not a stream. */
type ItemsOf<R> =
  IsAny<R> extends true
    ? unknown
    : R extends Source<infer T>
      ? T
      : R extends AsyncIterable<infer T>
        ? T
        : YieldsData<R> extends true
          ? R extends Generator<infer Y, unknown, unknown>
            ? Y
            : never
          : R extends Operation<infer S>
            ? S extends Source<infer T>
              ? T
              : never
            : R extends PromiseLike<infer P>
              ? P extends Source<infer T>
                ? T
                : P extends AsyncIterable<infer T>
                  ? T
                  : never
              : never;

/** What a call gives, as it arrives here. */
type ResultOf<R> =
  IsAny<R> extends true ? unknown : R extends PromiseLike<infer T> ? T : R extends Operation<infer T> ? T : R;

/** Whether the result of a function is a stream. */
type IsStream<R> =
  IsAny<R> extends true ? false : unknown extends R ? false : [ItemsOf<R>] extends [never] ? false : true;

/** The names of a module's exports that are called: functions, async functions, coroutines, generators that wait. */
export type CallName<M> = {
  [K in keyof M]-?: M[K] extends Fn ? (IsStream<ReturnType<M[K]>> extends true ? never : K) : never;
}[keyof M] &
  string;

/** The names of a module's exports that are streams: of sources, generators of data, async iterables. */
export type StreamName<M> = {
  [K in keyof M]-?: M[K] extends Fn
    ? IsStream<ReturnType<M[K]>> extends true
      ? K
      : unknown extends ReturnType<M[K]>
        ? K
        : never
    : never;
}[keyof M] &
  string;

/** The arguments of an export. */
export type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;

/** What a call of an export gives. */
export type CallResult<F> = F extends (...args: never) => infer R ? ResultOf<R> : never;

/** What a stream of an export gives, one by one. */
export type StreamedItem<F> = F extends (...args: never) => infer R
  ? unknown extends R
    ? unknown
    : ItemsOf<R>
  : never;
