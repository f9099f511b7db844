/** The site checker for programs. */
import {
  type AsyncGeneratorObject,
  type Attempt,
  asyncGenerator,
  attempt,
  channel,
  type Emit,
  forEach,
  group,
  type Operation,
  type Source,
  spawn,
  TaskGroupError,
} from '@coloop/core';
import type { Session } from '@coloop/http';
import type { BrokenLink } from '../report/findings.ts';
import { crawlSite } from './crawl.ts';
import { Ledger } from './ledger.ts';
import { type CheckOptions, reachOf } from './options.ts';
import { openSession } from './session.ts';

export interface CheckSiteOptions extends CheckOptions {
  /** Used and not closed; it must hand redirects to its caller (`redirect: 'manual'`). One is opened unless given. */
  readonly session?: Session;
}

/** A check that is under way: a source of the links that are broken. */
export interface SiteCheck extends Source<BrokenLink> {
  /** What was found so far, and at the end of the source all of it. */
  readonly ledger: Ledger;
}

/**
 * Checks a site; every broken link is handed out as soon as it is known.
 *
 * It begins with the first `next` and goes on while its reader is busy. Its tasks belong to the scope that made it.
 *
 * Throws, from `next`, what the client threw when not even one start page can be had, and a UsageError when it is not a page.
 * Cancellation: of a `next` loses nothing; `close`, or the end of the scope, ends every request.
 *
 * @param starts one page to begin with, or several; their origins are the site
 * @example
 * ```js
 * yield* forEach(checkSite('https://any.site/', { external: true }), ({ page, link, problem }) => {
 *   console.log(page, link, problem.text);
 * });
 * ```
 */
export function checkSite(starts: string | URL | readonly (string | URL)[], options: CheckSiteOptions = {}): SiteCheck {
  const urls = (Array.isArray(starts) ? starts : [starts]).map((start: string | URL) => new URL(start));
  const { sender, receiver } = channel<BrokenLink>(Number.POSITIVE_INFINITY);
  const ledger = new Ledger((link) => sender.sendNowait(link));
  const check = function* (): Operation<void> {
    const reach = reachOf(options);
    const session = options.session ?? (yield* openSession({ ...DIRECT, ...reach }));
    yield* crawlSite(session, urls, reach, ledger);
  };
  const source = findings(check, sender, receiver);
  return { ledger, next: () => source.next(), close: () => source.close() };
}

/** Straight to the site. */
const DIRECT = { proxy: undefined, nameservers: [], ca: undefined, insecure: false } as const;

type Ends = ReturnType<typeof channel<BrokenLink>>;

const findings: (
  check: () => Operation<void>,
  sender: Ends['sender'],
  receiver: Ends['receiver'],
) => AsyncGeneratorObject<BrokenLink> = asyncGenerator(function* findingsOf(
  emit: Emit<BrokenLink>,
  check: () => Operation<void>,
  sender: Ends['sender'],
  receiver: Ends['receiver'],
): Operation<void> {
  // Not a group, whose error would stand around the `GeneratorExit` of a reader that closes the source.
  const crawl = spawn(crawlTo(sender, check), { name: 'crawl' });
  yield* forEach(receiver, (link) => emit(link) as Operation<void>);
  const outcome = yield* crawl;
  if (!outcome.ok) throw causeOf(outcome.error);
});

/** A failure is told when everything before it was. */
function* crawlTo(sender: Ends['sender'], check: () => Operation<void>): Operation<Attempt<void>> {
  const outcome = yield* attempt(group(check()));
  yield* sender.close();
  return outcome;
}

/** What failed, without the groups in which it did. */
function causeOf(error: unknown): unknown {
  return error instanceof TaskGroupError && error.errors.length === 1 ? causeOf(error.errors[0]) : error;
}
