import { expect, test } from 'vitest';
import { looksLikeHtml, markupOf, readContentType } from './content-type.ts';

test.each([
  ['text/html; charset=utf-8', 'html', 'utf-8'],
  ['Text/HTML;charset="windows-1251"', 'html', 'windows-1251'],
  ['application/xhtml+xml', 'xml', undefined],
  ['text/plain; charset=koi8-r', 'none', 'koi8-r'],
  ['text/htmlx', 'none', undefined],
  ['nonsense', 'unknown', undefined],
  [null, 'unknown', undefined],
])('%j is read as %s in %s', (header, markup, charset) => {
  const type = readContentType(header);
  expect(markupOf(type)).toBe(markup);
  expect(type.charset).toBe(charset);
});

test.each([
  ['<!DOCTYPE html>', true],
  ['\n <A HREF=x>', true],
  ['<!-- x', true],
  ['\u{ef}\u{bb}\u{bf}<p>', true],
  ['<article>', false],
  ['text', false],
  ['{"a": "<a >"}', false],
])('%j looks like HTML: %s', (text, expected) => {
  expect(looksLikeHtml(Buffer.from(text, 'latin1'))).toBe(expected);
});
