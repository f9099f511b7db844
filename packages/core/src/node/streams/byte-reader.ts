import type { Readable } from 'node:stream';
import { checkCount, show } from '../../kernel/operation/options.ts';
import { secondNext } from '../../kernel/operation/single-reader.ts';
import type { Source } from '../../kernel/operation/source.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { IncompleteReadError, LimitOverrunError } from './errors.ts';
import { HostCondition } from './host-condition.ts';
import { LineSource } from './line-source.ts';

/** How many bytes `readUntil` and `lines` look through for the separator, as in asyncio. */
export const DEFAULT_LIMIT = 65_536;

/**
 * Bytes that come from outside: of a connection, of a process, of a file.
 *
 * The bytes are read from the host only as far as they are asked for, and one task reads at a time.
 * A read that was cancelled has taken nothing.
 */
export class ByteReader implements Source<Uint8Array> {
  readonly #readable: Readable;
  readonly #label: string;
  readonly #buffer = new ByteBuffer();
  readonly #changed = new HostCondition();
  #reading = false;
  #ended = false;
  #failure: { readonly error: unknown } | null = null;
  /** The errors that come from the other side. */
  readonly #errors = new WeakSet();

  /** @internal */
  constructor(readable: Readable, label: string) {
    this.#readable = readable;
    this.#label = label;
    readable.on('readable', () => {
      // At the end, only a read makes it known.
      if (readable.readableLength === 0) readable.read();
      this.#changed.check();
    });
    readable.on('end', () => this.#end());
    readable.on('error', (error) => this.#fail(error));
    readable.on('close', () => this.#end());
  }

  /**
   * The next bytes: as soon as there are any, all that are there; done at the end.
   *
   * @throws the error of the connection or the pipe.
   */
  next(): Operation<IteratorResult<Uint8Array, void>> {
    return this.#alone(this.#next());
  }

  /**
   * Reads what is there, as soon as anything is; an empty array at the end.
   *
   * @param max how many bytes at most; all that are there by default
   * @throws the error of the connection or the pipe; RangeError for a number of bytes that is not a whole one.
   */
  read(max = Number.POSITIVE_INFINITY): Operation<Uint8Array> {
    return this.#alone(this.#read(checkCount('read(max)', max, 1, true)));
  }

  /**
   * Reads exactly `count` bytes.
   *
   * @param count how many, at least 0
   * @throws IncompleteReadError when the end comes first; the error of the connection or the pipe.
   */
  readExactly(count: number): Operation<Uint8Array> {
    return this.#alone(this.#readExactly(checkCount('readExactly(count)', count, 0)));
  }

  /**
   * Reads up to and with a separator.
   *
   * @param separator a text or bytes; the end of a line by default
   * @param limit how many bytes may stand before it, 65,536 by default; beyond that the bytes stay where they are
   * @throws IncompleteReadError when the end comes first; LimitOverrunError; the error of the connection or the pipe.
   */
  readUntil(separator: string | Uint8Array = '\n', limit = DEFAULT_LIMIT): Operation<Uint8Array> {
    const bytes = typeof separator === 'string' ? Buffer.from(separator) : separator;
    if (!(bytes instanceof Uint8Array) || bytes.length === 0) {
      throw new TypeError(
        `readUntil takes a separator of at least one byte, as text or bytes, not ${show(separator)}.`,
      );
    }
    return this.#alone(this.#readUntil(bytes, checkCount('readUntil(separator, limit)', limit, 1, true)));
  }

  /**
   * The lines, in UTF-8 and without their ends (`\n` or `\r\n`); the last one needs no end.
   *
   * @param limit how many bytes a line may have, 65,536 by default
   * @returns a source: `next` throws LimitOverrunError for a longer line, and leaves its bytes where they are
   */
  lines(limit = DEFAULT_LIMIT): Source<string> {
    checkCount('lines(limit)', limit, 1, true);
    return new LineSource(
      () => this.#alone(this.#line(limit)),
      () => this.close(),
    );
  }

  /** Gives up what is left; a read that waits is at the end then. */
  *close(): Operation<void> {
    this.#readable.destroy();
    this.#buffer.take(Number.POSITIVE_INFINITY);
    this.#failure = null;
    this.#end();
  }

  /** @internal Whether an error came out of this reader. */
  threw(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#errors.has(error);
  }

  *#alone<T>(reading: Operation<T>): Operation<T> {
    if (this.#reading) throw secondNext(this.#label, 'let one task read and give what it read to others');
    this.#reading = true;
    try {
      return yield* reading;
    } catch (error) {
      if (typeof error === 'object' && error !== null) this.#errors.add(error);
      throw error;
    } finally {
      this.#reading = false;
    }
  }

  *#next(): Operation<IteratorResult<Uint8Array, void>> {
    const value = yield* this.#read(Number.POSITIVE_INFINITY);
    return value.length > 0 ? { done: false, value } : { done: true, value: undefined };
  }

  *#read(max: number): Operation<Uint8Array> {
    if (this.#buffer.size === 0) yield* this.#more();
    return this.#buffer.take(max);
  }

  *#readExactly(count: number): Operation<Uint8Array> {
    while (this.#buffer.size < count) {
      if (!(yield* this.#more())) {
        throw new IncompleteReadError(this.#label, this.#buffer.take(Number.POSITIVE_INFINITY), count);
      }
    }
    return this.#buffer.take(count);
  }

  *#readUntil(separator: Uint8Array, limit: number): Operation<Uint8Array> {
    const found = yield* this.#find(separator, limit);
    if (found !== null) return found;
    throw new IncompleteReadError(this.#label, this.#buffer.take(Number.POSITIVE_INFINITY), null);
  }

  *#line(limit: number): Operation<Uint8Array | null> {
    const line = yield* this.#find(NEWLINE, limit);
    if (line !== null || this.#buffer.size === 0) return line;
    return this.#buffer.take(Number.POSITIVE_INFINITY);
  }

  /** All bytes up to and with the separator; null at the end. */
  *#find(separator: Uint8Array, limit: number): Operation<Uint8Array | null> {
    for (let from = 0; ; ) {
      const at = this.#buffer.indexOf(separator, from);
      // Where it may begin next: its first bytes may be there already.
      from = Math.max(0, this.#buffer.size - separator.length + 1);
      if (at > limit || (at < 0 && from > limit)) throw this.#overrun(limit);
      if (at >= 0) return this.#buffer.take(at + separator.length);
      if (!(yield* this.#more())) return null;
    }
  }

  #overrun(limit: number): LimitOverrunError {
    return new LimitOverrunError(
      `${this.#label}: no separator within ${limit} bytes. Give a larger limit, or read the bytes with read().`,
      limit,
    );
  }

  /** Waits for more bytes; false at the end. */
  *#more(): Operation<boolean> {
    for (;;) {
      const chunk = this.#readable.read() as Buffer | null;
      if (chunk !== null) {
        this.#buffer.append(chunk);
        return true;
      }
      if (this.#failure !== null) throw this.#failure.error;
      if (this.#ended) return false;
      yield* this.#changed.until(
        `bytes of ${this.#label}`,
        () => this.#readable.readableLength > 0 || this.#ended || this.#failure !== null,
      );
    }
  }

  #end(): void {
    this.#ended = true;
    this.#changed.check();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#changed.check();
  }
}

const NEWLINE = Buffer.from('\n');
