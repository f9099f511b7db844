/** What a run has found so far. It decides about a link as soon as both ends are known, and then forgets it. */

import { hasAnchor } from './html.ts';
import type { BrokenLink, Problem, Visit } from './report/findings.ts';

interface Reference {
  readonly page: string;
  readonly link: string;
  readonly fragment: string;
}

interface Settled {
  readonly problem: Problem | undefined;
  /** Not known of what is no page: there a fragment means whatever its type says. */
  readonly anchors: ReadonlySet<string> | undefined;
}

export class Ledger {
  readonly visits: Visit[] = [];
  readonly broken: BrokenLink[] = [];
  /** Pages that were read. */
  pages = 0;
  /** Requests that are under way. */
  inFlight = 0;
  /** Addresses that could not be had. */
  failures = 0;
  links = 0;
  external = 0;
  skipped = 0;
  readonly #settled = new Map<string, Settled>();
  readonly #waiting = new Map<string, Reference[]>();

  /** Notes that an address was asked for, and decides about every link that waited for it. */
  settle(visit: Visit, anchors: ReadonlySet<string> | undefined): void {
    this.visits.push(visit);
    if (visit.kind === 'page') this.pages++;
    if (visit.problem !== undefined) this.failures++;
    const settled: Settled = { problem: visit.problem, anchors };
    this.#settled.set(visit.url, settled);
    const waiting = this.#waiting.get(visit.url) ?? [];
    this.#waiting.delete(visit.url);
    for (const reference of waiting) this.#decide(reference, settled);
  }

  /** Notes that `page` links to `target`, which has been or will be asked for. */
  refer(page: string, target: URL): void {
    const reference: Reference = { page, link: target.href, fragment: target.hash };
    const address = addressOf(target);
    const settled = this.#settled.get(address);
    if (settled !== undefined) {
      this.#decide(reference, settled);
      return;
    }
    const waiting = this.#waiting.get(address);
    if (waiting === undefined) this.#waiting.set(address, [reference]);
    else waiting.push(reference);
  }

  /** Notes what is written as a link on `page` and is no address. */
  unusable(page: string, text: string): void {
    this.broken.push({ page, link: text, problem: { why: 'url', text: 'is no address' } });
  }

  #decide({ page, link, fragment }: Reference, { problem, anchors }: Settled): void {
    if (problem !== undefined) {
      this.broken.push({ page, link, problem });
    } else if (anchors !== undefined && !hasAnchor(anchors, fragment)) {
      this.broken.push({ page, link, problem: { why: 'fragment', text: 'no such place on the page' } });
    }
  }
}

/** What is asked for when a link is followed: the fragment stays at home. */
export function addressOf(url: URL): string {
  return url.hash === '' ? url.href.replace(/#$/, '') : url.href.slice(0, -url.hash.length);
}
