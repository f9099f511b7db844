/** How much a peer may send, every field filled in; bytes unless said otherwise. */
export interface Limits {
  /** What `bytes()`, `text()` and `json()` may gather. */
  readonly buffered: number;
  /** A body after decompression. */
  readonly decompressed: number;
  /** Decompressed over compressed size, from the first MiB on. */
  readonly ratio: number;
  /** The number of content codings in a chain. */
  readonly codings: number;
  /** The head of a response, its 1xx responses and trailers included. */
  readonly headers: number;
}

/** The limits if nothing else is asked for. */
export const DEFAULT_LIMITS: Limits = {
  buffered: 104_857_600,
  decompressed: Number.POSITIVE_INFINITY,
  ratio: 1_000,
  codings: 5,
  headers: 65_536,
};

/** How much of the body of a refusal an error holds, in bytes, and for how many milliseconds it is waited for. */
export const EXCERPT_SIZE = 1_024;
export const EXCERPT_TIME = 250;
