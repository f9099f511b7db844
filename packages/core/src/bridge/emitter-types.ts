/**
 * The names and arguments of an emitter's events, read from the shape of its methods: no emitter has to be known by name,
 * so a copy of typed-emitter, Node's own classes and every `EventTarget` are all typed.
 *
 * - One generic `on`, as of typed-emitter: its constraint gives all names and all listeners; the right one is found by
 *   trying each against `on` and `emit`.
 * - An overloaded `on`, as of Node's classes: each overload gives one name and one listener.
 * - An `EventTarget`: the handler property, `onmessage` for 'message', tells the event.
 */

/** Anything with `on` and `off` (or, as older ones, `removeListener`), as Node's emitters and typed-emitter's have them. */
export type EmitterLike = { on(name: never, listener: never): unknown } & (
  | { off(name: never, listener: never): unknown }
  | { removeListener(name: never, listener: never): unknown }
);

/** Anything with the methods of the web's `EventTarget`. */
export interface TargetLike {
  addEventListener(name: string, listener: unknown): void;
  removeEventListener(name: string, listener: unknown): void;
}

/** What `once` and `events` can listen to. */
export type Listenable = EmitterLike | TargetLike;

type Pair<N, L> = { name: N; listener: L };

/** Each overload of `on`, up to 16 of them; methods, as they are compared leniently where there are fewer. */
type Overloads<E> = E extends {
  on(name: infer N0, listener: infer L0): unknown;
  on(name: infer N1, listener: infer L1): unknown;
  on(name: infer N2, listener: infer L2): unknown;
  on(name: infer N3, listener: infer L3): unknown;
  on(name: infer N4, listener: infer L4): unknown;
  on(name: infer N5, listener: infer L5): unknown;
  on(name: infer N6, listener: infer L6): unknown;
  on(name: infer N7, listener: infer L7): unknown;
  on(name: infer N8, listener: infer L8): unknown;
  on(name: infer N9, listener: infer L9): unknown;
  on(name: infer N10, listener: infer L10): unknown;
  on(name: infer N11, listener: infer L11): unknown;
  on(name: infer N12, listener: infer L12): unknown;
  on(name: infer N13, listener: infer L13): unknown;
  on(name: infer N14, listener: infer L14): unknown;
  on(name: infer N15, listener: infer L15): unknown;
}
  ?
      | Pair<N0, L0>
      | Pair<N1, L1>
      | Pair<N2, L2>
      | Pair<N3, L3>
      | Pair<N4, L4>
      | Pair<N5, L5>
      | Pair<N6, L6>
      | Pair<N7, L7>
      | Pair<N8, L8>
      | Pair<N9, L9>
      | Pair<N10, L10>
      | Pair<N11, L11>
      | Pair<N12, L12>
      | Pair<N13, L13>
      | Pair<N14, L14>
      | Pair<N15, L15>
  : never;

/** Whether a name says nothing: `string`, or what a generic method leaves open. */
type IsWide<N> = string extends N ? true : false;

/** The overloads that name their events. */
type Named<P> = P extends Pair<infer N, unknown> ? (IsWide<N> extends true ? never : P) : never;

/** The names of the overloads that leave the name open. */
type WideNames<P> =
  P extends Pair<infer N, unknown>
    ? IsWide<N> extends true
      ? Extract<unknown extends N ? string | symbol : N, string | symbol>
      : never
    : never;

type NamesOf<P> = P extends Pair<infer N, unknown> ? Extract<N, string | symbol> : never;

/** The listeners that may be the one for `N`. */
type Candidates<P, N> = P extends Pair<infer M, infer L> ? (N extends M ? L : never) : never;

type ArgsOf<L> = L extends (...args: infer A) => unknown ? A : never;

/** `A`, if a listener with these arguments is what `on` takes for `N` and what `listeners` gives back. */
type Fitting<E, N, A extends readonly unknown[]> = A extends unknown
  ? E extends { on: (name: N, listener: (...args: A) => void) => unknown }
    ? E extends { listeners: (name: N) => ((...args: A) => void)[] }
      ? A
      : never
    : never
  : never;

type IsUnion<A, B = A> = A extends unknown ? ([B] extends [A] ? false : true) : never;

type OrUnknown<A> = [A] extends [never] ? unknown[] : A;

/** One candidate needs no trying, and Node's own classes give their listeners no type. */
type Choose<E, N, A extends readonly unknown[]> = true extends IsUnion<A> ? Fitting<E, N, A> : A;

type EmitterArgs<E, N> = OrUnknown<Choose<E, N, ArgsOf<Candidates<Named<Overloads<E>>, N>>>>;

type TargetArgs<T, N extends string> = T extends { [K in `on${N}`]: infer H }
  ? NonNullable<H> extends (event: infer E) => unknown
    ? [event: E]
    : [event: Event]
  : [event: Event];

/** The names that one may listen to. */
export type EventName<T> = T extends EmitterLike
  ? NamesOf<Named<Overloads<T>>> | WideNames<Overloads<T>>
  : T extends TargetLike
    ? string
    : never;

/** What a listener of `N` gets. */
export type EventArgs<T, N> = T extends EmitterLike
  ? EmitterArgs<T, N>
  : T extends TargetLike
    ? TargetArgs<T, N & string>
    : never;
