/* What a response means for a file of which a part may be on the disk already; rules without I/O. */
import { ClientResponseError, RedirectError } from '../errors.ts';

/** What is on the disk of a file that is not complete. */
export interface Partial {
  /** Bytes that are there. */
  readonly size: number;
  /** What the server said of the version that they belong to; undefined: nothing that could be asked for again. */
  readonly validator: string | undefined;
}

/** What is read of a response. */
export interface DownloadHead {
  readonly status: number;
  readonly headers: Headers;
  readonly url: string;
}

/** What to do with a response. */
export type DownloadStep =
  /** Write its body from here on; `total` is the size of the whole file, if it is known. */
  | { readonly kind: 'write'; readonly from: number; readonly total: number | undefined }
  /** All is there already. */
  | { readonly kind: 'complete' }
  /** What is there belongs to nothing: ask anew for the whole. */
  | { readonly kind: 'restart' };

/**
 * The headers that ask for what is missing, on the condition that the file is still the same.
 *
 * Source: RFC 9110, sections 13.1.5 (If-Range) and 14.2 (Range). The bytes are asked for as they are: a range counts
 * coded ones.
 */
export function rangeHeaders(partial: Partial): Record<string, string> {
  const headers: Record<string, string> = { 'Accept-Encoding': 'identity' };
  if (partial.size > 0 && partial.validator !== undefined) {
    headers.Range = `bytes=${partial.size}-`;
    headers['If-Range'] = partial.validator;
  }
  return headers;
}

/**
 * Decides what a response means for a partial file.
 *
 * @throws ClientResponseError for a status that brings no file
 */
export function nextStep(partial: Partial, response: DownloadHead): DownloadStep {
  const range = contentRange(response.headers.get('content-range'));
  switch (response.status) {
    case 200:
      return { kind: 'write', from: 0, total: lengthOf(response.headers) };
    case 206:
      // A range that was not asked for would be written to the wrong place.
      if (range === undefined || range.first !== partial.size || partial.size === 0) return { kind: 'restart' };
      if (isOtherVersion(partial, response.headers)) return { kind: 'restart' };
      return { kind: 'write', from: partial.size, total: range.total };
    case 416:
      if (partial.size === 0) break;
      return range?.total === partial.size ? { kind: 'complete' } : { kind: 'restart' };
  }
  const { status, headers, url } = response;
  const ErrorClass = status >= 300 && status < 400 ? RedirectError : ClientResponseError;
  throw new ErrorClass(
    `The response of ${url} has the status ${status}, which brings no file: check the address and the credentials.`,
    { status, headers },
  );
}

/**
 * What a later request can name this version by: a strong entity tag, else the date.
 *
 * Source: RFC 9110, section 13.1.5: a weak tag must not be used.
 */
export function validatorOf(headers: Headers): string | undefined {
  if (headers.get('accept-ranges')?.trim().toLowerCase() === 'none') return undefined;
  const tag = headers.get('etag');
  if (tag !== null && /^"[^"]*"$/.test(tag)) return tag;
  return headers.get('last-modified') ?? undefined;
}

// If-Range forbids it, and still: two halves of different files are worse than none.
function isOtherVersion({ validator }: Partial, headers: Headers): boolean {
  const given = validatorOf(headers);
  return (
    given !== undefined &&
    validator !== undefined &&
    given.startsWith('"') === validator.startsWith('"') &&
    given !== validator
  );
}

function contentRange(
  header: string | null,
): { readonly first: number | undefined; readonly total: number | undefined } | undefined {
  const found = /^bytes (?:(\d+)-\d+|\*)\/(?:(\d+)|\*)$/i.exec(header?.trim() ?? '');
  if (found === null) return undefined;
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  return { first: number(found[1]), total: number(found[2]) };
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}
