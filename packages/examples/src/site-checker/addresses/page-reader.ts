/** Reads a page while its bytes arrive, so that no size of a page needs the memory for all of it. */
import { isDecidedAtOnce, SNIFFED, sniffEncoding } from './charset.ts';
import { Collector } from './collector.ts';
import type { MarkupParser } from './element.ts';
import { HtmlParser } from './html-parser.ts';
import type { PageContent } from './page-content.ts';
import { XmlParser } from './xml-parser.ts';

/** Bytes that are parsed at once: some milliseconds of work. */
const SLICE = 65_536;

export interface PageReaderOptions {
  /** Where the page came from. */
  readonly url: string;
  readonly markup: 'html' | 'xml';
  /** What the Content-Type header says of the encoding. */
  readonly charset: string | undefined;
}

export class PageReader {
  readonly #options: PageReaderOptions;
  readonly #collector = new Collector();
  readonly #parser: MarkupParser;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #decoder: TextDecoder | undefined;

  constructor(options: PageReaderOptions) {
    this.#options = options;
    this.#parser = options.markup === 'html' ? new HtmlParser(this.#collector) : new XmlParser(this.#collector);
  }

  /**
   * Takes the next bytes; they are parsed slice by slice as the iteration goes on, so that others can work in between.
   * Yields how many bytes were parsed.
   */
  *write(bytes: Uint8Array): Generator<number, void> {
    if (this.#decoder === undefined) {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
      const decided = isDecidedAtOnce(this.#waiting[0] ?? bytes, this.#options.charset);
      if (this.#waitingBytes < (decided ? 3 : SNIFFED)) return;
      yield* this.#begin();
    } else {
      yield* this.#parse(bytes, this.#decoder);
    }
  }

  /** The end of the page. */
  end(): PageContent {
    // What waited for its encoding is one slice at most.
    if (this.#decoder === undefined) for (const _ of this.#begin());
    this.#parser.write(this.#decoder?.decode() ?? '');
    this.#parser.end();
    return this.#collector.finish(this.#options.url, this.#decoder?.encoding ?? 'utf-8');
  }

  *#begin(): Generator<number, void> {
    const start =
      this.#waiting.length === 1 && this.#waiting[0] !== undefined ? this.#waiting[0] : Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#decoder = new TextDecoder(sniffEncoding(start, this.#options.charset, this.#options.markup));
    yield* this.#parse(start, this.#decoder);
  }

  *#parse(bytes: Uint8Array, decoder: TextDecoder): Generator<number, void> {
    for (let at = 0; at < bytes.length; at += SLICE) {
      const slice = bytes.subarray(at, at + SLICE);
      this.#parser.write(decoder.decode(slice, { stream: true }));
      yield slice.length;
    }
  }
}

/** Reads a whole page at once. */
export function readPage(
  html: string | Uint8Array,
  url: string,
  markup: 'html' | 'xml' = 'html',
  charset?: string,
): PageContent {
  const reader = new PageReader({ url, markup, charset: typeof html === 'string' ? 'utf-8' : charset });
  for (const _ of reader.write(typeof html === 'string' ? new TextEncoder().encode(html) : html));
  return reader.end();
}
