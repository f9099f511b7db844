import type { Operation } from '@coloop/core';
import { transfer, type WorkerPool } from '@coloop/core/node';
import { Anchors } from '../addresses/anchors.ts';
import type { PageContent } from '../addresses/page-content.ts';
import { PageReader, type PageReaderOptions } from '../addresses/page-reader.ts';

/** The threads that parse pages. */
export type ParserPool = WorkerPool<typeof import('./jobs.ts')>;

/** The module that they run. */
export const PARSER_JOBS: URL = new URL('./jobs.ts', import.meta.url);

/** A page that is larger is parsed here while it arrives, so that it needs no memory for all of it. */
const WHOLE = 1_048_576;

/** Gathers a page while its bytes arrive, and lets a thread parse it. */
export class ThreadReader {
  readonly #pool: ParserPool;
  readonly #options: PageReaderOptions;
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** Of a large page. */
  #here: PageReader | undefined;

  constructor(pool: ParserPool, options: PageReaderOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** Takes the next bytes, which have to stay as they are; yields how many were parsed in this thread. */
  *write(bytes: Uint8Array): Generator<number, void> {
    if (this.#here !== undefined) return yield* this.#here.write(bytes);
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    if (this.#size <= WHOLE) return;
    this.#here = new PageReader(this.#options);
    for (const chunk of this.#chunks.splice(0)) yield* this.#here.write(chunk);
  }

  /** The end of the page. Cancellation: what the thread finds is dropped. */
  *end(): Operation<PageContent> {
    if (this.#here !== undefined) return this.#here.end();
    const page = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks.splice(0)) {
      page.set(chunk, at);
      at += chunk.length;
    }
    const { links, anchors, ...content } = yield* this.#pool.call('parsePage', transfer(page), this.#options);
    return {
      ...content,
      links: links.map(({ href, ...link }) => ({ ...link, url: new URL(href) })),
      anchors: new Anchors(anchors),
    };
  }
}
