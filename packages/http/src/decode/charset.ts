import { InvalidOptionError } from '../errors.ts';
import { extractContentType } from './content-type.ts';
import { decoderOf, type TextDecoding } from './encodings.ts';

/**
 * The charset parameter of a Content-Type header, in lower case.
 */
export function charsetOf(contentType: string | null): string | undefined {
  if (contentType === null) return undefined;
  const simple = SIMPLE.exec(contentType);
  const label = simple === null ? extractContentType(contentType)?.parameters.get('charset') : simple[1];
  return label === undefined || label === '' ? undefined : label.trim().toLowerCase();
}

// Nearly every header looks like this, and then it needs no map of parameters.
const SIMPLE = /^[\w.+-]+\/[\w.+-]+(?:; ?charset=([\w-]+))?$/i;

/**
 * Makes the decoder for a body's text.
 *
 * A byte order mark wins over everything, then `encoding`, then the charset of the content type, then UTF-8. A charset
 * that the server made up counts as none; bytes that are not valid become U+FFFD.
 *
 * @param encoding - a label of the Encoding standard, given by the user
 * @throws InvalidOptionError for an `encoding` that is no label of the standard
 *
 * Source: the Encoding standard, section 6 ("decode").
 */
export function textDecoder(
  beginning: Uint8Array,
  contentType: string | null,
  encoding: string | undefined,
): TextDecoding {
  const given = encoding === undefined ? undefined : decoderOf(encoding);
  if (encoding !== undefined && given === undefined) {
    throw new InvalidOptionError(
      `The encoding ${JSON.stringify(encoding)} is not known: use a label of the Encoding standard, like 'utf-8', 'latin1' or 'gb18030'.`,
    );
  }
  const marked = byteOrderMark(beginning);
  if (marked !== undefined) return new TextDecoder(marked);
  const charset = charsetOf(contentType);
  return given ?? (charset === undefined ? undefined : decoderOf(charset)) ?? new TextDecoder();
}

/** Whether more bytes are needed to say whether a text begins with a byte order mark. */
export function mayBeMark(bytes: Uint8Array): boolean {
  return MARKS.some((mark) => bytes.length < mark.length && bytes.every((byte, index) => byte === mark[index]));
}

const MARKS: readonly (readonly number[])[] = [
  [0xef, 0xbb, 0xbf],
  [0xfe, 0xff],
  [0xff, 0xfe],
];

/** Decodes a whole body. */
export function decodeText(bytes: Uint8Array, contentType: string | null, encoding?: string): string {
  return textDecoder(bytes, contentType, encoding).decode(bytes);
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return undefined;
}
