/**
 * What a pool and its workers say to each other. A message is an array, its kind first: arrays of numbers and values are
 * cloned faster than objects with names. All messages of one slice of the scheduler leave in one array.
 *
 * The life of a call, as both ends see it:
 *
 * | pool sends            | worker answers                  | meaning                                               |
 * | --------------------- | ------------------------------- | ----------------------------------------------------- |
 * | CALL, STREAM          | OK, FAIL                        | the outcome; a stream sends ITEMs before it           |
 * | CALL with a deadline  | EXPIRED                         | the deadline passed there first, or before the start  |
 * | CANCEL                | CANCELLING, at once             | the cancel has arrived: the worker is not blocked     |
 * |                       | ENDED, OK or FAIL, at the end   | the call and its cleanups have ended                  |
 * | CREDIT                | -                               | so many items more may be sent                        |
 * | PING                  | PONG                            | the worker is not blocked                             |
 * | CLOSE                 | CLOSED                          | everything was cancelled and has ended                |
 * | -                     | READY, or UNLOADED              | the module is loaded, or why it could not be          |
 */
import type { PackedError } from './packed-error.ts';

export const CALL = 0;
export const STREAM = 1;
export const CANCEL = 2;
export const CREDIT = 3;
export const PING = 4;
export const CLOSE = 5;

export const OK = 10;
export const FAIL = 11;
export const ITEM = 12;
export const ENDED = 13;
export const EXPIRED = 14;
export const CANCELLING = 15;
export const PONG = 16;
export const READY = 17;
export const UNLOADED = 18;
export const CLOSED = 19;

/** Values of contexts that travel: names and values, one after the other. */
export type Baggage = readonly unknown[];

/** From the pool to a worker. A deadline is absolute, in ms since 1970; 0 for none. */
export type Order =
  | readonly [kind: typeof CALL, id: number, name: string, args: readonly unknown[]]
  | readonly [
      kind: typeof CALL,
      id: number,
      name: string,
      args: readonly unknown[],
      deadline: number,
      baggage: Baggage | null,
    ]
  | readonly [kind: typeof STREAM, id: number, name: string, args: readonly unknown[], credit: number, Baggage | null]
  | readonly [kind: typeof CANCEL, id: number, reason: unknown]
  | readonly [kind: typeof CREDIT, id: number, items: number]
  | readonly [kind: typeof PING]
  | readonly [kind: typeof CLOSE];

/** What a module exports under a name. */
export type ExportKind = 'function' | 'class' | 'value';

/** From a worker to the pool. */
export type Report =
  | readonly [kind: typeof OK, id: number, value: unknown]
  | readonly [kind: typeof FAIL, id: number, error: PackedError]
  | readonly [kind: typeof ITEM, id: number, value: unknown]
  | readonly [kind: typeof ENDED, id: number]
  | readonly [kind: typeof EXPIRED, id: number]
  | readonly [kind: typeof CANCELLING, id: number]
  | readonly [kind: typeof PONG]
  | readonly [kind: typeof READY, exports: Readonly<Record<string, ExportKind>>]
  | readonly [kind: typeof UNLOADED, error: PackedError]
  | readonly [kind: typeof CLOSED];
