/*
 * What a response is made of: the interfaces that a transport implements.
 *
 * | word      | meaning                                                                                  |
 * | released  | the user wants no more of the response; what was not read by then cannot be read          |
 * | closed    | its connection is given back or gone; `response.released` tells this to the user          |
 * | discarded | bytes that came after the release: drained, so that the connection can be used again    |
 */

import type { Operation, Source } from '@coloop/core';
import type { GivesBack } from '@coloop/core/lowlevel';
import type { Recycling } from '../bytes/recycling.ts';
import type { Coding } from '../decode/codings.ts';
import type { ErrorDetails, HistoryEntry } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Timing } from '../timing.ts';

/**
 * The bytes of a response's body as they come from the codec: framing removed, content codings still on.
 *
 * `next()` applies backpressure: what no task asks for stays on the wire.
 */
export interface BodyStream extends Source<Uint8Array>, Recycling {
  /** The next chunk; throws ClientPayloadError, ServerTimeoutError or SessionClosedError where the body does not come whole. */
  next(): Operation<IteratorResult<Uint8Array, void>>;
  /** The whole rest, where all of it has already arrived; undefined where something would have to be waited for. */
  restNowait(): readonly Uint8Array[] | undefined;
  /** Releases it: reads on if little is left, else destroys the connection. Waits until that has happened. */
  close(): Operation<void>;
  /** The same without waiting. */
  closeNowait(): void;
  /** True once the connection is given back or gone. */
  readonly closed: boolean;
  /** The bytes announced, where they are. */
  readonly length: number | undefined;
  /** The trailer section, once the body was read whole. */
  readonly trailers: Headers | undefined;
}

/** The header lines of a response, looked up without building the web's `Headers`. */
export interface HeaderLines {
  /** The values of a header joined by commas; null where it is missing. */
  get(lowerName: string): string | null;
  /** The values of a header, one per line: for Set-Cookie. */
  getAll(lowerName: string): readonly string[];
  toHeaders(): Headers;
}

/** How content codings are decoded; the platform's part of reading a body. */
export interface Decoder {
  readonly known: ReadonlySet<string>;
  /** Undefined where the body is too large to be decoded at once. */
  nowait(
    chunks: readonly Uint8Array[],
    codings: readonly Coding[],
    limits: Limits,
    details: () => ErrorDetails,
  ): Uint8Array | undefined;
  stream(
    body: Source<Uint8Array>,
    codings: readonly Coding[],
    limits: Limits,
    details: () => ErrorDetails,
  ): Source<Uint8Array>;
}

/** What a response has to know of its request. */
export interface ResponseContext {
  readonly method: string;
  /** Without userinfo, with the fragment of the request. */
  readonly url: string;
  readonly limits: Limits;
  /** Null where the body is left as it is. */
  readonly decoder: Decoder | null;
  readonly history: readonly HistoryEntry[];
  /** Whether this response can have no body: to HEAD, or 204 and 304. */
  readonly bodyless: boolean;
  /** Who has the response, and how it is given back where nobody gets it. */
  readonly held?: GivesBack | undefined;
  /** What every phase took up to now, or up to the end of the body. */
  timing(): Timing;
  /** Phase, request and timing for an error about this response. */
  errorDetails(): ErrorDetails;
  /** Runs an operation for a host that reads `body`. */
  run<T>(operation: () => Operation<T>): Promise<T>;
}
