/*
 * The encodings of text by their labels, as the Encoding standard has them. Platforms do most of it; some know some labels not, or
 * read some bytes otherwise, so those encodings of one byte per character are read here.
 */

/** What decodes text that comes in chunks. */
export interface TextDecoding {
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
}

/** A decoder for an encoding; undefined for what is no label of the standard. */
export function decoderOf(label: string): TextDecoding | undefined {
  const given = trimmed(label).toLowerCase();
  if (REPLACED.has(given)) return new Replacement();
  const platform = platformDecoder(given);
  const patches = PATCHES.get(platform?.encoding ?? given);
  if (patches === undefined) return platform;
  return new SingleByte(tableOf(platform?.encoding ?? given, platform, patches));
}

/** Without the ASCII whitespace around it; by hand, since a pattern that looks for the end tries at each space within. */
function trimmed(label: string): string {
  let start = 0;
  let end = label.length;
  while (start < end && WHITESPACE.includes(label[start] as string)) start++;
  while (end > start && WHITESPACE.includes(label[end - 1] as string)) end--;
  return label.slice(start, end);
}

const WHITESPACE = '\t\n\f\r ';

function platformDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

type Patches = readonly (readonly [from: number, characters: string])[];

/** Of each encoding what its platform may not have right: from this byte on these characters. */
const PATCHES: ReadonlyMap<string, Patches> = new Map<string, Patches>([
  ['windows-1252', [[0x80, '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ']]],
  [
    'iso-8859-16',
    [
      [0xa1, 'ĄąŁ€„Š'],
      [0xa8, 'š'],
      [0xaa, 'Ș'],
      [0xac, 'Ź'],
      [0xae, 'źŻ'],
      [0xb2, 'ČłŽ”'],
      [0xb8, 'žčș'],
      [0xbc, 'ŒœŸż'],
      [0xc3, 'Ă'],
      [0xc5, 'Ć'],
      [0xd0, 'ĐŃ'],
      [0xd5, 'Ő'],
      [0xd7, 'ŚŰ'],
      [0xdd, 'ĘȚ'],
      [0xe3, 'ă'],
      [0xe5, 'ć'],
      [0xf0, 'đń'],
      [0xf5, 'ő'],
      [0xf7, 'śű'],
      [0xfd, 'ęț'],
    ],
  ],
  ['x-user-defined', [[0x80, String.fromCharCode(...Array.from({ length: 128 }, (_, index) => 0xf780 + index))]]],
  [
    'ibm866',
    [
      [0x1a, '\u001a\u001b\u001c'],
      [0x7f, '\u007f'],
    ],
  ],
  [
    'koi8-u',
    [
      [0xae, 'ў'],
      [0xbe, 'Ў'],
    ],
  ],
  [
    'windows-874',
    [
      [0xdb, '\ufffd\ufffd\ufffd\ufffd'],
      [0xfc, '\ufffd\ufffd\ufffd\ufffd'],
    ],
  ],
  ['windows-1253', [[0xaa, '\ufffd']]],
  ['windows-1255', [[0xca, '\u05ba']]],
]);
/** Where what is not patched is the character of the same number. */
const OVER_LATIN1: ReadonlySet<string> = new Set(['windows-1252', 'iso-8859-16', 'x-user-defined']);

const tables = new Map<string, Uint16Array>();

function tableOf(encoding: string, platform: TextDecoder | undefined, patches: Patches): Uint16Array {
  const known = tables.get(encoding);
  if (known !== undefined) return known;
  const table = Uint16Array.from({ length: 256 }, (_, byte) => byte);
  if (!OVER_LATIN1.has(encoding)) {
    for (let byte = 0; byte < 256; byte++) table[byte] = platform?.decode(Uint8Array.of(byte)).charCodeAt(0) ?? byte;
  }
  for (const [from, characters] of patches) {
    for (let index = 0; index < characters.length; index++) table[from + index] = characters.charCodeAt(index);
  }
  tables.set(encoding, table);
  return table;
}

/** How many characters a call can take as arguments. */
const AT_ONCE = 8_192;

class SingleByte implements TextDecoding {
  readonly #table: Uint16Array;

  constructor(table: Uint16Array) {
    this.#table = table;
  }

  decode(bytes: Uint8Array = new Uint8Array(0)): string {
    let text = '';
    for (let from = 0; from < bytes.length; from += AT_ONCE) {
      const part = bytes.subarray(from, from + AT_ONCE);
      text += String.fromCharCode(...Uint16Array.from(part, (byte) => this.#table[byte] as number));
    }
    return text;
  }
}

/** Encodings that are read by nobody, since they hide what is meant from those who check it. */
const REPLACED: ReadonlySet<string> = new Set([
  'replacement',
  'csiso2022kr',
  'hz-gb-2312',
  'iso-2022-cn',
  'iso-2022-cn-ext',
  'iso-2022-kr',
]);

/** One U+FFFD for whatever is there: the Encoding standard, section 14.1. */
class Replacement implements TextDecoding {
  #said = false;

  decode(bytes?: Uint8Array): string {
    if (this.#said || bytes === undefined || bytes.length === 0) return '';
    this.#said = true;
    return '\ufffd';
  }
}
