import type { CacheStore } from './store.ts';

/** What a cache may be given. */
export interface CacheOptions {
  /** Default `memoryStore()`. */
  readonly store?: CacheStore | undefined;
  /** Whether it is a cache for many users, as in a proxy: `private` is not kept and `s-maxage` counts. Default false. */
  readonly shared?: boolean | undefined;
}
