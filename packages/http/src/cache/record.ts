/* What is kept of a URL: all its responses, as bytes that are checked before anything in them is believed. */
import { concat } from '../bytes/buffer.ts';
import type { Policies, Policy } from './policy.ts';

/** One response that is kept. */
export interface CacheEntry {
  readonly policy: Policy;
  /** `anonymous`, `public`, or a hash of the credentials that it was asked for with. */
  readonly partition: string;
  readonly method: string;
  readonly status: number;
  readonly reason: string;
  readonly lines: readonly (readonly [string, string])[];
  /** As it was on the wire, content codings included. */
  readonly body: Uint8Array;
}

interface StoredEntry extends Omit<CacheEntry, 'policy' | 'body'> {
  readonly policy: unknown;
  readonly length: number;
}

interface StoredRecord {
  readonly version: number;
  readonly url: string;
  readonly entries: readonly StoredEntry[];
}

const VERSION = 1;
/** The length of what describes the bodies stands before it. */
const PREFIX = 4;

export function encodeRecord(url: string, entries: readonly CacheEntry[]): Uint8Array {
  const described = entries.map(({ body, policy, ...rest }) => ({
    ...rest,
    policy: policy.toJSON(),
    length: body.length,
  }));
  const head = new TextEncoder().encode(JSON.stringify({ version: VERSION, url, entries: described }));
  const prefix = new Uint8Array(PREFIX);
  new DataView(prefix.buffer).setUint32(0, head.length);
  return concat([prefix, head, ...entries.map(({ body }) => body)]);
}

/** The entries; none if these bytes are not what was written for this URL. */
export function decodeRecord(bytes: Uint8Array, url: string, policies: Policies): CacheEntry[] {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = PREFIX + view.getUint32(0);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(PREFIX, at));
    const stored = JSON.parse(text) as StoredRecord;
    if (stored.version !== VERSION || stored.url !== url) return [];
    const entries = stored.entries.map(({ policy, length, ...rest }) => {
      const body = bytes.subarray(at, at + length);
      at += length;
      return { ...rest, policy: policies.from(policy), body };
    });
    return at === bytes.length ? entries : [];
  } catch {
    return [];
  }
}
