/* The rules of RFC 9111, as `http-cache-semantics` knows them: loaded with the first request that may be cached. */
import { createHash } from 'node:crypto';
import { type Operation, until } from '@coloop/core';
import { defaultScheduler } from '@coloop/core/lowlevel';
import type CachePolicy from 'http-cache-semantics';
import type { Request } from '../request/request.ts';

/** A request or a response as the rules read it. */
export interface PolicyRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
}

export interface PolicyResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
}

/** What the library keeps, beyond what it declares. */
interface Inside {
  _rescc: Record<string, string | boolean>;
  _requestMatches(request: PolicyRequest, head: boolean): boolean;
  _useStaleIfError(): boolean;
}

/** What may be done with what is there. */
export type Verdict = 'fresh' | 'stale' | 'revalidate';

/** Whether and how long one response may be used. */
export interface Policy {
  readonly storable: boolean;
  /** Whether everybody may be given it, whoever has asked. */
  readonly isPublic: boolean;
  readonly age: number;
  matches(request: PolicyRequest): boolean;
  verdict(request: PolicyRequest): Verdict;
  /** Whether it may be used although the server has failed. */
  readonly servesErrors: boolean;
  /** The headers that ask whether it is still valid. */
  conditions(request: PolicyRequest): readonly (readonly [string, string])[];
  /** What a 304 makes of it; null if that is about something else. */
  renewed(request: PolicyRequest, response: PolicyResponse): Policy | null;
  toJSON(): unknown;
}

/** Makes policies. */
export interface Policies {
  of(request: PolicyRequest, response: PolicyResponse, shared: boolean): Policy;
  from(stored: unknown): Policy;
}

let loaded: Policies | undefined;

export function* loadPolicies(): Operation<Policies> {
  loaded ??= policiesOver((yield* until(import('http-cache-semantics'))).default);
  return loaded;
}

function policiesOver(Base: typeof CachePolicy): Policies {
  class Rules extends Base {
    /** The library's clock. */
    now(): number {
      return (defaultScheduler() as unknown as { wallNow(): number }).wallNow();
    }
  }

  class PolicyOver implements Policy {
    readonly #rules: CachePolicy;

    constructor(rules: CachePolicy) {
      this.#rules = rules;
    }

    get #inside(): Inside {
      return this.#rules as unknown as Inside;
    }

    get storable(): boolean {
      return this.#rules.storable();
    }

    get isPublic(): boolean {
      return this.#inside._rescc.public !== undefined;
    }

    get age(): number {
      return Math.max(0, Math.round(this.#rules.age()));
    }

    matches(request: PolicyRequest): boolean {
      return this.#inside._requestMatches(request, false);
    }

    verdict(request: PolicyRequest): Verdict {
      const { response, revalidation } = this.#evaluate(request);
      if (response === undefined) return 'revalidate';
      return revalidation === undefined ? 'fresh' : 'stale';
    }

    /** The library asks the server although the response is fresh, since 4.2: RFC 9111, section 5.2.2.2, does so when it is stale. */
    #evaluate(request: PolicyRequest): { response?: unknown; revalidation?: unknown } {
      const { _rescc: directives } = this.#inside;
      const { 'must-revalidate': must, ...others } = directives;
      if (must === undefined || this.#rules.stale()) return this.#rules.evaluateRequest(request);
      this.#inside._rescc = others;
      try {
        return this.#rules.evaluateRequest(request);
      } finally {
        this.#inside._rescc = directives;
      }
    }

    get servesErrors(): boolean {
      const { _rescc: directives } = this.#inside;
      // RFC 5861, section 4: these forbid it.
      if (directives['must-revalidate'] !== undefined || directives['no-cache'] !== undefined) return false;
      return this.#inside._useStaleIfError();
    }

    conditions(request: PolicyRequest): readonly (readonly [string, string])[] {
      const headers = this.#rules.revalidationHeaders(request);
      return CONDITIONS.flatMap((name) => {
        const value = headers[name];
        return typeof value === 'string' ? [[name, value] as const] : [];
      });
    }

    renewed(request: PolicyRequest, response: PolicyResponse): Policy | null {
      const { policy, modified, matches } = this.#rules.revalidatedPolicy(request, response) as ReturnType<
        CachePolicy['revalidatedPolicy']
      > & { matches: boolean };
      return matches && !modified ? new PolicyOver(policy) : null;
    }

    toJSON(): unknown {
      return this.#rules.toObject();
    }
  }

  return {
    of: (request, response, shared) => new PolicyOver(new Rules(request, response, { shared })),
    from: (stored) => new PolicyOver(Rules.fromObject(stored as CachePolicy.CachePolicyObject)),
  };
}

const CONDITIONS = ['if-none-match', 'if-modified-since'] as const;

/** Headers by their names; what lets somebody in is there as its hash alone. */
export function policyRequest(request: Request, method = request.method): PolicyRequest {
  const headers = record([...request.headers]);
  headers.host ??= request.url.host;
  for (const name of SECRETS) if (headers[name] !== undefined) headers[name] = hashOf(headers[name]);
  return { url: urlOf(request.url), method, headers };
}

const SECRETS = ['authorization', 'cookie', 'proxy-authorization'];

/** The header lines of a response, joined by name. */
export function policyResponse(status: number, lines: readonly (readonly [string, string])[]): PolicyResponse {
  return { status, headers: record(lines) };
}

function record(lines: readonly (readonly [string, string])[]): Record<string, string> {
  // Without a prototype: a server names these.
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of lines) {
    const lower = name.toLowerCase();
    // The library splits some of them by patterns that look at a run of spaces from each of its characters.
    const narrow = value.replace(/[ \t]+/g, ' ');
    // Names of directives are taken as they are written: RFC 9111, section 5.2, says in any case.
    const text = lower === 'cache-control' || lower === 'pragma' ? narrow.toLowerCase() : narrow;
    headers[lower] = headers[lower] === undefined ? text : `${headers[lower]}, ${text}`;
  }
  return headers;
}

/** The URL that a server sees. */
export function urlOf({ href, hash }: URL): string {
  return hash === '' ? href : href.slice(0, -hash.length);
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Who asks: a hash of what lets somebody in, so that nobody gets what another one was given.
 */
export function partitionOf({ headers }: Request): string {
  const values = [headers.get('authorization') ?? '', headers.get('cookie') ?? ''];
  return values.join('') === '' ? ANONYMOUS : hashOf(JSON.stringify(values));
}

/** What was asked for without credentials, and what everybody may have. */
const ANONYMOUS = 'anonymous';
export const PUBLIC = 'public';
