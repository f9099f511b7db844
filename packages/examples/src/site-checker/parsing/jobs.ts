/** What a thread does that parses pages: all of it is computing. */
import { transfer } from '@coloop/core/workers';
import type { Link, PageContent } from '../addresses/page-content.ts';
import { PageReader, type PageReaderOptions } from '../addresses/page-reader.ts';

/** The content of a page in a form that goes from one thread to another. */
export interface ParsedPage extends Omit<PageContent, 'links' | 'anchors'> {
  readonly links: readonly (Omit<Link, 'url'> & { readonly href: string })[];
  readonly anchors: Uint32Array;
}

export function parsePage(bytes: Uint8Array, options: PageReaderOptions): ParsedPage {
  const reader = new PageReader(options);
  for (const _ of reader.write(bytes));
  const { links, anchors, ...content } = reader.end();
  return {
    ...content,
    links: links.map(({ url, ...link }) => ({ ...link, href: url.href })),
    anchors: transfer(anchors.hashes),
  };
}
