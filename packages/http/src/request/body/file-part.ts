/* A file of the disk as a part of a multipart form, read while it is sent. */
import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Operation, type Source, until } from '@coloop/core';
import { ClientPayloadError, InvalidOptionError, messageOf } from '../../errors.ts';
import { ignore } from '../../waits.ts';
import type { FilePart } from './multipart.ts';

/**
 * A file of the disk as a part of a {@link Multipart}: looked up now, opened at its first chunk, closed at its end.
 *
 * @throws InvalidOptionError for what is missing or no file
 * @example
 * ```ts no-run
 * const form = new Multipart().append('report', filePart('report.pdf'), { type: 'application/pdf' });
 * ```
 */
export function filePart(path: string): FilePart {
  let size: number;
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new Error('it is not a regular file');
    size = stats.size;
  } catch (error) {
    throw new InvalidOptionError(
      `The file ${path} cannot be sent (${messageOf(error)}): give the path of a readable file.`,
      {
        cause: error,
      },
    );
  }
  return { filename: basename(path), length: size, open: () => new FileSource(path) };
}

type Handle = Awaited<ReturnType<typeof open>>;

/** Reads a file chunk by chunk. */
class FileSource implements Source<Uint8Array> {
  readonly #path: string;
  #handle: Handle | undefined;
  #done = false;

  constructor(path: string) {
    this.#path = path;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    if (this.#done) return END;
    try {
      const handle: Handle = this.#handle ?? (yield* until(() => open(this.#path), { late: closeLate }));
      this.#handle = handle;
      const { bytesRead, buffer } = yield* until(handle.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, null));
      if (bytesRead > 0) return { done: false, value: buffer.subarray(0, bytesRead) };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new ClientPayloadError(`The file ${this.#path} could not be read while it was sent: ${error.message}.`, {
        code: error.code,
        phase: 'send',
        cause: error,
      });
    }
    yield* this.close();
    return END;
  }

  *close(): Operation<void> {
    this.#done = true;
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle !== undefined) yield* until(handle.close().catch(ignore));
  }
}

function closeLate(handle: Handle): void {
  handle.close().catch(ignore);
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

const CHUNK = 65_536;
const END: IteratorReturnResult<void> = { done: true, value: undefined };
