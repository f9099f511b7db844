import { InvalidOptionError } from '../errors.ts';
import { own } from '../own.ts';
import { TOKEN } from '../request/headers.ts';

/** What concerns a WebSocket alone. */
export interface WebSocketOptions {
  /** The subprotocols that the caller speaks, the preferred one first. */
  readonly protocols?: readonly string[] | undefined;
  /**
   * Milliseconds of silence after which the peer is asked for a sign of life; it has half of that to give one.
   * Default none.
   */
  readonly heartbeat?: number | null | undefined;
  /** Whether the peer's pings are answered. Default true. */
  readonly autoPing?: boolean | undefined;
  /** Whether compression (permessage-deflate) is offered. Default true. */
  readonly compress?: boolean | undefined;
  /** The largest message, in bytes over all its fragments and after decompression. Default 4 MiB. */
  readonly maxMessageSize?: number | undefined;
  /** How long `close()` waits for the peer, in milliseconds. Default 10,000. */
  readonly closeTimeout?: number | undefined;
}

/** The same with every field filled in. */
export interface WebSocketSettings {
  readonly protocols: readonly string[];
  readonly heartbeat: number;
  readonly autoPing: boolean;
  readonly compress: boolean;
  readonly maxMessageSize: number;
  readonly closeTimeout: number;
}

/** The options of a WebSocket, by name. */
export const WEBSOCKET_OPTIONS = {
  protocols: 'any',
  heartbeat: 'any',
  autoPing: 'any',
  compress: 'any',
  maxMessageSize: 'any',
  closeTimeout: 'any',
} as const;

/**
 * Fills in and checks.
 *
 * @throws InvalidOptionError
 */
export function webSocketSettings(options: WebSocketOptions): WebSocketSettings {
  const protocols = own(options, 'protocols') ?? [];
  if (!Array.isArray(protocols) || protocols.some((name) => typeof name !== 'string' || !TOKEN.test(name))) {
    throw new InvalidOptionError(
      `The option protocols is ${JSON.stringify(protocols)}: give a list of subprotocol names without spaces.`,
    );
  }
  if (new Set(protocols).size !== protocols.length) {
    throw new InvalidOptionError(
      `The option protocols names one subprotocol twice (${protocols.join(', ')}): give each once.`,
    );
  }
  return {
    protocols,
    heartbeat: milliseconds('heartbeat', own(options, 'heartbeat') ?? 0) || Number.POSITIVE_INFINITY,
    autoPing: flag('autoPing', own(options, 'autoPing')),
    compress: flag('compress', own(options, 'compress')),
    maxMessageSize: size(own(options, 'maxMessageSize') ?? 4_194_304),
    closeTimeout: milliseconds('closeTimeout', own(options, 'closeTimeout') ?? 10_000),
  };
}

function flag(name: string, value: boolean = true): boolean {
  if (typeof value === 'boolean') return value;
  throw new InvalidOptionError(`The option ${name} is ${String(value)}: give true or false.`);
}

function milliseconds(name: string, value: number): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw new InvalidOptionError(`The option ${name} is ${String(value)}: give milliseconds, 0 or more.`);
}

function size(value: number): number {
  // The codec counts in 32 bits.
  if (Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value;
  throw new InvalidOptionError(
    `The option maxMessageSize is ${String(value)}: give a number of bytes from 1 to 2,147,483,647.`,
  );
}
