import { describe, expect, test } from 'vitest';
import { PageReader, readPage } from './page-reader.ts';

const PAGE = 'https://site.test/docs/page.html';
const links = (html: string | Uint8Array) => readPage(html, PAGE).links.map(({ url }) => url.href);

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

  test('finds what style elements and attributes load, in HTML, SVG and XHTML, and in no template', () => {
    expect(
      links(`<style>a { background: url(a.png) } b::after { content: "<a href='no.html'>" }</style>
             <style type="text/plain">i { background: url(no.png) }</style>
             <template><style>i { background: url(no.png) }</style></template>
             <p style="background: url('b.png')">x</p>
             <svg><style>c { fill: url(#pattern); background: url(c.png) }</style><g style="mask: url(d.svg#m)"/></svg>
             <a href="last.html">x</a><style>e { background: url(e.png)`),
    ).toEqual(['a.png', 'b.png', 'c.png', 'd.svg#m', 'last.html', 'e.png'].map((name) => new URL(name, PAGE).href));
    const xhtml = `<html xmlns="http://www.w3.org/1999/xhtml"><style><![CDATA[a > b { background: url(x.png) }]]></style>
      <p style="background: url(y.png)"/></html>`;
    expect(readPage(xhtml, PAGE, 'xml').links.map(({ url }) => url.pathname)).toEqual(['/docs/x.png', '/docs/y.png']);
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

  test('takes the first base, wherever it stands, for every address', () => {
    expect(links('<a href="a">x</a><base href="/v2/"><base href="/v3/">')).toEqual(['https://site.test/v2/a']);
  });

  test('tells what is written as a link and is none', () => {
    expect(readPage('<a href="https://[bad">x</a>', PAGE)).toMatchObject({
      links: [],
      unusable: [{ text: 'https://[bad', why: 'is no address' }],
    });
  });

  test('takes the title of the page, not that of a picture in it', () => {
    expect(readPage('<title>Real\n &amp; true</title><svg><title>icon</title></svg>', PAGE).title).toBe('Real & true');
    expect(readPage('<p>text</p>', PAGE).title).toBeUndefined();
  });
});

const hrefs = (...paths: string[]) => paths.map((path) => new URL(path, PAGE).href);

describe('every address that a browser loads or follows', () => {
  test.each<[html: string, paths: string[]]>([
    ['<img src=a srcset="b 1x, c 2x"><picture><source srcset="d, e 2x"></picture>', ['a', 'b', 'c', 'd', 'e']],
    ['<object data=a></object><embed src=b><video src=c poster=d><track src=e></video>', ['a', 'b', 'c', 'd', 'e']],
    ['<input type=image src=a><input src=b><frameset><frame src=c></frameset>', ['a', 'c']],
    ['<link rel=preload as=image imagesrcset="a 1x" href=b><body background=c>', ['b', 'a', 'c']],
    [
      '<svg><a href=a></a><a xlink:href=b></a><image href=c /><use href="s.svg#x"/><use href="#own"/></svg>',
      ['a', 'b', 'c', 's.svg#x'],
    ],
    ['<meta http-equiv=Refresh content="0; url=a">', ['a']],
    [
      '<link rel=pingback href=a><link rel="dns-prefetch preconnect" href=b><link rel="preconnect stylesheet" href=c>',
      ['c'],
    ],
    ['<iframe srcdoc="<a href=a>x</a><a href=#in>y</a><img src=b>"></iframe>', ['a', 'b']],
    ['<img src=""><iframe src=""></iframe><a href="">x</a>', ['']],
    ['<template><a href=a>x</a><template></template><img src=b></template><a href=c>x</a>', ['c']],
    ['<div><template shadowrootmode=open><a href=a>x</a></template></div>', ['a']],
    [
      '<!--><a href=a>x</a><!-- --><!--[if IE]><a href=b>x</a><![endif]--><![if !IE]><a href=c>x</a><![endif]>',
      ['a', 'c'],
    ],
    [
      '<textarea><a href=a></textarea><script>"<a href=b>"</script><style><a href=c></style><xmp><a href=d></xmp><noscript><a href=e></noscript>',
      ['e'],
    ],
    [
      '<svg><style/><title/></svg><a href=a>x</a><svg><desc><style><a href=b></style><a href=c></desc></svg>',
      ['a', 'c'],
    ],
    ['<svg><style><a href=a></style></svg><math><mtext><a href=b></mtext></math>', ['a', 'b']],
    ['<image src=a><svg><g><p><a href=b></p></g></svg>', ['a', 'b']],
    [
      '<a href="\u{a0}a">x</a><a href="  b\n">x</a><a href="/c\td">x</a><a href="\\e\\f">x</a>',
      ['\u{a0}a', 'b', '/cd', '/e/f'],
    ],
  ])('%s', (html, paths) => {
    expect(links(html)).toEqual(hrefs(...paths));
  });

  test('a base that is not an address leaves the page its own', () => {
    expect(links('<base href="data:text/html,x"><a href=a>x</a>')).toEqual(hrefs('a'));
    expect(links('<base href="http://["><base href=/b/><a href=a>x</a>')).toEqual(hrefs('a'));
    expect(links('<template><base href=/t/></template><base><base href=/b/><a href=a>x</a>')).toEqual(hrefs('/b/a'));
  });

  test('what leads to a file of its author is told', () => {
    expect(readPage('<a href="file:///C:/a.html">x</a>', PAGE).unusable).toHaveLength(1);
  });

  test('an address counts as often as it is written, and navigates if any of them does', () => {
    const page = readPage('<img src=a><a href=a>x</a><a href=a>x</a>', PAGE);
    expect(page.written).toBe(3);
    expect(page.links).toHaveLength(1);
    expect(page.links[0]?.navigates).toBe(true);
  });
});

describe('XHTML', () => {
  const xhtml = (body: string) =>
    readPage(`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">${body}</html>`, PAGE, 'xml');

  test('is XML: names keep their case, and anything may close itself', () => {
    const page = xhtml(
      '<head><title>T</title><script src="a"/></head><body><a href="b">x &nbsp; </a><A href="c"/></body>',
    );
    expect(page.links.map(({ url }) => url.href)).toEqual(hrefs('a', 'b'));
    expect(page.title).toBe('T');
  });

  test('is read on behind a mistake, and by its namespaces', () => {
    const page = xhtml(
      '<p><![CDATA[<a href="no">]]></b><a href="a">x</a><s:svg xmlns:s="http://www.w3.org/2000/svg" xmlns:l="http://www.w3.org/1999/xlink"><s:image l:href="b"/></s:svg><a xmlns="" href="no"/><template><a href="no"/></template></p>',
    );
    expect(page.links.map(({ url }) => url.href)).toEqual(hrefs('a', 'b'));
  });
});

describe('a page in chunks', () => {
  const text =
    '<title>\u{e9}t\u{e9}</title><p id="\u{1f600}">&eacute;</p><a href="a&amp;b">x</a><!-- - --><svg><a href="c"/></svg>';

  test('is the same however it is cut', () => {
    const bytes = new TextEncoder().encode(text);
    const whole = readPage(text, PAGE);
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new PageReader({ url: PAGE, markup: 'html', charset: 'utf-8' });
      for (let at = 0; at < bytes.length; at += size) for (const _ of reader.write(bytes.subarray(at, at + size)));
      expect(reader.end()).toEqual(whole);
    }
  });

  test('costs the same however deep it is nested', () => {
    for (const tag of ['<b>', '<svg>', '<svg><foreignObject>', '<template>', '<table>']) {
      expect(readPage(tag.repeat(20_000), PAGE).links).toEqual([]);
    }
  });
});
