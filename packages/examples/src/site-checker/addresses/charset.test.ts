import { describe, expect, test } from 'vitest';
import { sniffEncoding } from './charset.ts';
import { readPage } from './page-reader.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const sniff = (text: string, header?: string, markup: 'html' | 'xml' = 'html') =>
  sniffEncoding(bytes(text), header, markup);

describe('the encoding of a page', () => {
  test.each<[encoding: string, text: string, header?: string]>([
    ['utf-8', '\u{ef}\u{bb}\u{bf}<meta charset=koi8-r>', 'windows-1251'],
    ['utf-16le', '\u{ff}\u{fe}a\0'],
    ['utf-16be', '\u{fe}\u{ff}\0a'],
    ['windows-1251', '<meta charset=koi8-r>', 'windows-1251'],
    ['koi8-r', '<meta charset=koi8-r>', 'no-such'],
    ['koi8-r', '<meta charset=" KOI8-R ">'],
    ['koi8-r', '<meta http-equiv=Content-Type content="text/html; charset = \'koi8-r\'">'],
    ['utf-8', '<meta content="text/html; charset=koi8-r">'],
    ['koi8-r', '<!-- <meta charset=big5> --><meta charset=koi8-r>'],
    ['koi8-r', `${' '.repeat(5_000)}<meta charset=koi8-r>`],
    ['utf-8', '<body><meta charset=koi8-r>'],
    ['utf-8', '<meta charset=utf-16le>'],
    ['windows-1252', '<meta charset=latin1>'],
    ['windows-1252', '<p>\u{e9}t\u{e9}'],
    ['utf-8', '<p>\u{c3}\u{a9}'],
    ['utf-8', '<p>\u{c3}'],
  ])('is %s: %j, %j', (encoding, text, header) => {
    expect(sniff(text, header)).toBe(encoding);
  });

  test('of XHTML is in its declaration, and UTF-8 without one', () => {
    expect(sniff('<?xml version="1.0" encoding="koi8-r"?>', undefined, 'xml')).toBe('koi8-r');
    expect(sniff('<meta charset="koi8-r"/>', undefined, 'xml')).toBe('utf-8');
  });

  test("decides what its addresses are: the path is UTF-8, the query is in the page's own bytes", () => {
    const page = readPage(
      bytes('<meta charset=windows-1251><a href="/\u{ef}?\u{ef}&\u{e9}#\u{ef}">x</a>'),
      'http://a.test/',
    );
    expect(page.links[0]?.url.href).toBe('http://a.test/%D0%BF?%EF&%E9#%D0%BF');
  });
});
