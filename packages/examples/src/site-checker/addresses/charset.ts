/**
 * In which encoding a page is written.
 *
 * Source: HTML standard, 13.2.3.2 ("encoding sniffing algorithm"): the byte order mark, then the header, then what the page
 * says of itself.
 */
import { html, type Token, Tokenizer } from 'parse5';

/** How much of a page is looked at. The standard asks for 1024 bytes and takes what comes later too, by starting again. */
export const SNIFFED = 65_536;

const MARKS: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0xff, 0xfe], 'utf-16le'],
];

/** @param start the first bytes, up to `SNIFFED` of them */
export function sniffEncoding(start: Uint8Array, header: string | undefined, markup: 'html' | 'xml'): string {
  const mark = MARKS.find(([bytes]) => bytes.every((byte, index) => start[index] === byte));
  if (mark !== undefined) return mark[1];
  const said = known(header);
  if (said !== undefined) return said;
  const text = Buffer.from(start.subarray(0, SNIFFED)).toString('latin1');
  if (markup === 'xml') return known(/^<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)/.exec(text)?.[1]) ?? 'utf-8';
  return encodingInMeta(text) ?? (isUtf8(start) ? 'utf-8' : 'windows-1252');
}

/** Whether the encoding is known before the page has said anything of itself. */
export function isDecidedAtOnce(start: Uint8Array, header: string | undefined): boolean {
  return known(header) !== undefined || MARKS.some(([bytes]) => bytes.every((byte, index) => start[index] === byte));
}

/** The standard name of a label; `undefined` for what is not an encoding. */
function known(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

function encodingInMeta(text: string): string | undefined {
  let found: string | undefined;
  const ignore = (): void => undefined;
  const tokenizer = new Tokenizer(
    {},
    {
      onStartTag(token) {
        if (found === undefined && token.tagID === html.TAG_ID.META) found = encodingOf(token);
        if (found !== undefined || token.tagID === html.TAG_ID.BODY) tokenizer.pause();
      },
      onEndTag: ignore,
      onCharacter: ignore,
      onWhitespaceCharacter: ignore,
      onNullCharacter: ignore,
      onComment: ignore,
      onDoctype: ignore,
      onEof: ignore,
    },
  );
  tokenizer.write(text, true);
  return found;
}

function encodingOf({ attrs }: Token.TagToken): string | undefined {
  const get = (wanted: string): string | undefined => attrs.find(({ name }) => name === wanted)?.value;
  const isPragma = get('http-equiv')?.toLowerCase() === 'content-type';
  const inContent = /charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/i.exec(get('content') ?? '');
  const pragma = isPragma ? (inContent?.[1] ?? inContent?.[2] ?? inContent?.[3]) : undefined;
  const encoding = known(get('charset') ?? pragma);
  // A page that can be read so far is not UTF-16, and nobody can mean the other one.
  if (encoding?.startsWith('utf-16')) return 'utf-8';
  return encoding === 'x-user-defined' ? 'windows-1252' : encoding;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    // As a stream: a character that is cut at the end is not a mistake.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
