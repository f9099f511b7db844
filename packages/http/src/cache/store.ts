/* Where a cache keeps what it has: an interface of three words, and the store in memory. */
import type { Operation } from '@coloop/core';
import { checkNames, invalidOption, own } from '../checks.ts';

/**
 * Keeps bytes under keys. A key is 64 hexadecimal digits; what is under it is the cache's own, and may be dropped at any time.
 *
 * Bytes that were handed over are never changed afterwards.
 */
export interface CacheStore {
  /** The most bytes that one entry may have; larger ones are not offered. */
  readonly maxEntrySize: number;
  get(key: string): Operation<Uint8Array | undefined>;
  set(key: string, bytes: Uint8Array): Operation<void>;
  delete(key: string): Operation<void>;
}

/** How much a store may hold. */
export interface CacheStoreOptions {
  /** In bytes; what was not used for the longest time goes first. Default 64 MiB. */
  readonly maxSize?: number | undefined;
}

const STORE_OPTIONS: readonly (keyof CacheStoreOptions)[] = ['maxSize'];
const DEFAULT_SIZE = 67_108_864;

/** One entry may not push out all others. */
const LARGEST_PART = 8;

/** @throws InvalidOptionError */
export function checkStoreSize(what: string, options: CacheStoreOptions): number {
  checkNames(what, options, STORE_OPTIONS);
  const size = own(options, 'maxSize');
  if (size === undefined) return DEFAULT_SIZE;
  if (Number.isSafeInteger(size) && size > 0) return size;
  throw invalidOption(`${what}.maxSize`, size, 'give a whole number of bytes');
}

/** The largest entry of a store of this size. */
export function largestEntry(maxSize: number): number {
  return Math.floor(maxSize / LARGEST_PART);
}

/**
 * A cache's store in the memory of this process.
 *
 * @throws InvalidOptionError for a size that makes no sense
 * @example
 * ```ts
 * import { cache, memoryStore, Session } from '@coloop/http';
 *
 * const opening = Session.open({ middleware: [cache({ store: memoryStore({ maxSize: 10_000_000 }) })] });
 * ```
 */
export function memoryStore(options: CacheStoreOptions = {}): CacheStore {
  return new MemoryStore(checkStoreSize('memoryStore', options));
}

class MemoryStore implements CacheStore {
  readonly maxEntrySize: number;
  readonly #maxSize: number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Uint8Array>();
  #size = 0;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
    this.maxEntrySize = largestEntry(maxSize);
  }

  *get(key: string): Operation<Uint8Array | undefined> {
    const bytes = this.#entries.get(key);
    if (bytes === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, bytes);
    return bytes;
  }

  *set(key: string, bytes: Uint8Array): Operation<void> {
    this.#remove(key);
    this.#entries.set(key, bytes);
    this.#size += bytes.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#maxSize) return;
      this.#remove(oldest);
    }
  }

  *delete(key: string): Operation<void> {
    this.#remove(key);
  }

  #remove(key: string): void {
    this.#size -= this.#entries.get(key)?.length ?? 0;
    this.#entries.delete(key);
  }
}
