import { run } from '@coloop/core';
import { serve } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { Session } from '../node/session.ts';
import { decoderOf } from './encodings.ts';

/** Every label of the Encoding standard, section 4.2, by its encoding. */
const LABELS: Readonly<Record<string, string>> = {
  'utf-8': 'unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8',
  ibm866: '866 cp866 csibm866 ibm866',
  'iso-8859-2': 'csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2',
  'iso-8859-3': 'csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3',
  'iso-8859-4': 'csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4',
  'iso-8859-5': 'csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988',
  'iso-8859-6':
    'arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987',
  'iso-8859-7':
    'csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek',
  'iso-8859-8':
    'csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual',
  'iso-8859-8-i': 'csiso88598i iso-8859-8-i logical',
  'iso-8859-10': 'csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6',
  'iso-8859-13': 'iso-8859-13 iso8859-13 iso885913',
  'iso-8859-14': 'iso-8859-14 iso8859-14 iso885914',
  'iso-8859-15': 'csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9',
  'iso-8859-16': 'iso-8859-16',
  'koi8-r': 'cskoi8r koi koi8 koi8-r koi8_r',
  'koi8-u': 'koi8-ru koi8-u',
  macintosh: 'csmacintosh mac macintosh x-mac-roman',
  'windows-874': 'dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874',
  'windows-1250': 'cp1250 windows-1250 x-cp1250',
  'windows-1251': 'cp1251 windows-1251 x-cp1251',
  'windows-1252':
    'ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252',
  'windows-1253': 'cp1253 windows-1253 x-cp1253',
  'windows-1254':
    'cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254',
  'windows-1255': 'cp1255 windows-1255 x-cp1255',
  'windows-1256': 'cp1256 windows-1256 x-cp1256',
  'windows-1257': 'cp1257 windows-1257 x-cp1257',
  'windows-1258': 'cp1258 windows-1258 x-cp1258',
  'x-mac-cyrillic': 'x-mac-cyrillic x-mac-ukrainian',
  gbk: 'chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk',
  gb18030: 'gb18030',
  big5: 'big5 big5-hkscs cn-big5 csbig5 x-x-big5',
  'euc-jp': 'cseucpkdfmtjapanese euc-jp x-euc-jp',
  'iso-2022-jp': 'csiso2022jp iso-2022-jp',
  shift_jis: 'csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis',
  'euc-kr': 'cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949',
  replacement: 'csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement',
  'utf-16be': 'unicodefffe utf-16be',
  'utf-16le': 'csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le',
  'x-user-defined': 'x-user-defined',
};

/** In each encoding bytes and what they are, of its index in the standard. */
const SAMPLES: Readonly<Record<string, readonly [hex: string, text: string]>> = {
  'utf-8': ['c3a9e282acf09f9880', 'é€😀'],
  ibm866: ['1a1c7f80f2', '\u001a\u001c\u007fАЄ'],
  'iso-8859-2': ['a1e8', 'Ąč'],
  'iso-8859-3': ['a1e6', 'Ħĉ'],
  'iso-8859-4': ['a2e8', 'ĸč'],
  'iso-8859-5': ['a1cf', 'ЁЯ'],
  'iso-8859-6': ['c7ea', 'اي'],
  'iso-8859-7': ['a4e1', '€α'],
  'iso-8859-8': ['e0fa', 'את'],
  'iso-8859-8-i': ['e0fa', 'את'],
  'iso-8859-10': ['a1ff', 'Ąĸ'],
  'iso-8859-13': ['a1e8', '”č'],
  'iso-8859-14': ['a1f0', 'Ḃŵ'],
  'iso-8859-15': ['a4bd', '€œ'],
  'iso-8859-16': ['a4aaded7fe', '€ȘȚŚț'],
  'koi8-r': ['c1ff', 'аЪ'],
  'koi8-u': ['aebea4b4', 'ўЎєЄ'],
  macintosh: ['80db', 'Ä€'],
  'windows-874': ['80a1dbfcff', '€ก\ufffd\ufffd\ufffd'],
  'windows-1250': ['80a5e8', '€Ąč'],
  'windows-1251': ['80dfb8', 'ЂЯё'],
  'windows-1252': ['808182929399a09fe9', '€\u0081‚’“™\u00a0Ÿé'],
  'windows-1253': ['80aae1', '€\ufffdα'],
  'windows-1254': ['80d0fd', '€Ğı'],
  'windows-1255': ['a4cae0', '₪\u05baא'],
  'windows-1256': ['80c7ff', '€اے'],
  'windows-1257': ['80e0ff', '€ą˙'],
  'windows-1258': ['80feff', '€₫ÿ'],
  'x-mac-cyrillic': ['80df', 'Ая'],
  gbk: ['80c4e3bac3', '€你好'],
  gb18030: ['c4e381308130', '你\u0080'],
  big5: ['a741a66e', '你好'],
  'euc-jp': ['c6fccbdc8eb1', '日本ｱ'],
  'iso-2022-jp': ['1b2442467c4b5c1b284241', '日本A'],
  shift_jis: ['93fa967bb1', '日本ｱ'],
  'euc-kr': ['c7d1b1db', '한글'],
  replacement: ['1b24294341', '\ufffd'],
  'utf-16be': ['00e920acd83dde00', 'é€😀'],
  'utf-16le': ['e900ac203dd800de', 'é€😀'],
  'x-user-defined': ['4180ff', 'A\uf780\uf7ff'],
};

