/**
 * The crawl itself, to be read from top to bottom.
 *
 * Twenty workers share one frontier of addresses. A worker takes an address, asks for it, reads the page and puts what the
 * page leads to back into the frontier; when everything that was put in is done, the run is over. Every `yield*` is a place
 * where the run can be cancelled, and whatever is open there is closed.
 */
import { attempt, group, now, type Operation } from '@coloop/core';
import { WorkerPool } from '@coloop/core/node';
import { ClientError, type Session } from '@coloop/http';
import type { Link, PageContent } from '../addresses/page-content.ts';
import { PARSER_JOBS, type ParserPool } from '../parsing/thread-reader.ts';
import { pagesOfSitemaps } from '../politeness/fetch-sitemaps.ts';
import { Politeness } from '../politeness/politeness.ts';
import type { Problem, Visit } from '../report/findings.ts';
import { UsageError } from '../usage-error.ts';
import { addressOf, withoutCredentials } from './address.ts';
import { type Answer, ask } from './ask.ts';
import { looksEndless } from './endless.ts';
import { Frontier, type Target } from './frontier.ts';
import type { Ledger } from './ledger.ts';
import type { Credentials, Reach } from './options.ts';
import { isLostConnection, phasesOf, problemOf, problemOfStatus } from './problems.ts';
import { type Redirect, redirectOf } from './redirect.ts';
import { retryDelay } from './retry.ts';
import { Site } from './site.ts';

/** A chain of redirects that gets longer than this by new addresses is followed no further. */
const LONGEST_CHAIN = 30;

/** What the workers share. */
interface Crawl {
  readonly session: Session;
  readonly reach: Reach;
  readonly ledger: Ledger;
  readonly frontier: Frontier;
  readonly politeness: Politeness;
  readonly site: Site;
  readonly parsers: ParserPool | undefined;
  /** By the name of a host. */
  readonly users: ReadonlyMap<string, Credentials>;
  /** Every address that was ever put into the frontier. */
  readonly seen: Set<string>;
  /** Addresses that answered with a redirect and a cookie: with the cookie they may answer with a page, once. */
  readonly cookied: Set<string>;
  /** Why start addresses could not be had. */
  readonly failedStarts: unknown[];
  readonly starts: number;
}

/**
 * Checks every link and fragment of a site and writes what it finds into the ledger as it goes.
 *
 * @param starts the pages to begin with: their origins, and where they lead to, are the site
 * Throws what the client threw when not even one start page can be had, and a UsageError when it is not a page.
 * Cancellation: the ledger holds what was found so far.
 */
export function* crawlSite(session: Session, starts: readonly URL[], reach: Reach, ledger: Ledger): Operation<void> {
  const failed = yield* group(function* (workers) {
    const frontier = new Frontier(reach, workers);
    const site = new Site();
    const { threads } = reach;
    const parsers: ParserPool | undefined =
      threads === 0 ? undefined : yield* WorkerPool.open(PARSER_JOBS, { size: threads });
    const crawl: Crawl = {
      session,
      reach,
      ledger,
      frontier,
      politeness: new Politeness(session, reach, frontier),
      site,
      parsers,
      users: usersOf(starts, reach.user),
      seen: new Set(),
      cookied: new Set(),
      failedStarts: [],
      starts: starts.length,
    };
    for (const start of starts) {
      const url = withoutCredentials(start);
      site.add(url);
      if (!crawl.seen.has(addressOf(url))) enqueue(crawl, url, { depth: 0, hops: 0, isStart: true });
      ledger.refer(addressOf(url), { url, navigates: true });
    }
    if (reach.sitemap) yield* addSitemaps(crawl, starts);
    for (let index = 1; index <= reach.concurrency; index++) {
      // A daemon has no end of its own: it is cancelled when the body of its group is done.
      workers.spawn(work(crawl), { name: `worker ${index}`, daemon: true });
    }
    yield* frontier.finished();
    return crawl.failedStarts;
  });
  ledger.finish();
  // Without any start page there is no site to check.
  if (failed.length === starts.length) throw failed[0];
}

/** What the sitemaps of the named hosts hold counts as linked to by the sitemap. */
function* addSitemaps(crawl: Crawl, starts: readonly URL[]): Operation<void> {
  for (const origin of new Set(starts.map((start) => start.origin))) {
    const wishes = yield* crawl.politeness.wishesOf(new URL(origin));
    for (const { sitemap, pages } of yield* pagesOfSitemaps(crawl.session, origin, wishes.sitemaps)) {
      for (const page of pages) followFrom(crawl, sitemap, page);
    }
  }
}

