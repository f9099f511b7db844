import { expect, test } from 'vitest';
import { addressesOfCss } from './css.ts';

const found = (css: string): string[] => [...addressesOfCss(css)];

test('addresses with quotes and without, in capitals, with escapes and between comments', () => {
  expect(
    found(`a { background: url(a.png) }
      b { background: URL( "b c.png" ), url('d\\29.png') }
      c { cursor: url(/* no comment here */e.cur) }
      /* url(not.png) */ d { content: "url(not.png)" }`),
  ).toEqual(['a.png', 'b c.png', 'd).png']);
});

test('sheets that are imported, by a string or an address, with conditions or without', () => {
  expect(
    found(`@charset "utf-8"; @import "a.css"; @import url(b.css) screen;
      @IMPORT 'c.css' layer(base) supports(display: grid) print; @import url("d.css");`),
  ).toEqual(['a.css', 'b.css', 'c.css', 'd.css']);
});

test('fonts and sets of images', () => {
  expect(
    found(`@font-face { src: local("Not Loaded"), url(f.woff2) format("woff2") }
      a { background: image-set("x.avif" type("image/avif"), url(x.png) 2x); mask: src("m.svg") }`),
  ).toEqual(['f.woff2', 'x.avif', 'x.png', 'm.svg']);
});

test('what is written like an address and loads nothing is none', () => {
  expect(
    found('@namespace svg url(http://www.w3.org/2000/svg); a { filter: url(#blur); background: url(); mask: url("") }'),
  ).toEqual([]);
});

test('mistakes end where CSS ends them, and what follows is read', () => {
  expect(found('a { background: url(a b.png) } b { background: url(b.png }')).toEqual([]);
  // The second quote begins a string that goes on to the end.
  expect(found('a { background: url("a\n.png") } b { background: url(c.png)')).toEqual([]);
  expect(found("a { content: 'a\n; background: url(b.png) } c { background: url(c.png)")).toEqual(['b.png', 'c.png']);
});
