import { defer, type Operation } from '@coloop/core';
import { CurrentScheduler } from '../waits.ts';
import { Pool, type PoolStats } from './pool.ts';
import type { PoolOptions } from './pool-options.ts';

/**
 * A pool that several sessions share: `Session.open({ pool })`. It belongs to the scope that opened it, not to a session.
 *
 * @example
 * ```ts no-run
 * const pool = yield* ConnectionPool.open({ limit: 20, limitPerHost: 4 });
 * const session = yield* Session.open({ pool });
 * ```
 */
export class ConnectionPool {
  /** @internal */
  readonly inner: Pool;

  /** @internal */
  constructor(inner: Pool) {
    this.inner = inner;
  }

  /**
   * Opens a pool that belongs to the current scope.
   *
   * @throws InvalidOptionError
   */
  static *open(options: PoolOptions = {}): Operation<ConnectionPool> {
    const pool = new ConnectionPool(new Pool(options, yield* new CurrentScheduler()));
    defer(() => pool.close());
    return pool;
  }

  get stats(): PoolStats {
    return this.inner.stats;
  }

  /** Destroys every connection, and returns when every socket is closed. */
  close(): Operation<void> {
    return this.inner.close();
  }
}