function followFrom(crawl: Crawl, sitemap: string, page: string): void {
  const url = URL.canParse(page) ? new URL(page) : undefined;
  if (url === undefined) crawl.ledger.unusable(sitemap, page, 'is no address');
  else if (reaches(crawl, url, { depth: 0, hops: 0, isStart: false }))
    crawl.ledger.refer(sitemap, { url, navigates: true });
}

function usersOf(starts: readonly URL[], user: Credentials | undefined): Map<string, Credentials> {
  const users = new Map<string, Credentials>();
  for (const { hostname, username, password } of starts) {
    if (user !== undefined) users.set(hostname, user);
    else if (username !== '') {
      users.set(hostname, { name: decodeURIComponent(username), password: decodeURIComponent(password) });
    }
  }
  return users;
}

function* work(crawl: Crawl): Operation<never> {
  while (true) {
    const target = yield* crawl.frontier.take();
    const wait = yield* visit(crawl, target);
    const next: Target = { ...target, attempts: target.attempts + 1 };
    if (wait === undefined) crawl.frontier.done(target);
    else crawl.frontier.again(next, wait.delay, wait.whole);
  }
}

/** Asks for one address; what it returns says that it has to be asked for again. */
function* visit(crawl: Crawl, target: Target): Operation<Wait | undefined> {
  const { frontier, ledger, politeness } = crawl;
  if (!target.external && !(yield* politeness.admits(target))) {
    ledger.left.robots++;
    return undefined;
  }
  const startedAt = now();
  const inFlight = frontier.inFlight(target);
  ledger.inFlight++;
  // A failed request is a finding, not the end of the run; a cancel passes through `attempt` untouched.
  const answer = yield* attempt(request(crawl, target));
  ledger.inFlight--;
  frontier.answered(target, startedAt, inFlight);
  const common = { url: target.address, startedAt, endedAt: now() };
  if (answer.ok) return settleAnswer(crawl, target, common, answer.value);
  const { error } = answer;
  // What is not of the client's is a bug, or the user's to put right.
  if (!(error instanceof ClientError)) throw error;
  if (isLostConnection(error) && target.attempts < crawl.reach.retries) {
    return { delay: retryDelay(target.attempts), whole: false };
  }
  if (target.isStart) crawl.failedStarts.push(error);
  ledger.settle({ ...common, ...UNKNOWN, phases: error.timing && phasesOf(error.timing), problem: problemOf(error) });
  return undefined;
}

interface Wait {
  /** In milliseconds. */
  readonly delay: number;
  /** Whether the whole host is to be left alone for as long. */
  readonly whole: boolean;
}

type When = Pick<Visit, 'url' | 'startedAt' | 'endedAt'>;

const UNKNOWN = { kind: 'other', title: undefined, status: undefined, redirects: 0, bytes: 0 } as const;

function request({ session, reach, users, site, parsers }: Crawl, { url, external }: Target): Operation<Answer> {
  return ask(session, url, {
    user: site.owns(url) ? users.get(url.hostname) : undefined,
    // Of another site only the places that are linked to matter.
    reads: !external || reach.fragments,
    maxPage: reach.maxPage,
    parsers,
  });
}

function settleAnswer(crawl: Crawl, target: Target, when: When, answer: Answer): Wait | undefined {
  const { ledger, reach } = crawl;
  const delay = retryDelay(target.attempts, answer);
  if (delay !== undefined && target.attempts < reach.retries) return { delay, whole: answer.status === 429 };
  const redirect = redirectOf(answer, target.url);
  const { content, status, bytes, phases } = answer;
  const visit: Visit = {
    ...when,
    kind: content?.isPage === true && !target.external ? 'page' : 'other',
    title: content?.title,
    status,
    redirects: 0,
    bytes,
    phases,
    problem: redirect === undefined ? problemOfStatus(answer, reach.accept) : redirect.problem,
  };
  if (redirect?.to !== undefined) return settleRedirect(crawl, target, visit, { ...redirect, to: redirect.to });
  if (answer.cutOff) ledger.unread.push(target.address);
  const problem = visit.problem ?? (target.isStart ? checkStart(crawl, target, answer) : undefined);
  ledger.settle({ ...visit, problem }, reach.fragments && content?.isPage === true ? content.anchors : undefined);
  // A style sheet is a part of the page that is one step nearer.
  const depth = content?.isPage === true ? target.depth : target.depth - 1;
  if (content !== undefined && !target.external && depth <= reach.depth) follow(crawl, target, content);
  return undefined;
}

