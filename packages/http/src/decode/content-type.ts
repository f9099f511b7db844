/** A media type with its parameters. */
export interface ContentType {
  /** Type and subtype, in lower case: `text/html`. */
  readonly essence: string;
  /** Names in lower case; of a name given twice the first counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * The type of a message whose Content-Type may be there several times, its values joined by commas: the last one that is a type,
 * with the charset of those of the same type before it where it has none.
 *
 * Source: the Fetch standard, section 2.2.2 ("extract a MIME type").
 */
export function extractContentType(header: string): ContentType | undefined {
  if (!header.includes(',')) return parseContentType(header);
  let found: ContentType | undefined;
  for (const value of header.match(VALUES) ?? []) {
    const next = parseContentType(value);
    if (next === undefined || next.essence === '*/*') continue;
    found = found?.essence === next.essence ? withCharset(next, found.parameters.get('charset')) : next;
  }
  return found;
}

// A comma inside of quotes separates nothing.
const VALUES = /(?:[^,"]|"(?:[^"\\]|\\.?)*(?:"|$))+/gs;

function withCharset(type: ContentType, charset: string | undefined): ContentType {
  if (charset === undefined || type.parameters.has('charset')) return type;
  return { essence: type.essence, parameters: new Map([...type.parameters, ['charset', charset]]) };
}

/**
 * Reads a Content-Type header, in one pass; undefined if it is none.
 *
 * Source: the MIME Sniffing standard, section 4.4 ("parse a MIME type").
 */
export function parseContentType(header: string): ContentType | undefined {
  const text = withoutSpaceAtEnd(header.slice(match(SPACE, header, 0).length));
  const essence = match(BEFORE_SEMICOLON, text, 0);
  const [type = '', subtype = '', more] = withoutSpaceAtEnd(essence).split('/', 3);
  if (!TOKEN.test(type) || !TOKEN.test(subtype) || more !== undefined) return undefined;
  return { essence: `${type}/${subtype}`.toLowerCase(), parameters: parametersOf(text, essence.length) };
}

/** @param from - where the first semicolon is, or the end */
function parametersOf(text: string, from: number): Map<string, string> {
  const parameters = new Map<string, string>();
  for (let at = from; at < text.length; ) {
    at += 1;
    at += match(SPACE, text, at).length;
    const name = match(NAME, text, at);
    at += name.length;
    if (text[at] !== '=') continue;
    at += 1;
    const { value, end } = text[at] === '"' ? quoted(text, at + 1) : { value: undefined, end: at };
    const rest = match(BEFORE_SEMICOLON, text, end);
    const given = value ?? withoutSpaceAtEnd(rest);
    at = end + rest.length;
    const key = name.toLowerCase();
    if ((value === undefined && given === '') || !TOKEN.test(key) || !VALUE.test(given) || parameters.has(key))
      continue;
    parameters.set(key, given);
  }
  return parameters;
}

/** The Fetch standard, section 2.2 ("collect an HTTP quoted string"): what is not closed ends with the text. */
function quoted(text: string, from: number): { readonly value: string; readonly end: number } {
  let value = '';
  for (let at = from; ; ) {
    const plain = match(UNQUOTED, text, at);
    value += plain;
    at += plain.length;
    if (text[at] !== '\\') return { value, end: Math.min(at + 1, text.length) };
    value += text[at + 1] ?? '\\';
    at += 2;
  }
}

function withoutSpaceAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && IS_SPACE.has(text[end - 1] as string)) end--;
  return text.slice(0, end);
}

// Sticky, and never failing: what was read is not looked at again.
function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

const IS_SPACE: ReadonlySet<string> = new Set('\t\n\r ');
const SPACE = /[\t\n\r ]*/y;
const BEFORE_SEMICOLON = /[^;]*/y;
const NAME = /[^;=]*/y;
const UNQUOTED = /[^"\\]*/y;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
