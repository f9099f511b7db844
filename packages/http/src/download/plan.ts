/* What a response means for a file of which a part may be on the disk already; rules without I/O. */
import { defaultScheduler } from '@coloop/core/lowlevel';
import { ClientResponseError, RedirectError } from '../errors.ts';
import { parseHttpDate } from '../response/http-date.ts';
import { singleValue, type WithHeaders } from '../response/single-values.ts';

/** What is on the disk of a file that is not complete. */
export interface Partial {
  /** Bytes that are there. */
  readonly size: number;
  /** What the server said of the version that they belong to; undefined: nothing that could be asked for again. */
  readonly validator: string | undefined;
  /** The size of the whole file, as the server said it with these bytes; undefined if it did not. */
  readonly total: number | undefined;
}

/** What is read of a response. */
export interface DownloadHead {
  readonly status: number;
  readonly headers: Headers;
  readonly url: string;
}

/** What to do with a response. */
export type DownloadStep =
  /** Write its body from here up to `end`, if it is known; `total` is the size of the whole file, if that is known. */
  | {
      readonly kind: 'write';
      readonly from: number;
      readonly end: number | undefined;
      readonly total: number | undefined;
    }
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
  const range = contentRange(singleValue(response, 'content-range'));
  switch (response.status) {
    case 200: {
      const total = lengthOf(response);
      return { kind: 'write', from: 0, end: total, total };
    }
    case 206:
      return partOf(partial, range, response);
    case 416:
      if (partial.size === 0) break;
      return isWhole(partial, range) ? { kind: 'complete' } : { kind: 'restart' };
  }
  const { status, headers, url } = response;
  const ErrorClass = status >= 300 && status < 400 ? RedirectError : ClientResponseError;
  throw new ErrorClass(
    `The response of ${url} has the status ${status}, which brings no file: check the address and the credentials.`,
    { status, headers },
  );
}

/** A range that was not asked for would be written to the wrong place, and one of another size belongs to another file. */
function partOf(partial: Partial, range: ContentRange | undefined, response: DownloadHead): DownloadStep {
  const { size } = partial;
  if (size === 0 || range?.first !== size || range.end === undefined) return { kind: 'restart' };
  const total = partial.total ?? range.total;
  const contradicts = range.total !== undefined && range.total !== total;
  if (contradicts || range.end <= size || (total !== undefined && range.end > total)) return { kind: 'restart' };
  return isOtherVersion(partial, response) ? { kind: 'restart' } : { kind: 'write', from: size, end: range.end, total };
}

function isWhole({ size, total }: Partial, range: ContentRange | undefined): boolean {
  return range?.total === size && (total ?? size) === size;
}

/**
 * What a later request can name this version by: a strong entity tag, else the date, where it is strong.
 *
 * Source: RFC 9110, section 13.1.5: a weak validator must not be used. A date is a strong one only if the response was made a
 * second or more after it (section 8.8.2.2): a file that is written twice in one second has one date and two contents.
 */
export function validatorOf(head: WithHeaders): string | undefined {
  if (head.headers.get('accept-ranges')?.trim().toLowerCase() === 'none') return undefined;
  const tag = singleValue(head, 'etag');
  if (tag !== undefined && /^"[^"]*"$/.test(tag)) return tag;
  const modified = singleValue(head, 'last-modified');
  return modified !== undefined && isStrong(modified, singleValue(head, 'date')) ? modified : undefined;
}

function isStrong(modified: string, date: string | undefined): boolean {
  const now = defaultScheduler().wallNow();
  const written = parseHttpDate(modified, now);
  const answered = date === undefined ? undefined : parseHttpDate(date, now);
  return written !== undefined && answered !== undefined && answered - written >= 1_000;
}

// If-Range forbids it, and still: two halves of different files are worse than none.
function isOtherVersion({ validator }: Partial, head: WithHeaders): boolean {
  const given = validatorOf(head);
  return (
    given !== undefined &&
    validator !== undefined &&
    given.startsWith('"') === validator.startsWith('"') &&
    given !== validator
  );
}

/** The bytes of a Content-Range, from `first` up to `end`, and the size of the whole. */
interface ContentRange {
  readonly first: number | undefined;
  readonly end: number | undefined;
  readonly total: number | undefined;
}

function contentRange(header: string | undefined): ContentRange | undefined {
  const found = /^bytes (?:(\d+)-(\d+)|\*)\/(?:(\d+)|\*)$/i.exec(header?.trim() ?? '');
  if (found === null) return undefined;
  const [first, last, total] = found.slice(1).map((text) => (text === undefined ? undefined : Number(text)));
  return { first, end: last === undefined ? undefined : last + 1, total };
}

function lengthOf(head: WithHeaders): number | undefined {
  const length = singleValue(head, 'content-length');
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}
