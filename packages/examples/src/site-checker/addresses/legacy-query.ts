/**
 * The query of an address on a page in a legacy encoding: browsers send it in the page's own bytes, and only there.
 *
 * Source: URL standard, 4.4 (the query state) and 2.4 ("percent-encode after encoding").
 */
const tables = new Map<string, Map<string, string>>();

/**
 * Encodes what is beyond ASCII in the query of `text`; what the encoding does not have becomes `&#…;`, as in a form.
 *
 * @param encoding as TextDecoder calls it
 */
export function encodeQuery(text: string, encoding: string): string {
  if (/^(utf-|iso-2022-jp)/.test(encoding)) return text;
  const at = text.indexOf('?');
  const end = text.indexOf('#');
  if (at === -1 || (end !== -1 && end < at)) return text;
  const query = text.slice(at, end === -1 ? undefined : end);
  if (!/[^\0-\x7f]/.test(query)) return text;
  const table = tableOf(encoding);
  const encoded = query.replace(
    /[^\0-\x7f]/gu,
    (character) => table.get(character) ?? `%26%23${character.codePointAt(0)}%3B`,
  );
  return text.slice(0, at) + encoded + (end === -1 ? '' : text.slice(end));
}

/** The platform decodes every encoding and encodes only UTF-8, so the table is made by decoding all there is. */
function tableOf(encoding: string): Map<string, string> {
  const made = tables.get(encoding);
  if (made !== undefined) return made;
  const table = new Map<string, string>();
  const decoder = new TextDecoder(encoding);
  const add = (...bytes: readonly number[]): void => {
    const text = decoder.decode(Uint8Array.from(bytes));
    const [character = ''] = text;
    if (character !== text || character === '\u{fffd}' || character <= '\x7f' || table.has(character)) return;
    table.set(character, bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''));
  };
  for (let first = 0x80; first <= 0xff; first++) add(first);
  for (let first = 0x81; first <= 0xfe; first++) for (let second = 0x40; second <= 0xfe; second++) add(first, second);
  tables.set(encoding, table);
  return table;
}
