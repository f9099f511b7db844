/** Sites on the simulated network: no time passes, and every request is known. */
import { forEach } from '@coloop/core';
import { type ServerRequest, simulate } from '@coloop/http/testing';
import type { BrokenLink } from '../report/findings.ts';
import { type CheckSiteOptions, checkSite } from './check-site.ts';
import type { Ledger } from './ledger.ts';

export const SITE = 'http://site.test/';

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

type Handler = (request: ServerRequest) => Answer | string | Generator<never, Answer | string | undefined>;
/** HTML, a status, an answer, or what makes one. */
export type Page = string | number | Answer | Handler;
/** By path and query, or by path alone, or `*`. */
export type Pages = Record<string, Page>;

export interface Checked {
  /** What each origin was asked for, robots.txt aside. */
  readonly asked: readonly string[];
  /** `page > link: problem`, without the origin of the site. */
  readonly broken: readonly string[];
  readonly links: readonly BrokenLink[];
  readonly ledger: Ledger;
  /** Milliseconds of the simulated clock. */
  readonly took: number;
}

export const html = (body: string): Answer => ({ headers: { 'content-type': 'text/html; charset=utf-8' }, body });
export const to = (location: string, headers: Record<string, string> = {}): Answer => ({
  status: 302,
  headers: { location, ...headers },
});
export const links = (...targets: string[]): string => targets.map((target) => `<a href="${target}">x</a>`).join('');

/** Checks a site from its start page. */
export async function checkPages(pages: Pages, options: CheckSiteOptions = {}): Promise<Checked> {
  return checkSites({ [SITE]: pages }, options);
}

/** Checks the first of several sites. */
export async function checkSites(
  sites: Record<string, Pages>,
  options: CheckSiteOptions = {},
  starts: readonly string[] = [Object.keys(sites)[0] ?? SITE],
): Promise<Checked> {
  const asked: string[] = [];
  const found: BrokenLink[] = [];
  const short = (text: string): string => (text.startsWith(SITE) ? text.slice(SITE.length - 1) : text);
  return simulate(function* (network) {
    for (const [site, pages] of Object.entries(sites)) {
      network.serve(new URL(site).origin, (request) => {
        if (request.target !== '/robots.txt') asked.push(short(new URL(request.target, site).href));
        return answerOf(pages, request);
      });
    }
    const check = checkSite(starts, options);
    yield* forEach(check, (link) => void found.push(link));
    const { ledger } = check;
    const broken = found.map(({ page, link, problem }) => `${short(page)} > ${short(link)}: ${problem.text}`).sort();
    return { asked, broken, links: found, ledger, took: Math.max(0, ...ledger.visits.map((visit) => visit.endedAt)) };
  });
}

function* answerOf(pages: Pages, request: ServerRequest): Generator<never, Answer | undefined> {
  const { target } = request;
  const page =
    pages[target] ?? pages[target.split('?')[0] ?? ''] ?? (target === '/robots.txt' ? 404 : (pages['*'] ?? 404));
  const made = typeof page === 'function' ? page(request) : page;
  const answer = typeof made === 'object' && Symbol.iterator in made ? yield* made : made;
  if (answer === undefined) return undefined;
  if (typeof answer === 'number') return { status: answer, headers: { 'content-type': 'text/html' }, body: 'none' };
  return typeof answer === 'string' ? html(answer) : { ...html(''), ...answer };
}
