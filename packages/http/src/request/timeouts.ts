/* The option `timeout`, laid over inherited limits. */
import { checkNames, invalidOption, own } from '../checks.ts';

/** Limits by phase, in milliseconds; `null`, `false` and 0 mean none, `undefined` inherits. */
export interface TimeoutOptions {
  /** The whole request, from the call to the end of the body. Default 300,000. */
  readonly total?: number | null | false | undefined;
  /** Waiting for a slot of the pool. */
  readonly queue?: number | null | false | undefined;
  /** Name lookup, TCP, proxy and TLS together. */
  readonly connect?: number | null | false | undefined;
  /** From the request's last byte to the end of the response's head. */
  readonly headers?: number | null | false | undefined;
  /** One wait for the next bytes of the body, or for the peer to take some of the request's; only time spent waiting on it counts. */
  readonly idle?: number | null | false | undefined;
}

/** The limits of one request in milliseconds; Infinity for none. */
export interface Timeouts {
  readonly total: number;
  readonly queue: number;
  readonly connect: number;
  readonly headers: number;
  readonly idle: number;
}

/** Five minutes for the whole request, as in aiohttp; nothing by phase. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  total: 300_000,
  queue: Number.POSITIVE_INFINITY,
  connect: Number.POSITIVE_INFINITY,
  headers: Number.POSITIVE_INFINITY,
  idle: Number.POSITIVE_INFINITY,
};

const KEYS: readonly (keyof Timeouts)[] = ['total', 'queue', 'connect', 'headers', 'idle'];

/**
 * Lays a `timeout` option over inherited limits, key by key; a bare number is the total.
 *
 * @throws InvalidOptionError for NaN, negative or non-numeric limits and unknown keys.
 */
export function mergeTimeouts(base: Timeouts, option: number | null | false | TimeoutOptions | undefined): Timeouts {
  if (option === undefined) return base;
  if (option === null || option === false || typeof option === 'number') {
    return { ...base, total: limitOf('timeout', option) };
  }
  if (typeof option !== 'object') {
    throw invalidOption('timeout', option, 'give milliseconds, or { total, queue, connect, headers, idle }');
  }
  checkNames('timeout', option, KEYS);
  const merged: { -readonly [K in keyof Timeouts]: number } = { ...base };
  for (const key of KEYS) {
    const value = own(option, key);
    if (value !== undefined) merged[key] = limitOf(`timeout.${key}`, value);
  }
  return merged;
}

function limitOf(name: string, value: unknown): number {
  if (value === null || value === false || value === 0) return Number.POSITIVE_INFINITY;
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw invalidOption(name, value, 'give milliseconds, or null for no limit');
  }
  if (value < 0) {
    throw invalidOption(name, value, 'it would have passed already; give 0 or null for no limit');
  }
  return value;
}
