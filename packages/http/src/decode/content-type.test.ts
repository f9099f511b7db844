import { describe, expect, test } from 'vitest';
import { type ContentType, parseContentType } from './content-type.ts';

/** The MIME Sniffing standard, section 4.5 ("serialize a MIME type"). */
function serialized(type: ContentType | undefined): string | null {
  if (type === undefined) return null;
  let text = type.essence;
  for (const [name, value] of type.parameters) {
    const plain = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value);
    text += `;${name}=${plain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
  }
  return text;
}

/** Whether the platform knows the charset, by a label of the Encoding standard. */
function encodingOf(type: ContentType | undefined): string | null {
  try {
    return new TextDecoder(type?.parameters.get('charset')).encoding;
  } catch {
    return null;
  }
}

const tokens = "!#$%&'*+-.^_`|~0123456789";
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lower = 'abcdefghijklmnopqrstuvxyz';
const high = Array.from({ length: 128 }, (_, index) => String.fromCharCode(128 + index)).join('');
const digits = '0123456789'.repeat(13).slice(0, 129);
const quotable = ` !\\"#$%&'()*+,-./0123456789:;<=>?@${upper}[\\\\]^_\`${lower}w{|}~${high}`;

/** What mimesniff/mime-types/resources/mime-types.json of the web platform tests asks for. */
const parsed: readonly [input: string, output: string | null, encoding?: string | null][] = [
  ['text/html;charset=gbk', 'text/html;charset=gbk', 'gbk'],
  ['TEXT/HTML;CHARSET=GBK', 'text/html;charset=GBK', 'gbk'],
  ['text/html;charset=gbk(', 'text/html;charset="gbk("', null],
  ['text/html;x=(;charset=gbk', 'text/html;x="(";charset=gbk', 'gbk'],
  ['text/html;charset=gbk;charset=windows-1255', 'text/html;charset=gbk', 'gbk'],
  ['text/html;charset =gbk', 'text/html'],
  ['text/html ;charset=gbk', 'text/html;charset=gbk', 'gbk'],
  ['text/html; charset=gbk', 'text/html;charset=gbk', 'gbk'],
  ['text/html;charset= gbk', 'text/html;charset=" gbk"', 'gbk'],
  ["text/html;charset='gbk'", "text/html;charset='gbk'", null],
  ["text/html;charset='gbk", "text/html;charset='gbk", null],
  ["text/html;charset=gbk'", "text/html;charset=gbk'", null],
  ['text/html;test;charset=gbk', 'text/html;charset=gbk', 'gbk'],
  ['text/html;test=;charset=gbk', 'text/html;charset=gbk', 'gbk'],
  ["text/html;';charset=gbk", 'text/html;charset=gbk', 'gbk'],
  ['text/html;";charset=gbk', 'text/html;charset=gbk', 'gbk'],
  ['text/html ; ; charset=gbk', 'text/html;charset=gbk', 'gbk'],
  ['text/html;;;;charset=gbk', 'text/html;charset=gbk', 'gbk'],
  ['text/html;charset="gbk"', 'text/html;charset=gbk', 'gbk'],
  ['text/html;charset="gbk', 'text/html;charset=gbk', 'gbk'],
  ['text/html;charset=gbk"', 'text/html;charset="gbk\\""', null],
  ['text/html;charset=" gbk"', 'text/html;charset=" gbk"', 'gbk'],
  ['text/html;charset="\\ gbk"', 'text/html;charset=" gbk"', 'gbk'],
  ['text/html;charset="\\g\\b\\k"', 'text/html;charset=gbk', 'gbk'],
  ['text/html;charset="gbk"x', 'text/html;charset=gbk', 'gbk'],
  ['text/html;charset={gbk}', 'text/html;charset="{gbk}"', null],
  [`text/html;${digits}=x;charset=gbk`, `text/html;${digits}=x;charset=gbk`, 'gbk'],
  [`${digits}/${digits}`, `${digits}/${digits}`],
  [
    `${tokens}${upper}${lower}/${tokens}${upper}${lower};${tokens}${upper}${lower}=${tokens}${upper}${lower}`,
    `${tokens}${upper.toLowerCase()}${lower}/${tokens}${upper.toLowerCase()}${lower};${tokens}${upper.toLowerCase()}${lower}=${tokens}${upper}${lower}`,
  ],
  [`x/x;x="${quotable}"`, `x/x;x="${quotable}"`],
  ['x/x;test', 'x/x'],
  ['x/x;test="\\', 'x/x;test="\\\\"'],
  ['text/html;test=\u00ff;charset=gbk', 'text/html;test="\u00ff";charset=gbk', 'gbk'],
  ['x/x;test=\ufffd;x=x', 'x/x;x=x'],
  ['', null],
  ['\t', null],
  ['bogus', null],
  ['bogus/', null],
  ['bogus/ ', null],
  ['bogus/bogus/;', null],
  ['</>', null],
  ['(/)', null],
  ['text/html(;doesnot=matter', null],
  ['{/}', null],
  ['\u0100/\u0100', null],
];

/** What the list does not ask for, and the standard says. */
const more: typeof parsed = [
  ['\r\n\t text/html \t\r\n', 'text/html'],
  ['text /html', null],
  ['text/ html', null],
  ['text/html;charset=utf-8 ; x=y', 'text/html;charset=utf-8;x=y', 'utf-8'],
  ['text/html;x="";charset=gbk', 'text/html;x="";charset=gbk', 'gbk'],
  ['text/html;x="a;charset=no";charset=gbk', 'text/html;x="a;charset=no";charset=gbk', 'gbk'],
  ['text/html;=gbk;charset=gbk', 'text/html;charset=gbk', 'gbk'],
  ['text/html;charset=', 'text/html'],
  ['text/html;x="\u0001";charset=gbk', 'text/html;charset=gbk', 'gbk'],
  ['text/html;x=\u00a0', 'text/html;x="\u00a0"'],
];

describe('parseContentType', () => {
  test.each([...parsed, ...more])('reads %j', (input, output, encoding) => {
    const type = parseContentType(input);
    expect(serialized(type)).toBe(output);
    if (encoding !== undefined) expect(encodingOf(type)).toBe(encoding);
  });
});
