import { describe, expect, test } from 'vitest';
import { hasAnchor, readHtml } from './html.ts';

const PAGE = 'https://site.test/docs/page.html';
const links = (html: string) => readHtml(html, PAGE).links.map((url) => url.href);

describe('reading a page', () => {
  test('finds links of every kind and makes them absolute', () => {
    expect(
      links(`<a href="other.html">x</a><img src="/a.png"><script src="../b.js"></script><area href="#top">
             <link rel="stylesheet" href="//cdn.test/c.css"><iframe src="?q=1"></iframe>`),
    ).toEqual([
      'https://site.test/docs/other.html',
      'https://site.test/a.png',
      'https://site.test/b.js',
      'https://site.test/docs/page.html#top',
      'https://cdn.test/c.css',
      'https://site.test/docs/page.html?q=1',
    ]);
  });

  test('leaves out other schemes, connection hints and anchors without a target', () => {
    expect(
      links(`<a href="mailto:a@b.test">m</a><a href="javascript:alert(1)">j</a><a name="x">n</a>
             <link rel="preconnect" href="https://cdn.test">`),
    ).toEqual([]);
  });

  test('decodes entities and trims', () => {
    expect(links('<a href=" /find?a=1&amp;b=2 ">x</a>')).toEqual(['https://site.test/find?a=1&b=2']);
  });

  test('keeps to the first base', () => {
    expect(links('<base href="/v2/"><base href="/v3/"><a href="a">x</a>')).toEqual(['https://site.test/v2/a']);
  });

  test('tells what is written as a link and is none', () => {
    expect(readHtml('<a href="https://[bad">x</a>', PAGE)).toMatchObject({ links: [], unusable: ['https://[bad'] });
  });

  test('takes the title of the page, not that of a picture in it', () => {
    expect(readHtml('<title>Real\n &amp; true</title><svg><title>icon</title></svg>', PAGE).title).toBe('Real & true');
    expect(readHtml('<p>text</p>', PAGE).title).toBeUndefined();
  });
});

describe('fragments', () => {
  const { anchors } = readHtml('<h1 id="intro">x</h1><a name="old"></a><p id="é">y</p>', PAGE);

  test('lead to ids and to named anchors', () => {
    expect(hasAnchor(anchors, '#intro')).toBe(true);
    expect(hasAnchor(anchors, '#old')).toBe(true);
    expect(hasAnchor(anchors, '#missing')).toBe(false);
  });

  test('may be percent-encoded, also wrongly', () => {
    expect(hasAnchor(anchors, '#%C3%A9')).toBe(true);
    expect(hasAnchor(anchors, '#%zz')).toBe(false);
  });

  test('that name the top, nothing, or a piece of text always lead somewhere', () => {
    for (const fragment of ['', '#', '#top', '#TOP', '#:~:text=hello']) expect(hasAnchor(anchors, fragment)).toBe(true);
    expect(hasAnchor(anchors, '#intro:~:text=hello')).toBe(true);
  });
});
