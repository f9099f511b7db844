/** Asks each host of the site what it wishes before its first page is asked for. */
import { attempt, Future, type Operation } from '@coloop/core';
import { ClientError, type Session } from '@coloop/http';
import { NO_WISHES, readRobots, type Wishes } from './robots.ts';

/** RFC 9309 asks for 500 KiB at least. */
const LONGEST_ROBOTS = 524_288;

/** What is asked of the crawl. */
export interface Paced {
  pace(url: URL, pause: number): void;
}

export class Politeness {
  readonly #session: Session;
  readonly #robots: boolean;
  readonly #paced: Paced;
  readonly #wishes = new Map<string, Future<Wishes>>();

  constructor(session: Session, { robots }: { readonly robots: boolean }, paced: Paced) {
    this.#session = session;
    this.#robots = robots;
    this.#paced = paced;
  }

  /** Whether an address may be asked for; one that the user named may. */
  *admits({ url, isStart }: { readonly url: URL; readonly isStart: boolean }): Operation<boolean> {
    if (!this.#robots) return true;
    const wishes = yield* this.wishesOf(url);
    return isStart || wishes.allows(url);
  }

  /** What the host of `url` wishes; asked once. */
  *wishesOf(url: URL): Operation<Wishes> {
    const known = this.#wishes.get(url.origin);
    if (known !== undefined) return yield* known;
    const future = new Future<Wishes>();
    this.#wishes.set(url.origin, future);
    const wishes = yield* this.#ask(new URL('/robots.txt', url));
    if (wishes.pause > 0) this.#paced.pace(url, wishes.pause);
    future.resolve(wishes);
    return wishes;
  }

  *#ask(address: URL): Operation<Wishes> {
    const answer = yield* attempt(fetchText(this.#session, address));
    if (answer.ok) return answer.value === undefined ? NO_WISHES : readRobots(address.href, answer.value);
    // A host that cannot even say what it wishes fails at its pages too, and is told of there.
    if (answer.error instanceof ClientError) return NO_WISHES;
    throw answer.error;
  }
}

/** `undefined` where there is no such file; a redirect leads to no wishes of this host. */
function* fetchText(session: Session, address: URL): Operation<string | undefined> {
  using response = yield* session.get(address, { limits: { buffered: LONGEST_ROBOTS } });
  if (!response.ok || /\bhtml\b/i.test(response.headers.get('content-type') ?? '')) return undefined;
  return yield* response.text();
}
