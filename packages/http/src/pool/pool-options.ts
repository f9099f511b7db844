import { isIP } from 'node:net';
import { checkMilliseconds, checkNames, checkWhole, invalidOption, own } from '../checks.ts';

/** Settings of a pool. */
export interface PoolOptions {
  /** Connections in all. Default 100; 0 for no limit. */
  readonly limit?: number | undefined;
  /** Connections to one host and port. Default 0, no limit. */
  readonly limitPerHost?: number | undefined;
  /** How long an idle connection may be used again, in milliseconds. Default 15,000; 0: never. */
  readonly keepAlive?: number | undefined;
  /** How many requests one connection may serve. */
  readonly maxRequests?: number | undefined;
  /** The address of this machine to connect from. */
  readonly localAddress?: string | undefined;
}

/** The settings of a pool, checked and complete; Infinity where there is no limit. */
export interface PoolSettings {
  readonly limit: number;
  readonly limitPerHost: number;
  readonly keepAlive: number;
  readonly maxRequests: number;
  readonly localAddress: string | undefined;
}

const POOL_OPTIONS: readonly (keyof PoolOptions)[] = [
  'limit',
  'limitPerHost',
  'keepAlive',
  'maxRequests',
  'localAddress',
];

/** @throws InvalidOptionError */
export function readPoolOptions(options: PoolOptions): PoolSettings {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption('pool', options, 'give a ConnectionPool, or settings as in { limit: 20 }');
  }
  checkNames('pool', options, POOL_OPTIONS);
  return {
    limit: limitOf('pool.limit', own(options, 'limit'), 100),
    limitPerHost: limitOf('pool.limitPerHost', own(options, 'limitPerHost'), 0),
    keepAlive: checkMilliseconds('pool.keepAlive', own(options, 'keepAlive'), 15_000),
    maxRequests: limitOf('pool.maxRequests', own(options, 'maxRequests'), 0),
    localAddress: addressOf(own(options, 'localAddress')),
  };
}

/** Infinity stands for no limit, as 0 does. */
function limitOf(name: string, value: unknown, fallback: number): number {
  if (value === Number.POSITIVE_INFINITY) return value;
  return checkWhole(name, value, fallback) || Number.POSITIVE_INFINITY;
}

function addressOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && isIP(value) !== 0) return value;
  throw invalidOption('pool.localAddress', value, 'give an IP address of this machine');
}