/** A site begins with a page that has links: to call anything else healthy would be a mistake. */
function checkStart({ failedStarts }: Crawl, { address }: Target, { content, headers }: Answer): Problem | undefined {
  if (content?.isPage === true) return undefined;
  const header = headers.get('content-type');
  const text = `is not a page to begin with: its content type is ${header === null ? 'missing' : JSON.stringify(header)}, not text/html`;
  failedStarts.push(new UsageError(`${address} ${text}`));
  return { why: 'unreadable', text };
}

/** An address that leads to another one: what is there is told of it too. */
function settleRedirect(
  crawl: Crawl,
  target: Target,
  visit: Visit,
  { to, setsCookie }: Redirect & { readonly to: URL },
): Wait | undefined {
  const { ledger, cookied, site } = crawl;
  const address = addressOf(to);
  if (setsCookie && target.attempts === 0) cookied.add(target.address);
  // A start address is where it ends up: http may lead to https, and a bare name to www.
  if (target.isStart) site.add(to);
  if (ledger.closesCircle(target.address, address)) {
    // A circle that a cookie may open is walked once more.
    if (cookied.delete(address)) {
      ledger.forget(address);
      if (address === target.address) return { delay: 0, whole: false };
      crawl.frontier.add({ ...target, url: to, address, attempts: 1 });
    } else {
      failStart(crawl, target);
    }
    ledger.move(visit, to);
    return undefined;
  }
  const hops = target.hops + 1;
  if (hops > LONGEST_CHAIN) {
    failStart(crawl, target);
    ledger.settle({ ...visit, redirects: 1, problem: { why: 'redirects', text: 'redirects without end' } });
  } else if (reaches(crawl, to, { depth: target.depth, hops, isStart: target.isStart })) {
    ledger.move(visit, to);
  } else {
    ledger.settle({ ...visit, redirects: 1 });
  }
  return undefined;
}

function failStart({ failedStarts }: Crawl, { isStart, url }: Target): void {
  if (isStart) failedStarts.push(new UsageError(`${url.host} cannot be checked: it redirects without end`));
}

/** Follows what a page leads to. */
function follow(crawl: Crawl, { address, depth }: Target, { links, written, unusable }: PageContent): void {
  const { ledger } = crawl;
  ledger.links += written;
  for (const link of links) {
    const bare: Link = { ...link, url: withoutCredentials(link.url) };
    if (!crawl.site.owns(bare.url)) ledger.external++;
    if (reaches(crawl, bare.url, { depth: depth + 1, hops: 0, isStart: false })) ledger.refer(address, bare);
  }
  for (const { text, why } of unusable) ledger.unusable(address, text, why);
}

type Way = Pick<Target, 'depth' | 'hops' | 'isStart'>;

/** Whether an address has been or will be asked for; if nobody has asked for it yet, that is arranged. */
function reaches(crawl: Crawl, url: URL, way: Way): boolean {
  const { cookied, ledger, reach, seen, site } = crawl;
  const address = addressOf(url);
  if (seen.has(address)) {
    if (cookied.delete(address)) {
      ledger.forget(address);
      enqueue(crawl, url, way, 1);
    }
    return true;
  }
  if (!site.owns(url) && !reach.external) return false;
  if (!way.isStart && isExcluded(reach, address)) {
    ledger.left.excluded++;
    return false;
  }
  if (looksEndless(url)) {
    ledger.left.endless++;
    ledger.endless ??= address;
    return false;
  }
  if (seen.size >= reach.limit) {
    ledger.left.limit++;
    return false;
  }
  enqueue(crawl, url, way);
  return true;
}

function isExcluded({ include, exclude }: Reach, address: string): boolean {
  if (include.length > 0 && !include.some((pattern) => pattern.test(address))) return true;
  return exclude.some((pattern) => pattern.test(address));
}

function enqueue({ frontier, seen, site }: Crawl, url: URL, way: Way, attempts = 0): void {
  const address = addressOf(url);
  seen.add(address);
  frontier.add({ ...way, address, url: new URL(address), external: !site.owns(url), attempts });
}
