import type { Operation, Source } from '@coloop/core';
import type { ErrorDetails, HistoryEntry } from './errors.ts';
import type { Limits } from './limits.ts';
import type { Timing } from './timing.ts';

/**
 * The bytes of a response's body as they come from the codec: framing removed, content codings still on.
 *
 * The transport implements it. `next()` applies backpressure: what nobody asks for stays on the wire.
 */
export interface BodyStream extends Source<Uint8Array> {
  /** The next piece; throws ClientPayloadError, ServerTimeoutError or SessionClosedError where the body does not come whole. */
  next(): Operation<IteratorResult<Uint8Array, void>>;
  /** The whole rest, where all of it has already arrived; undefined where something would have to be waited for. */
  restNowait(): readonly Uint8Array[] | undefined;
  /** Lets go of the connection: reads on if little is left, else destroys it. Waits until that has happened. */
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

/** What a response has to know of its request; the pipeline implements it. */
export interface ResponseContext {
  readonly method: string;
  /** Without userinfo, with the fragment of the request. */
  readonly url: string;
  readonly limits: Limits;
  readonly decompress: boolean;
  readonly history: readonly HistoryEntry[];
  /** What every phase took up to now, or up to the end of the body. */
  timing(): Timing;
  /** Phase, request and timing for an error about this response. */
  errorDetails(): ErrorDetails;
}

/** How `json()` reads. */
export interface JsonOptions<T> {
  /** The media type to insist on; null leaves it unchecked. Default: any JSON type. */
  readonly contentType?: string | null | undefined;
  /** Checks and types the value: any Standard Schema validator. */
  readonly schema?: StandardSchema<T> | undefined;
}

/** The part of a Standard Schema (standardschema.dev, version 1) that is used. */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

/** What a Standard Schema answers. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/**
 * The answer to a request. It belongs to its session: `using`, the end of its body, or the session ends it.
 *
 * Any task may read it. A body that was read whole stays readable.
 */
export interface Response extends Disposable {
  readonly status: number;
  /** The reason phrase as the server wrote it, often empty. */
  readonly reason: string;
  /** True for 200 to 299. */
  readonly ok: boolean;
  readonly headers: Headers;
  /** The URL that answered, after redirects, without userinfo. */
  readonly url: string;
  readonly history: readonly HistoryEntry[];
  readonly timing: Timing;
  /** True once the connection is given back or gone. */
  readonly released: boolean;
  /** The trailer section, once the body was read whole. */
  readonly trailers: Headers | undefined;
  readonly body: ReadableStream<Uint8Array>;
  bytes(): Operation<Uint8Array>;
  text(encoding?: string): Operation<string>;
  json<T = unknown>(options?: JsonOptions<T>): Operation<T>;
  /** The decoded body piece by piece. */
  chunks(): Source<Uint8Array>;
  /** The decoded body line by line, without the line ends. */
  lines(): Source<string>;
  /** Throws ClientResponseError for a status of 400 and above. */
  raiseForStatus(): this;
  /** Gives the connection back: reads on if little is left, else destroys it. */
  release(): Operation<void>;
  [Symbol.dispose](): void;
}
