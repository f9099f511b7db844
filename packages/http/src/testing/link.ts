import { checkNames, checkNumber, own } from '../checks.ts';

/** The link between a client and a server. Times are milliseconds. */
export interface LinkOptions {
  /** How long a byte takes one way. Default 1. */
  readonly latency?: number | undefined;
  /** How much longer it may take, drawn anew for each chunk; chunks never overtake each other. Default 0. */
  readonly jitter?: number | undefined;
  /** Bytes per second, each way. Default Infinity. */
  readonly bandwidth?: number | undefined;
  /** How many bytes may be sent and not yet read, each way; beyond it writing waits. Default 65,536. */
  readonly window?: number | undefined;
  /** The connection is reset (ECONNRESET) in place of the byte after this many from the server. */
  readonly resetAfter?: number | undefined;
  /** The peer turns silent, without any sign, in place of the byte after this many from the server. */
  readonly silentAfter?: number | undefined;
}

/** Link options, checked and complete. */
export interface LinkSettings {
  readonly latency: number;
  readonly jitter: number;
  readonly bandwidth: number;
  readonly window: number;
  readonly resetAfter: number;
  readonly silentAfter: number;
}

const DEFAULTS: LinkSettings = {
  latency: 1,
  jitter: 0,
  bandwidth: Number.POSITIVE_INFINITY,
  window: 65_536,
  resetAfter: Number.POSITIVE_INFINITY,
  silentAfter: Number.POSITIVE_INFINITY,
};

/**
 * Reads link options over `base`.
 *
 * @throws InvalidOptionError
 */
export function readLink(options: LinkOptions, base: LinkSettings = DEFAULTS): LinkSettings {
  checkNames('link', options, Object.keys(DEFAULTS));
  const link: Record<keyof LinkSettings, number> = { ...base };
  for (const name of Object.keys(DEFAULTS) as (keyof LinkSettings)[]) {
    const least = name === 'bandwidth' || name === 'window' ? 1 : 0;
    link[name] = checkNumber(`link.${name}`, own(options, name), base[name], least);
  }
  return link;
}
