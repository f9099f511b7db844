import { checkCount, checkDuration, readOptions, show } from '../../kernel/operation/options.ts';
import type { PoolOptions } from '../types.ts';

/** The options of a pool with their defaults. */
export interface CheckedPoolOptions {
  readonly size: number;
  readonly concurrency: number;
  readonly queue: number;
  readonly unresponsive: { readonly after: number; readonly end: boolean };
  readonly errors: readonly (abstract new (...args: never) => Error)[];
  readonly name: string | undefined;
}

/** What every kind of pool takes, for `readOptions`. */
export const POOL_OPTIONS = {
  size: 'any',
  concurrency: 'any',
  queue: 'any',
  unresponsive: 'any',
  errors: 'any',
  name: 'string',
} as const;

const UNRESPONSIVE_OPTIONS = { after: 'duration', end: 'boolean' } as const;
const DEFAULT_PATIENCE = 5_000;
const WHAT = 'WorkerPool.open';

/** @param defaultSize how many workers run at once on this machine */
export function checkPoolOptions(options: PoolOptions, defaultSize: number): CheckedPoolOptions {
  const { size = defaultSize, concurrency = Number.POSITIVE_INFINITY, queue, unresponsive = {}, errors = [] } = options;
  checkCount(`${WHAT}: the option 'size'`, size);
  checkCount(`${WHAT}: the option 'concurrency'`, concurrency, 1, true);
  if (queue !== undefined) {
    checkCount(`${WHAT}: the option 'queue'`, queue, 0, true);
    if (concurrency === Number.POSITIVE_INFINITY) {
      throw new TypeError(
        `${WHAT}: the option 'queue' needs 'concurrency', since without a limit of running calls none ever waits.`,
      );
    }
  }
  const { after = DEFAULT_PATIENCE, end = false } = readOptions(
    `${WHAT}: the option 'unresponsive'`,
    unresponsive,
    UNRESPONSIVE_OPTIONS,
  );
  return {
    size,
    concurrency,
    queue: queue ?? Number.POSITIVE_INFINITY,
    unresponsive: { after: checkDuration(WHAT, after), end },
    errors: checkErrors(errors),
    name: options.name,
  };
}

function checkErrors(errors: unknown): CheckedPoolOptions['errors'] {
  if (!Array.isArray(errors)) throw new TypeError(`${WHAT}: the option 'errors' takes an array, not ${show(errors)}.`);
  for (const each of errors as unknown[]) {
    if (typeof each !== 'function' || !(each.prototype instanceof Error)) {
      throw new TypeError(`${WHAT}: the option 'errors' takes classes of errors, not ${show(each)}.`);
    }
  }
  return errors as CheckedPoolOptions['errors'];
}
