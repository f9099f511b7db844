import { createReadStream, type PathLike } from 'node:fs';
import { checkCount, readOptions, show } from '../../kernel/operation/options.ts';
import type { Source } from '../../kernel/operation/source.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { removeRelease } from '../../kernel/scope/releases.ts';
import { SourceOwner } from '../../kernel/task/source-owner.ts';
import { ByteReader, DEFAULT_LIMIT } from './byte-reader.ts';

/** What `readLines` may be given. */
export interface ReadLinesOptions {
  /** How many bytes a line may have; 65,536 by default. */
  limit?: number | undefined;
}

/**
 * The lines of a file, in UTF-8 and without their ends (`\n` or `\r\n`); a byte order mark is left out.
 *
 * The file is read only as far as lines are asked for. It is opened by the first `next`, and closed at its end, by `close`,
 * or with the scope in which the source was made; made outside of every task it belongs to the run that reads it first.
 *
 * Cancellation: of a `next` loses nothing.
 *
 * @param file the path of the file, or its URL
 * @param options `limit`: how many bytes a line may have
 * @returns a source: `next` throws the system's error for a file that cannot be read, and LimitOverrunError for a line that is longer
 * @throws TypeError for what is not a path, at the call.
 * @example
 * ```ts no-run
 * import { forEach } from '@coloop/core';
 * import { main, readLines } from '@coloop/core/node';
 *
 * await main(() => forEach(readLines('access.log'), (line) => console.log(line)));
 * ```
 * Source: Python's `for line in file`.
 */
export function readLines(file: string | URL, options: ReadLinesOptions = {}): Source<string> {
  if (typeof file !== 'string' && !(file instanceof URL)) {
    throw new TypeError(`readLines takes the path of a file, or its URL, not ${show(file)}.`);
  }
  const { limit = DEFAULT_LIMIT } = readOptions('readLines', options, { limit: 'any' });
  return new FileLines(file, checkCount("readLines: the option 'limit'", limit, 1, true));
}

class FileLines implements Source<string> {
  readonly #file: PathLike;
  readonly #limit: number;
  readonly #owner = new SourceOwner('This file');
  #lines: Source<string> | null = null;
  #closed = false;

  constructor(file: PathLike, limit: number) {
    this.#file = file;
    this.#limit = limit;
  }

  *next(): Operation<IteratorResult<string, void>> {
    if (this.#closed) return { done: true, value: undefined };
    this.#lines ??= this.#open();
    return yield* this.#lines.next();
  }

  *close(): Operation<void> {
    this.#closed = true;
    if (this.#lines !== null) yield* this.#lines.close();
  }

  #open(): Source<string> {
    const stream = createReadStream(this.#file);
    const release = this.#owner.addRelease(() => this.close());
    stream.on('close', () => removeRelease(release));
    return new ByteReader(stream, String(this.#file)).lines(this.#limit);
  }
}