const cases = Object.entries(LABELS).flatMap(([encoding, labels]) =>
  labels.split(' ').map((label) => [label, encoding] as const),
);

describe('every label of the standard', () => {
  test.each(cases)('%s is read as %s, in one piece and in single bytes', (label, encoding) => {
    const [hex, text] = SAMPLES[encoding] as readonly [string, string];
    const bytes = Buffer.from(hex, 'hex');
    expect(decoderOf(label)?.decode(bytes)).toBe(text);
    const decoder = decoderOf(` ${label.toUpperCase()}\n`);
    let piecewise = '';
    for (const byte of bytes) piecewise += decoder?.decode(Uint8Array.of(byte), { stream: true });
    expect(piecewise + decoder?.decode()).toBe(text);
  });

  test('and nothing else is one', () => {
    for (const label of ['', 'klingon', 'utf-7', 'utf-32', 'latin-1', 'iso-8859-17', 'constructor']) {
      expect([label, decoderOf(label)]).toEqual([label, undefined]);
    }
  });
});

// The bytes come in chunks of each size, so that they are cut everywhere.
describe('text() and lines() read alike', () => {
  const marks: readonly (readonly [string, string])[] = [
    ['UTF-8', 'efbbbf41e282ac0a42'],
    ['UTF-16BE', 'feff004120ac000a0042'],
    ['UTF-16LE', 'fffe4100ac200a004200'],
  ];
  const rows: readonly (readonly [string, string | undefined, string, string])[] = [
    ...marks.flatMap(([name, hex]) =>
      [undefined, 'utf-8', 'windows-1252', 'gbk', 'utf-16be'].map(
        (charset) => [`a mark of ${name}`, charset, hex, 'A€\nB'] as const,
      ),
    ),
    ['two marks', 'utf-8', 'efbbbfefbbbf41', '\ufeffA'],
    ['half a mark', 'utf-8', 'efbb', '\ufffd'],
    ['half a mark and more', 'windows-1252', 'efbb41', 'ï»A'],
    ['one byte of a mark', 'windows-1252', 'ff', 'ÿ'],
    ['nothing', 'utf-8', '', ''],
    ...Object.entries(SAMPLES).map(([encoding, [hex, text]]) => ['a sample', encoding, hex, text] as const),
  ];
  test.each(rows)('%s, as %s: %s', async (_, charset, hex, text) => {
    const bytes = Buffer.from(hex, 'hex');
    const { url } = await serve((request, response) => {
      if (charset !== undefined) response.setHeader('Content-Type', `text/plain; charset=${charset}`);
      const size = Number(request.url?.slice(1));
      response.writeHead(200);
      for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
      response.end();
    });
    await run(function* () {
      const session = yield* Session.open();
      for (const size of [1, 2, 3, 100]) {
        expect(yield* session.get(`${url}/${size}`).text()).toBe(text);
        const lines = (yield* session.get(`${url}/${size}`)).lines();
        const read: string[] = [];
        for (let line = yield* lines.next(); !line.done; line = yield* lines.next()) read.push(line.value);
        expect(read.join('\n')).toBe(text);
      }
    });
  });

  test('and a first line shorter than a mark is given at once', async () => {
    const { url } = await serve((_, response) => void response.write('a\n'));
    await run(function* () {
      const session = yield* Session.open({ timeout: 5_000 });
      expect((yield* (yield* session.get(url)).lines().next()).value).toBe('a');
    });
  });
});
