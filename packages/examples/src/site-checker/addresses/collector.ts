/** Gathers what a page mentions, and makes the addresses absolute once its base is known. */
import { Anchors } from './anchors.ts';
import { addressesOfCss } from './css.ts';
import type { Element, ElementHandler } from './element.ts';
import { HtmlParser } from './html-parser.ts';
import { encodeQuery } from './legacy-query.ts';
import { type Mention, mentionsOf } from './mentions.ts';
import type { Link, PageContent, Unusable } from './page-content.ts';

/** A frame may hold a page as text, and that another one. */
const DEEPEST_FRAME = 3;

export class Collector implements ElementHandler {
  readonly #depth: number;
  readonly #names = new Set<string>();
  /** By what is written; what navigates outweighs what does not. */
  readonly #mentions = new Map<string, Mention>();
  #written = 0;
  #title: string | undefined;
  #base: string | undefined;

  constructor(depth = 0) {
    this.#depth = depth;
  }

  title(text: string): void {
    this.#title = text;
  }

  style(css: string): void {
    for (const text of addressesOfCss(css)) this.#mention({ text, navigates: false });
  }

  open(element: Element): void {
    const id = element.get('id');
    if (id !== undefined && id !== '') this.#names.add(id);
    if (element.space === 'html') this.#openHtml(element);
    for (const mention of mentionsOf(element)) this.#mention(mention);
    const css = element.get('style');
    if (css !== undefined && element.space !== 'other') this.style(css);
  }

  #openHtml(element: Element): void {
    if (element.name === 'a') {
      const name = element.get('name');
      if (name !== undefined && name !== '') this.#names.add(name);
    } else if (element.name === 'base') {
      // The first one that has an address counts, wherever it stands.
      this.#base ??= element.get('href');
    } else if (element.name === 'iframe') {
      const page = element.get('srcdoc');
      if (page !== undefined && this.#depth < DEEPEST_FRAME) this.#readFrame(page);
    }
  }

  #mention(mention: Mention): void {
    this.#written++;
    const known = this.#mentions.get(mention.text);
    if (known === undefined || (mention.navigates && !known.navigates)) this.#mentions.set(mention.text, mention);
  }

  /** A page inside of an attribute: its addresses are this page's, its names are not. */
  #readFrame(page: string): void {
    const inner = new Collector(this.#depth + 1);
    const parser = new HtmlParser(inner);
    parser.write(page);
    parser.end();
    for (const mention of inner.#mentions.values()) {
      // Inside a frame a bare fragment is a place of the frame.
      if (!mention.text.startsWith('#')) this.#mention(mention);
    }
  }

  /** What a style sheet loads. */
  static readSheet(css: string, url: string): PageContent {
    const collector = new Collector();
    collector.style(css);
    return { ...collector.finish(url, 'utf-8'), isPage: false };
  }

  /**
   * @param url where the page came from
   * @param encoding in which it is written
   */
  finish(url: string, encoding: string): PageContent {
    const base = baseOf(this.#base, url);
    const links: Link[] = [];
    const unusable: Unusable[] = [];
    for (const { text, navigates } of this.#mentions.values()) {
      const absolute = parseUrl(encodeQuery(text, encoding), base);
      if (absolute === undefined) unusable.push({ text, why: 'is no address' });
      else if (absolute.protocol === 'file:') unusable.push({ text, why: 'leads to a file on the disk of its author' });
      else if (absolute.protocol === 'https:' || absolute.protocol === 'http:')
        links.push({ url: absolute, navigates });
    }
    const title = this.#title?.trim().replace(/\s+/g, ' ') || undefined;
    return { isPage: true, title, links, written: this.#written, unusable, anchors: Anchors.of(this.#names) };
  }
}

/** Source: HTML standard, 4.2.3: a base that is not an address, or of these schemes, is none. */
function baseOf(text: string | undefined, url: string): string {
  const base = text === undefined ? undefined : parseUrl(text, url);
  return base === undefined || base.protocol === 'data:' || base.protocol === 'javascript:' ? url : base.href;
}

function parseUrl(text: string, base: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
