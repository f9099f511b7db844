import { DecompressionError, LimitExceededError } from '../errors.ts';

/** A content coding that can be decoded. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

/**
 * Reads a Content-Encoding header into the codings to decode, the outermost (last applied) first.
 *
 * @param header - several lines joined by commas
 * @param known - what this platform can decode
 * @param most - `limits.codings`
 * @throws LimitExceededError for a longer chain
 * @throws DecompressionError for a coding that this platform does not know
 *
 * Source: RFC 9110, section 8.4.1; `x-gzip` and `x-deflate` as in its sections 8.4.1.2 and 8.4.1.3 and in RFC 2616.
 */
export function parseCodings(header: string | null, known: ReadonlySet<string>, most: number): Coding[] {
  if (header === null || header === '') return [];
  const codings: Coding[] = [];
  // Counted in commas and before anything is split, so that a long chain costs nothing.
  if (header.split(',', most + 1).length > most) throw tooMany(most);
  for (const item of header.split(',')) {
    const name = item.trim().toLowerCase().replace(/^x-/, '');
    if (name === '' || name === 'identity') continue;
    if (!known.has(name)) {
      throw new DecompressionError(
        `The body has the content coding ${JSON.stringify(item.trim())}, which cannot be decoded here: ask for another with Accept-Encoding, or set decompress: false and read the bytes as they are.`,
        { code: 'UNKNOWN_CODING' },
      );
    }
    codings.unshift(name as Coding);
  }
  return codings;
}

function tooMany(most: number): LimitExceededError {
  return new LimitExceededError(
    `The body has more than ${most} content codings (limits.codings), which no honest server sends: raise the limit if this one means well.`,
  );
}
