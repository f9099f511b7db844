/**
 * The site checker itself, to be read from top to bottom.
 *
 * Twenty workers share one queue of addresses. A worker takes an address, asks for it, reads the page and puts what the
 * page leads to back into the queue; when everything that was put in is done, the run is over. Every `yield*` is a
 * place where the run can be cancelled, and whatever is open there is closed.
 */
import { attempt, group, now, type Operation, Queue } from '@coloop/core';
import type { Response, Session } from '@coloop/http';
import { type PageContent, readHtml } from './html.ts';
import { addressOf, type Ledger } from './ledger.ts';
import { phasesOf, problemOfError, problemOfStatus } from './problems.ts';
import type { Visit } from './report/findings.ts';
import { UsageError } from './usage-error.ts';

/** How far a run goes. */
export interface Reach {
  /** Requests at the same time. */
  readonly concurrency: number;
  /** How many clicks from the start page pages are read. */
  readonly depth: number;
  /** How many addresses are asked for at most: what keeps the memory bounded on a site without an end. */
  readonly limit: number;
  /** Whether links to other sites are asked for; their pages are never read. */
  readonly external: boolean;
}

interface Target {
  readonly address: string;
  /** Clicks from the start page. */
  readonly depth: number;
}

/** What the workers share. */
interface Crawl {
  readonly session: Session;
  readonly reach: Reach;
  readonly ledger: Ledger;
  readonly queue: Queue<Target>;
  /** Every address that was ever put into the queue. */
  readonly seen: Set<string>;
  /** The only origin whose pages are read. */
  origin: string;
}

/**
 * Checks every link and fragment within one origin and writes what it finds into the ledger as it goes.
 *
 * Throws what the client threw when not even the start page can be had, and a UsageError when it is none.
 * Cancellation: the ledger holds what was found so far.
 */
export function* checkSite(session: Session, start: URL, reach: Reach, ledger: Ledger): Operation<void> {
  const crawl: Crawl = { session, reach, ledger, queue: new Queue(), seen: new Set(), origin: start.origin };
  follow(crawl, start.href, start, 0);
  yield* visitNext(crawl);
  yield* group(function* (workers) {
    for (let index = 1; index <= reach.concurrency; index++) {
      // A daemon has no end of its own: it is cancelled when the body of its group is done.
      workers.spawn(work(crawl), { name: `worker ${index}`, daemon: true });
    }
    yield* crawl.queue.join();
  });
}

function* work(crawl: Crawl): Operation<never> {
  while (true) yield* visitNext(crawl);
}

function* visitNext(crawl: Crawl): Operation<void> {
  const target = yield* crawl.queue.get();
  try {
    yield* visit(crawl, target);
  } finally {
    crawl.queue.taskDone();
  }
}

function* visit(crawl: Crawl, target: Target): Operation<void> {
  const { ledger } = crawl;
  const startedAt = now();
  ledger.inFlight++;
  // A failed request is a finding, not the end of the run; a cancel passes through `attempt` untouched.
  const answer = yield* attempt(ask(crawl, target));
  ledger.inFlight--;
  const common = { url: target.address, startedAt, endedAt: now() };
  if (answer.ok) {
    if (ledger.visits.length === 0) checkStart(answer.value);
    ledger.settle({ ...common, ...answer.value.facts }, answer.value.content?.anchors);
    if (answer.value.content !== undefined) read(crawl, target, answer.value);
  } else {
    // Without its start page there is no site to check.
    if (ledger.visits.length === 0) throw answer.error;
    ledger.settle({ ...common, ...problemOfError(answer.error) }, undefined);
  }
}

/** A site begins with a page that has links: to call anything else healthy would be a mistake. */
function checkStart({ content, contentType, facts, url }: Answer): void {
  if (content !== undefined || facts.problem !== undefined) return;
  const type = contentType === null ? 'missing' : JSON.stringify(contentType);
  throw new UsageError(`${url.href} is no page to begin with: its content type is ${type}, not text/html`);
}

interface Answer {
  readonly facts: Omit<Visit, 'url' | 'startedAt' | 'endedAt'>;
  /** The address that answered after redirects. */
  readonly url: URL;
  readonly contentType: string | null;
  /** Only of a page of the site. */
  readonly content: PageContent | undefined;
}

/** One request from its start to the end of its body. */
function* ask({ session, origin }: Crawl, target: Target): Operation<Answer> {
  // However this function is left, the connection goes back to its pool or is closed.
  using response = yield* session.get(target.address);
  const url = new URL(response.url);
  const isOurs = url.origin === origin || target.depth === 0;
  let content: PageContent | undefined;
  let bytes = 0;
  if (response.ok && isOurs && isHtml(response)) {
    bytes = (yield* response.bytes()).length;
    content = readHtml(yield* response.text(), response.url);
  }
  const facts = {
    kind: content === undefined ? ('other' as const) : ('page' as const),
    title: content?.title,
    status: response.status,
    redirects: response.history.length,
    bytes,
    phases: phasesOf(response.timing),
    problem: problemOfStatus(response),
  };
  return { facts, url, contentType: response.headers.get('content-type'), content };
}

/** Follows what a page leads to. */
function read(crawl: Crawl, { address, depth }: Target, { url, content }: Answer): void {
  // A site is where its start page ends up: http may lead to https, and a bare name to www.
  if (depth === 0) crawl.origin = url.origin;
  if (addressOf(url) !== address) {
    // The page stands at another address, and its links are reported there.
    follow(crawl, address, url, depth);
    return;
  }
  if (depth > crawl.reach.depth) return;
  const distinct = new Map(content?.links.map((link) => [link.href, link]));
  crawl.ledger.links += content?.links.length ?? 0;
  for (const link of distinct.values()) follow(crawl, address, link, depth + 1);
  for (const text of content?.unusable ?? []) crawl.ledger.unusable(address, text);
}

/** Notes a link and, if nobody has asked for its target yet, has it asked for. */
function follow({ ledger, queue, reach, seen, origin }: Crawl, page: string, link: URL, depth: number): void {
  if (link.origin !== origin) {
    ledger.external++;
    if (!reach.external) return;
  }
  const address = addressOf(link);
  if (!seen.has(address)) {
    if (seen.size >= reach.limit) {
      ledger.skipped++;
      return;
    }
    seen.add(address);
    queue.putNowait({ address, depth });
  }
  ledger.refer(page, link);
}

function isHtml(response: Response): boolean {
  return /^(text\/html|application\/xhtml\+xml)\b/i.test(response.headers.get('content-type') ?? '');
}
