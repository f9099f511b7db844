/*
 * What options mean over the platform's `fetch`: most that concern connections cannot be, and each of those says why.
 */
import { own } from '../checks.ts';
import { InvalidOptionError } from '../errors.ts';
import type { RequestBody, UploadCoding } from '../request/body/body.ts';
import type { TlsSettings } from '../request/connection-options.ts';
import type { OptionPlatform, RequestOptions } from '../request/options.ts';
import { WebCompressedBody } from './compressed.ts';

/** What the platform's fetch lets a program do. */
export type WebKind =
  /** A page or a worker of one: cookies, redirects and some headers belong to the browser. */
  | 'browser'
  /** A server or edge runtime: requests are sent as they are. */
  | 'server';

/** Tells a browser by what only browsers do: they keep `Cookie` for themselves. Source: the Fetch standard, section 2.2.2. */
export function kindOfPlatform(): WebKind {
  const probe = new globalThis.Request('http://localhost/', { headers: { Cookie: 'a=b' } });
  return probe.headers.has('cookie') ? 'server' : 'browser';
}

/** The options of a platform with a `fetch` of its own. */
export class WebPlatform implements OptionPlatform {
  readonly acceptEncoding = null;
  readonly userAgent = null;
  readonly kind: WebKind;

  constructor(kind: WebKind) {
    this.kind = kind;
  }

  /**
   * Refuses what this platform cannot do; a value that asks for nothing (`proxy: null`, `ssl: true`) passes.
   *
   * @throws InvalidOptionError that names the option, the platform and what to do
   */
  check(what: string, options: RequestOptions): void {
    const values = options as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(REFUSED)) this.#check(what, name, own(values, name), REFUSED);
    if (this.kind === 'browser') {
      for (const name of Object.keys(REFUSED_BY_BROWSERS)) {
        this.#check(what, name, own(values, name), REFUSED_BY_BROWSERS);
      }
    }
    this.#checkParts(what, 'timeout', own(values, 'timeout'), TIMEOUTS);
    this.#checkParts(what, 'limits', own(values, 'limits'), LIMITS);
  }

  ssl(): TlsSettings {
    return PLATFORM_TLS;
  }

  proxy(): never {
    throw unavailable('proxy', this.kind);
  }

  resolver(): null {
    return null;
  }

  environment(): never {
    throw unavailable('trustEnv', this.kind);
  }

  compressed(body: RequestBody, coding: UploadCoding): RequestBody {
    if (coding === 'br') {
      throw new InvalidOptionError(
        `The option compress is 'br', which ${nameOf(this.kind)} cannot write: use 'gzip' or 'deflate', or run it on Node.`,
      );
    }
    return body.length === 0 ? body : new WebCompressedBody(body, coding);
  }

  #check(what: string, name: string, value: unknown, rules: Readonly<Record<string, Rule>>): void {
    const rule = rules[name] as Rule;
    if (value !== undefined && !rule.passes.includes(value)) throw unavailable(name, this.kind, rule.advice, what);
  }

  #checkParts(what: string, option: string, value: unknown, rules: Readonly<Record<string, Rule>>): void {
    if (typeof value !== 'object' || value === null) return;
    for (const name of Object.keys(rules)) {
      const { passes, advice } = rules[name] as Rule;
      const part = own(value as Readonly<Record<string, unknown>>, name);
      if (part !== undefined && !passes.includes(part)) throw unavailable(`${option}.${name}`, this.kind, advice, what);
    }
  }
}

/** How an error names a platform. */
export function nameOf(kind: WebKind): string {
  return kind === 'browser' ? 'a browser' : "the platform's fetch";
}

/** The error for an option or a word that the platform cannot offer. */
export function unavailable(name: string, kind: WebKind, advice = ON_NODE, what?: string): InvalidOptionError {
  const platform = nameOf(kind);
  const taker = what === undefined ? '' : ` to ${what}`;
  return new InvalidOptionError(
    `${platform.slice(0, 1).toUpperCase()}${platform.slice(1)} cannot offer ${name}${taker}: ${advice}`,
    { code: 'NOT_AVAILABLE' },
  );
}

interface Rule {
  /** Values that ask for nothing. */
  readonly passes: readonly unknown[];
  readonly advice: string;
}

const ON_NODE = 'leave it out here, or run this program on Node.';

const REFUSED: Readonly<Record<string, Rule>> = {
  ssl: { passes: [true], advice: 'the platform checks certificates by its own settings; leave it out.' },
  verifySsl: { passes: [true], advice: 'the platform always checks certificates; leave it out.' },
  proxy: { passes: [null, false], advice: 'the platform goes through the proxy of its own settings; leave it out.' },
  proxyAuth: { passes: [null], advice: 'the platform goes through the proxy of its own settings; leave it out.' },
  resolver: { passes: [], advice: 'the platform looks names up by itself; leave it out.' },
  allowAddress: { passes: [], advice: 'the platform looks names up and connects by itself; leave it out.' },
  socketPath: { passes: [null], advice: 'the platform has no unix sockets; leave it out.' },
  expect100: { passes: [false], advice: 'the platform sends the body at once; leave it out.' },
  decompress: { passes: [true], advice: 'the platform decodes the body before we see it; leave it out.' },
  cookieJar: { passes: [false], advice: 'only the platform can keep cookies; leave it out.' },
  trustEnv: { passes: [false], advice: 'there are no environment variables for it; leave it out.' },
  netrc: { passes: [false], advice: 'there is no file to read; give auth.' },
  pool: { passes: [], advice: 'the platform keeps the connections; leave it out.' },
  http2: { passes: [false], advice: 'the platform chooses the version of HTTP by itself; leave it out.' },
};

const REFUSED_BY_BROWSERS: Readonly<Record<string, Rule>> = {
  cookies: { passes: [], advice: "the browser's own cookies are sent; set them with document.cookie." },
  maxRedirects: {
    passes: [],
    advice: "the browser follows at most 20 redirects; leave it out, or use redirect: 'error'.",
  },
  forwardHeaders: { passes: [], advice: 'the browser decides what survives a redirect; leave it out.' },
  redirect: { passes: ['follow', 'error'], advice: "browsers hide redirects; use 'follow' or 'error'." },
};

const NO_LIMIT = [null, false, 0, Number.POSITIVE_INFINITY];
const TIMEOUTS: Readonly<Record<string, Rule>> = {
  queue: {
    passes: NO_LIMIT,
    advice: 'the platform does not say when a connection is free; use timeout.headers or timeout.total.',
  },
  connect: {
    passes: NO_LIMIT,
    advice: 'the platform does not say when it is connected; use timeout.headers or timeout.total.',
  },
};

const LIMITS: Readonly<Record<string, Rule>> = {
  ratio: { passes: [Number.POSITIVE_INFINITY], advice: 'use limits.decompressed or limits.buffered.' },
  codings: { passes: [Number.POSITIVE_INFINITY], advice: 'use limits.decompressed or limits.buffered.' },
  headers: { passes: [Number.POSITIVE_INFINITY], advice: 'the platform has limits of its own; leave it out.' },
};

const PLATFORM_TLS: TlsSettings = { verify: true, servername: undefined, key: 'the platform' };
