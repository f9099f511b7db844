/** How far a check goes and how it behaves. */

export interface CheckOptions {
  /** Requests at the same time, all hosts together. 20 unless given. */
  readonly concurrency?: number;
  /** How many clicks from the start page pages are read. All of them unless given. */
  readonly depth?: number;
  /** How many addresses are asked for at most: what keeps the memory bounded on a site without an end. 10,000 unless given. */
  readonly limit?: number;
  /** Whether links to other sites are asked for; their links are never followed. */
  readonly external?: boolean;
  /** Whether the places that fragments name must be there. They must unless told otherwise. */
  readonly fragments?: boolean;
  /** How often an address is tried again after 429, 503 with Retry-After, and a lost connection. Twice unless given. */
  readonly retries?: number;
  /** Whether robots.txt is kept. It is unless told otherwise. */
  readonly robots?: boolean;
  /** Whether the pages of the sitemaps are checked too. */
  readonly sitemap?: boolean;
  /** Only addresses that match one of these are asked for, the start addresses aside. */
  readonly include?: readonly RegExp[];
  /** Addresses that match one of these are not asked for. */
  readonly exclude?: readonly RegExp[];
  /** Statuses that are fine beside 200 to 299. */
  readonly accept?: readonly number[];
  /** How much of one page is read, in bytes. 100 MB unless given. */
  readonly maxPage?: number;
  /** How many threads parse the pages. None unless given: they are parsed in this one. */
  readonly threads?: number;
  /** Of one request, in milliseconds. 10 seconds unless given. */
  readonly timeout?: number;
  /** For the site's own pages. Those in a start address count where this is not given. */
  readonly user?: Credentials;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** With everything filled in. */
export type Reach = Required<Omit<CheckOptions, 'user'>> & Pick<CheckOptions, 'user'>;

export const DEFAULTS: Reach = {
  concurrency: 20,
  depth: Number.POSITIVE_INFINITY,
  limit: 10_000,
  external: false,
  fragments: true,
  retries: 2,
  robots: true,
  sitemap: false,
  include: [],
  exclude: [],
  accept: [],
  maxPage: 100_000_000,
  threads: 0,
  timeout: 10_000,
};

/** Fills in what is not given. */
export function reachOf(options: CheckOptions): Reach {
  const given = Object.entries(options).filter(([name, value]) => value !== undefined && Object.hasOwn(DEFAULTS, name));
  const { user } = options;
  return { ...DEFAULTS, ...Object.fromEntries(given), ...(user !== undefined && { user }) };
}
