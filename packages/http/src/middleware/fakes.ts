/*
 * What tests of the middleware put in the place of the session: requests without options, and answers without a connection.
 */
import type { Operation } from '@coloop/core';
import { ClientResponseError, type HistoryEntry } from '../errors.ts';
import { type HeadersInit, RequestHeaders } from '../headers.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { type Auth, type Exchange, Request, type RequestBody, type ResolvedOptions } from '../request.ts';
import type { Response } from '../response.ts';
import { DEFAULT_TIMEOUTS } from '../timeouts.ts';
import { type Phase, Timeline } from '../timing.ts';

/** What a test wants to differ from the defaults. */
export interface FakeRequest {
  readonly method?: string;
  readonly headers?: HeadersInit;
  readonly body?: RequestBody | null;
  readonly options?: Partial<ResolvedOptions>;
  readonly auth?: Auth;
  readonly cookies?: Readonly<Record<string, string>>;
  readonly remaining?: number;
}

const OPTIONS: Partial<ResolvedOptions> = {
  timeouts: DEFAULT_TIMEOUTS,
  limits: DEFAULT_LIMITS,
  redirect: 'follow',
  maxRedirects: 10,
  forwardHeaders: new Set(),
  retry: null,
  raiseForStatus: false,
};

/** A request that belongs to no session. */
export function fakeRequest(url: string, fake: FakeRequest = {}): Request {
  return new Request(
    fake.method ?? 'GET',
    new URL(url),
    RequestHeaders.from(fake.headers),
    fake.body ?? null,
    { ...OPTIONS, ...fake.options } as ResolvedOptions,
    fake.auth ?? null,
    fake.cookies ?? null,
    fakeExchange(fake.remaining ?? Number.POSITIVE_INFINITY),
  );
}

function fakeExchange(remaining: number): Exchange & { readonly phases: Phase[] } {
  const phases: Phase[] = [];
  const history: HistoryEntry[] = [];
  return {
    timeline: new Timeline(0),
    attempts: 0,
    history,
    phases,
    enter: (phase) => void phases.push(phase),
    remaining: () => remaining,
    summary: ({ method, url }) => ({ method, url: url.href, proxy: undefined, attempts: 1 }),
  };
}

/** The part of a response that middleware looks at; `released` counts how often it was let go. */
export class FakeResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly timing = new Timeline(0).at(0);
  releases = 0;

  constructor(status: number, headers: Record<string, string> | readonly (readonly [string, string])[] = {}) {
    this.status = status;
    this.headers = new Headers(headers as Record<string, string>);
  }

  get ok(): boolean {
    return this.status < 400;
  }

  raiseForStatus(): this {
    if (!this.ok)
      throw new ClientResponseError(`status ${this.status}`, { status: this.status, headers: this.headers });
    return this;
  }

  *release(): Operation<void> {
    this.releases++;
  }

  [Symbol.dispose](): void {
    this.releases++;
  }

  /** This, as what it stands for. */
  get as(): Response {
    return this as unknown as Response;
  }
}

/** A rest of the pipeline that gives the listed outcomes, and remembers what it was asked. */
export class FakeNext {
  readonly requests: Request[] = [];
  readonly #outcomes: (FakeResponse | Error)[];

  constructor(...outcomes: (FakeResponse | Error)[]) {
    this.#outcomes = outcomes;
  }

  readonly next = (request: Request): Operation<Response> => this.#answer(request);

  *#answer(request: Request): Operation<Response> {
    this.requests.push(request);
    request.body?.open();
    const outcome = this.#outcomes.shift();
    if (outcome === undefined) throw new Error('the test expected no further request');
    if (outcome instanceof Error) throw outcome;
    return outcome.as;
  }
}
