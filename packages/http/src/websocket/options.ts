import { checkFlag, checkMilliseconds, invalidOption, own } from '../checks.ts';
import { TOKEN } from '../headers.ts';

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
export const WEBSOCKET_OPTIONS: readonly (keyof WebSocketOptions)[] = [
  'protocols',
  'heartbeat',
  'autoPing',
  'compress',
  'maxMessageSize',
  'closeTimeout',
];

/**
 * Fills in and checks.
 *
 * @throws InvalidOptionError
 */
export function webSocketSettings(options: WebSocketOptions): WebSocketSettings {
  const given = own(options, 'protocols');
  const protocols = given === undefined ? [] : given;
  if (!Array.isArray(protocols) || protocols.some((name) => typeof name !== 'string' || !TOKEN.test(name))) {
    throw invalidOption('ws.protocols', protocols, 'give a list of subprotocol names without spaces');
  }
  if (new Set(protocols).size !== protocols.length) {
    throw invalidOption('ws.protocols', protocols.join(', '), 'name each subprotocol once');
  }
  return {
    protocols,
    heartbeat: heartbeatOf(own(options, 'heartbeat')),
    autoPing: checkFlag('ws.autoPing', own(options, 'autoPing'), true),
    compress: checkFlag('ws.compress', own(options, 'compress'), true),
    maxMessageSize: size(own(options, 'maxMessageSize')),
    closeTimeout: checkMilliseconds('ws.closeTimeout', own(options, 'closeTimeout'), 10_000),
  };
}

/** Null and 0 stand for none. */
function heartbeatOf(value: number | null | undefined): number {
  return value === null
    ? Number.POSITIVE_INFINITY
    : checkMilliseconds('ws.heartbeat', value, 0) || Number.POSITIVE_INFINITY;
}

function size(value: number | undefined): number {
  if (value === undefined) return 4_194_304;
  // The codec counts in 32 bits.
  if (Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value;
  throw invalidOption('ws.maxMessageSize', value, 'give a number of bytes from 1 to 2,147,483,647');
}
