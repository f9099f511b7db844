/**
 * What goes wrong when bytes are read.
 *
 *     Error
 *     ├── IncompleteReadError   the other side ended in the middle of what was asked for: `partial`, `expected`
 *     └── LimitOverrunError     more came than the limit allows: `limit`
 */

/** The bytes ended before all that were asked for had come. */
export class IncompleteReadError extends Error {
  override readonly name = 'IncompleteReadError';
  /** What came; it has been taken. */
  readonly partial: Uint8Array;
  /** How many bytes were asked for; null where a separator was. */
  readonly expected: number | null;

  constructor(label: string, partial: Uint8Array, expected: number | null) {
    const wanted = expected === null ? 'before the separator came' : `of ${expected} that were asked for`;
    super(`${label} ended after ${partial.length} bytes, ${wanted}. The other side closed early; see \`partial\`.`);
    this.partial = partial;
    this.expected = expected;
  }
}

/** More bytes came than the limit allows. */
export class LimitOverrunError extends Error {
  override readonly name = 'LimitOverrunError';
  /** The limit, in bytes. */
  readonly limit: number;

  constructor(message: string, limit: number) {
    super(message);
    this.limit = limit;
  }
}
