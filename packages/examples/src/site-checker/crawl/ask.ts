/** One request from its start to the end of its body. */
import { type Operation, sleep } from '@coloop/core';
import type { Response, Session } from '@coloop/http';
import { BasicAuth } from '@coloop/http';
import { looksLikeHtml, markupOf, readContentType } from '../addresses/content-type.ts';
import type { PageContent } from '../addresses/page-content.ts';
import { PageReader } from '../addresses/page-reader.ts';
import { SheetReader } from '../addresses/sheet-reader.ts';
import { type ParserPool, ThreadReader } from '../parsing/thread-reader.ts';
import type { Phases } from '../report/findings.ts';
import type { Credentials } from './options.ts';
import { phasesOf } from './problems.ts';

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly ok: boolean;
  readonly headers: Headers;
  /** Only of a page that was read. */
  readonly content: PageContent | undefined;
  /** Of a page larger than the limit: its content is what stood before that. */
  readonly cutOff: boolean;
  /** Bytes of the body that were read. */
  readonly bytes: number;
  readonly phases: Phases;
}

export interface AskOptions {
  readonly user: Credentials | undefined;
  /** Whether a page is read, or only asked whether it is there. */
  readonly reads: boolean;
  /** How much of a page is read, in bytes. */
  readonly maxPage: number;
  /** The threads that parse pages; this one unless there are some. */
  readonly parsers: ParserPool | undefined;
}

/** Bytes that are parsed before the others get their turn. */
const TURN = 262_144;

/**
 * Asks for an address.
 *
 * Throws a ClientError where there is no whole answer. Cancellation: the connection is closed.
 */
export function* ask(session: Session, url: URL, options: AskOptions): Operation<Answer> {
  const { user } = options;
  const auth = user === undefined ? undefined : new BasicAuth(user.name, user.password);
  // However this function is left, the connection goes back to its pool or is closed.
  using response = yield* session.get(url, auth === undefined ? {} : { auth });
  const page = options.reads && response.ok ? yield* read(response, url, options) : undefined;
  return {
    status: response.status,
    reason: response.reason,
    ok: response.ok,
    headers: response.headers,
    content: page?.content,
    cutOff: page?.cutOff ?? false,
    bytes: page?.bytes ?? 0,
    phases: phasesOf(response.timing),
  };
}

interface Page {
  readonly content: PageContent | undefined;
  readonly cutOff: boolean;
  readonly bytes: number;
}

function* read(response: Response, url: URL, { maxPage, parsers }: AskOptions): Operation<Page> {
  const type = readContentType(response.headers.get('content-type'));
  const markup = markupOf(type);
  if (markup === 'none') return { content: undefined, cutOff: false, bytes: 0 };
  const chunks = response.chunks();
  let item = yield* chunks.next();
  if (markup === 'unknown' && (item.done || !looksLikeHtml(item.value))) {
    return { content: undefined, cutOff: false, bytes: item.done ? 0 : item.value.length };
  }
  const reader = readerOf(markup, url.href, type.charset, parsers);
  let bytes = 0;
  let turn = 0;
  let cutOff = false;
  for (; !item.done && bytes < maxPage; item = yield* chunks.next()) {
    const chunk = item.value.subarray(0, maxPage - bytes);
    cutOff = chunk.length < item.value.length;
    bytes += chunk.length;
    for (const size of reader.write(chunk)) {
      turn += size;
      if (turn < TURN) continue;
      turn = 0;
      yield* sleep(0);
    }
  }
  const content = reader instanceof ThreadReader ? yield* reader.end() : reader.end();
  return { content, cutOff: cutOff || !item.done, bytes };
}

function readerOf(
  kind: 'css' | 'xml' | 'html' | 'unknown',
  url: string,
  charset: string | undefined,
  parsers: ParserPool | undefined,
): SheetReader | PageReader | ThreadReader {
  if (kind === 'css') return new SheetReader(url, charset);
  const options = { url, charset, markup: kind === 'xml' ? kind : 'html' } as const;
  return parsers === undefined ? new PageReader(options) : new ThreadReader(parsers, options);
}
