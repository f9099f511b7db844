import type { Source } from '@coloop/core';

/** What a body may be while it is sent: everything at once, or chunk by chunk. */
export type BodyContent = Uint8Array | Source<Uint8Array>;

/** How a request's body may be compressed. */
export type UploadCoding = 'gzip' | 'deflate' | 'br';

/** The body of a request, made once from `json`, `form`, `multipart` or `body`; if it is replayable, it can be sent again. */
export interface RequestBody {
  /** The number of bytes, if it is known before sending; otherwise the body goes out in chunks. */
  readonly length: number | undefined;
  /** The Content-Type to send unless the caller gave one. */
  readonly type: string | undefined;
  /** The Content-Encoding of what `open` gives, if it was compressed. */
  readonly encoding?: string | undefined;
  /** Whether `open` may be called more than once. */
  readonly replayable: boolean;
  /** True once a body that is not replayable was opened. */
  readonly spent: boolean;
  /**
   * Begins a pass over the body.
   *
   * @throws InvalidOptionError if the body was spent by an earlier pass.
   */
  open(): BodyContent;
}
