import { isIP } from 'node:net';
import { InvalidOptionError } from '../errors.ts';
import { checkForeignNames } from '../known.ts';
import { own } from '../own.ts';

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

const KNOWN: readonly (keyof PoolOptions)[] = ['limit', 'limitPerHost', 'keepAlive', 'maxRequests', 'localAddress'];

/** @throws InvalidOptionError */
export function readPoolOptions(options: PoolOptions): PoolSettings {
  checkKnown(options);
  return {
    limit: count('limit', own(options, 'limit'), 100),
    limitPerHost: count('limitPerHost', own(options, 'limitPerHost'), 0),
    keepAlive: milliseconds('keepAlive', own(options, 'keepAlive'), 15_000),
    maxRequests: count('maxRequests', own(options, 'maxRequests'), 0),
    localAddress: addressOf(own(options, 'localAddress')),
  };
}

function checkKnown(options: PoolOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionError(
      `The pool is ${String(options)}: give a ConnectionPool, or settings as in { limit: 20 }.`,
    );
  }
  checkForeignNames('pool', options, KNOWN);
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name as keyof PoolOptions)) {
      throw new InvalidOptionError(`The pool's setting ${name} is not known: use one of ${KNOWN.join(', ')}.`);
    }
  }
}

function count(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback || Number.POSITIVE_INFINITY;
  if (value === Number.POSITIVE_INFINITY) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value || Number.POSITIVE_INFINITY;
  throw new InvalidOptionError(`The pool's ${name} is ${String(value)}: give a whole number, 0 for no limit.`);
}

function addressOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && isIP(value) !== 0) return value;
  throw new InvalidOptionError(`The pool's localAddress is ${String(value)}: give an IP address of this machine.`);
}

function milliseconds(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= 0) return value;
  throw new InvalidOptionError(`The pool's ${name} is ${String(value)}: give milliseconds, 0 or more.`);
}
