/* A cache's store in a directory: each entry a file that is there whole or not at all. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Operation, until } from '@coloop/core';
import { defaultScheduler } from '@coloop/core/lowlevel';
import { invalidOption } from '../checks.ts';
import { ClientError, messageOf } from '../errors.ts';
import { type CacheStore, type CacheStoreOptions, checkStoreSize, largestEntry } from './store.ts';

/**
 * A cache's store in a directory, which is made if it is not there. Its files only their owner may read, and what a crash
 * leaves behind is never taken for an entry. Several processes may use one directory.
 *
 * @throws InvalidOptionError for what is no directory's name; from the first request ClientError with the code `CACHE` if
 * nothing can be written there
 * @example
 * ```ts
 * import { cache, fileStore, Session } from '@coloop/http';
 *
 * const opening = Session.open({ middleware: [cache({ store: fileStore('.cache/http') })] });
 * ```
 */
export function fileStore(directory: string, options: CacheStoreOptions = {}): CacheStore {
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0')) {
    throw invalidOption('fileStore.directory', directory, "give the path of a directory, as in '.cache/http'");
  }
  return new FileStore(directory, checkStoreSize('fileStore', options));
}

/** What is known of an entry without reading it. */
interface StoredFile {
  readonly size: number;
}

class FileStore implements CacheStore {
  readonly maxEntrySize: number;
  readonly #directory: string;
  readonly #maxSize: number;
  /** The files, those that were not used for the longest time first. */
  #held: Map<string, StoredFile> | undefined;
  #size = 0;

  constructor(directory: string, maxSize: number) {
    this.#directory = directory;
    this.#maxSize = maxSize;
    this.maxEntrySize = largestEntry(maxSize);
  }

  *get(key: string): Operation<Uint8Array | undefined> {
    yield* this.#open();
    const name = nameOf(key);
    const bytes = yield* until(readEntry(join(this.#directory, name)));
    const held = this.#held?.get(name);
    if (held !== undefined) {
      this.#held?.delete(name);
      this.#held?.set(name, held);
    }
    return bytes;
  }

  *set(key: string, bytes: Uint8Array): Operation<void> {
    yield* this.#open();
    const name = nameOf(key);
    try {
      yield* until(writeEntry(this.#directory, name, bytes, chance()));
    } catch (error) {
      throw this.#failed(error);
    }
    this.#forget(name);
    this.#held?.set(name, { size: bytes.length });
    this.#size += bytes.length;
    yield* this.#shrink();
  }

  *delete(key: string): Operation<void> {
    yield* this.#open();
    yield* this.#remove(nameOf(key));
  }

  *#shrink(): Operation<void> {
    for (const name of [...(this.#held?.keys() ?? [])]) {
      if (this.#size <= this.#maxSize) return;
      yield* this.#remove(name);
    }
  }

  *#remove(name: string): Operation<void> {
    this.#forget(name);
    yield* until(removeFile(join(this.#directory, name)));
  }

  #forget(name: string): void {
    this.#size -= this.#held?.get(name)?.size ?? 0;
    this.#held?.delete(name);
  }

  *#open(): Operation<void> {
    if (this.#held !== undefined) return;
    try {
      const held = yield* until(openDirectory(this.#directory, chance()));
      if (this.#held !== undefined) return;
      this.#held = held;
      for (const { size } of held.values()) this.#size += size;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(cause: unknown): ClientError {
    return new ClientError(
      `The cache directory ${this.#directory} cannot be written: ${messageOf(cause)}. Give fileStore a directory that this program may write to.`,
      { code: 'CACHE', cause },
    );
  }
}

const ENDING = '.entry';

/** Whatever a key is, it becomes the name of a file in the directory itself. */
function nameOf(key: string): string {
  return `${createHash('sha256').update(key).digest('hex')}${ENDING}`;
}

function chance(): string {
  return Buffer.from(defaultScheduler().entropy(new Uint8Array(8))).toString('hex');
}

async function openDirectory(directory: string, part: string): Promise<Map<string, StoredFile>> {
  const { mkdir, readdir, stat } = await import('node:fs/promises');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Told at once, and not when the first response is to be kept.
  await writeEntry(directory, `probe${ENDING}`, new Uint8Array(0), part);
  await removeFile(join(directory, `probe${ENDING}`));
  const found: { name: string; size: number; used: number }[] = [];
  for (const name of await readdir(directory)) {
    if (!name.endsWith(ENDING)) continue;
    const { size, mtimeMs } = await stat(join(directory, name)).catch(() => ({ size: 0, mtimeMs: 0 }));
    found.push({ name, size, used: mtimeMs });
  }
  found.sort((a, b) => a.used - b.used);
  return new Map(found.map(({ name, size }) => [name, { size }]));
}

async function readEntry(file: string): Promise<Uint8Array | undefined> {
  const { readFile } = await import('node:fs/promises');
  // A missing file is the usual case, and one that cannot be read helps as little.
  return await readFile(file).catch(() => undefined);
}

/** Under a name of its own first: whoever reads sees the old entry or the new one, after a crash too. */
async function writeEntry(directory: string, name: string, bytes: Uint8Array, part: string): Promise<void> {
  const { open, rename } = await import('node:fs/promises');
  const beside = join(directory, `${name}.${part}.part`);
  const handle = await open(beside, 'wx', 0o600);
  try {
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, join(directory, name));
  } catch (error) {
    await removeFile(beside);
    throw error;
  }
}

async function removeFile(file: string): Promise<void> {
  const { rm } = await import('node:fs/promises');
  await rm(file, { force: true }).catch(() => undefined);
}
