import { expect, test } from 'vitest';
import { readSitemap } from './sitemap.ts';

test('the pages of a sitemap, with whatever prefix and however escaped', () => {
  const text = `<?xml version="1.0"?><s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="x">
    <s:url><s:loc>
      https://site.test/a?b=1&amp;c=2 </s:loc><image:image><image:loc>https://site.test/i.png</image:loc></image:image></s:url>
    <s:url><s:loc><![CDATA[https://site.test/b]]></s:loc></s:url></s:urlset>`;
  expect(readSitemap(text)).toEqual({ pages: ['https://site.test/a?b=1&c=2', 'https://site.test/b'], sitemaps: [] });
});

test('an index of sitemaps, a text, and what is neither', () => {
  const index = '<sitemapindex><sitemap><loc>https://site.test/a.xml.gz</loc></sitemap></sitemapindex>';
  expect(readSitemap(index)).toEqual({ pages: [], sitemaps: ['https://site.test/a.xml.gz'] });
  expect(readSitemap('https://site.test/a\r\nhttps://site.test/b\n')).toMatchObject({ pages: { length: 2 } });
  expect(readSitemap('<html><a href=x>not found</b>')).toEqual({ pages: [], sitemaps: [] });
});
