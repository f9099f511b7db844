/** What a run has found so far. It decides about a link as soon as both ends are known, and then forgets it. */
import { type Anchors, hasAnchor } from '../addresses/anchors.ts';
import type { Link } from '../addresses/page-content.ts';
import type { BrokenLink, Left, Problem, Visit } from '../report/findings.ts';
import { addressOf, withoutCredentials } from './address.ts';

interface Reference {
  readonly page: string;
  readonly link: string;
  /** Empty where nobody sees the place. */
  readonly fragment: string;
}

/** Where an address ends up. */
interface Settled {
  readonly problem: Problem | undefined;
  /** Not known of what is not a page: there a fragment means whatever its type says. */
  readonly anchors: Anchors | undefined;
  /** What the redirects on the way say of the place; it outweighs what the link says. */
  readonly fragment: string;
  readonly redirects: number;
  readonly status: number | undefined;
}

interface Move {
  readonly visit: Visit;
  readonly to: string;
  readonly fragment: string;
}

/** As many redirects in a row as the client follows. */
const MOST_REDIRECTS = 10;

export class Ledger {
  readonly visits: Visit[] = [];
  readonly broken: BrokenLink[] = [];
  /** What was not asked for, by reason. */
  readonly left: Record<Left, number> = { excluded: 0, limit: 0, robots: 0, endless: 0 };
  /** Where the site seems to grow for ever, one example. */
  endless: string | undefined;
  /** Pages of which only a part was read. */
  readonly unread: string[] = [];
  /** Pages that were read. */
  pages = 0;
  /** Requests that are under way. */
  inFlight = 0;
  /** Addresses that could not be had. */
  failures = 0;
  links = 0;
  external = 0;
  readonly #settled = new Map<string, Settled>();
  readonly #waiting = new Map<string, Reference[]>();
  /** Redirects whose end is not known yet, by where they lead from, and by where they lead to. */
  readonly #moves = new Map<string, Move>();
  readonly #arrivals = new Map<string, Move[]>();
  readonly #found: (link: BrokenLink) => void;

  /** @param found is told of every broken link when it is known to be one */
  constructor(found: (link: BrokenLink) => void = () => undefined) {
    this.#found = found;
  }

  /** Notes how an address answered, and decides about every link and redirect that waited for it. */
  settle(visit: Visit, anchors?: Anchors): void {
    const { problem, redirects, status } = visit;
    this.#settle(visit, { problem, anchors, fragment: '', redirects, status });
  }

  /**
   * Notes that an address leads to another one, which has been or will be asked for.
   *
   * @param to with its fragment
   */
  move(visit: Visit, to: URL): void {
    const move: Move = { visit, to: addressOf(to), fragment: to.hash };
    const settled = this.#settled.get(move.to);
    if (settled !== undefined) {
      this.#arrive(move, settled);
      return;
    }
    if (this.#leadsTo(move.to, visit.url)) {
      this.settle({ ...visit, redirects: 1, problem: { why: 'redirects', text: 'redirects without end' } });
      return;
    }
    this.#moves.set(visit.url, move);
    append(this.#arrivals, move.to, move);
  }

  /** Whether a redirect from `address` to `to` would close a circle. */
  closesCircle(address: string, to: string): boolean {
    return this.#leadsTo(to, address);
  }

  /** Forgets what an address answered, because it is asked again. */
  forget(address: string): void {
    this.#settled.delete(address);
    const move = this.#moves.get(address);
    if (move === undefined) return;
    this.#moves.delete(address);
    const arrivals = this.#arrivals.get(move.to)?.filter((other) => other !== move);
    if (arrivals !== undefined) this.#arrivals.set(move.to, arrivals);
    this.visits.push(move.visit);
  }

  /** Notes that `page` links to a target that has been or will be asked for. */
  refer(page: string, { url, navigates }: Link): void {
    const address = addressOf(url);
    const fragment = navigates ? url.hash : '';
    const reference: Reference = { page, link: url.hash === '' ? address : url.href, fragment };
    const settled = this.#settled.get(address);
    if (settled === undefined) append(this.#waiting, address, reference);
    else this.#decide(reference, settled);
  }

  /** Notes what is written as a link on `page` and is none. */
  unusable(page: string, text: string, why: string): void {
    this.#breaks({ page, link: text, problem: { why: 'url', text: why } });
  }

  /** The end of the run: redirects whose end was never requested are reported as far as they are known. */
  finish(): void {
    for (const { visit } of this.#moves.values()) this.visits.push(visit);
    this.#moves.clear();
  }

  #settle(visit: Visit, settled: Settled): void {
    this.visits.push(visit);
    if (visit.kind === 'page') this.pages++;
    if (visit.problem !== undefined) this.failures++;
    this.#settled.set(visit.url, settled);
    for (const reference of take(this.#waiting, visit.url)) this.#decide(reference, settled);
    for (const move of take(this.#arrivals, visit.url)) {
      this.#moves.delete(move.visit.url);
      this.#arrive(move, settled);
    }
  }

  #arrive({ visit, to, fragment }: Move, end: Settled): void {
    const redirects = visit.redirects + 1 + end.redirects;
    const problem: Problem | undefined =
      redirects > MOST_REDIRECTS && end.problem === undefined
        ? { why: 'redirects', text: `redirects more than ${MOST_REDIRECTS} times` }
        : behind(end.problem, to);
    this.#settle(
      { ...visit, redirects, problem, status: end.status ?? visit.status },
      { ...end, redirects, problem, fragment: end.fragment || fragment },
    );
  }

  #leadsTo(from: string, address: string): boolean {
    for (let at: string | undefined = from; at !== undefined; at = this.#moves.get(at)?.to)
      if (at === address) return true;
    return false;
  }

  #decide({ page, link, fragment }: Reference, { problem, anchors, fragment: redirected }: Settled): void {
    if (problem !== undefined) this.#breaks({ page, link, problem });
    else if (anchors !== undefined && !hasAnchor(anchors, redirected || fragment)) {
      this.#breaks({ page, link, problem: { why: 'fragment', text: 'no such place on the page' } });
    }
  }

  #breaks(link: BrokenLink): void {
    this.broken.push(link);
    this.#found(link);
  }
}

/** What is wrong at the end of a redirect is told of its beginning together with the way. */
function behind(problem: Problem | undefined, to: string): Problem | undefined {
  if (problem === undefined || problem.why === 'redirects' || problem.text.includes(' redirect')) return problem;
  return { ...problem, text: `${problem.text}, after a redirect to ${withoutCredentials(new URL(to)).href}` };
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function take<K, V>(map: Map<K, V[]>, key: K): readonly V[] {
  const list = map.get(key) ?? [];
  map.delete(key);
  return list;
}
