/*
 * The cache itself. What is kept of a URL lies under one key: several variants (Vary), and for each who asked, so that an
 * unsafe method can take all of it away.
 */
import type { Operation } from '@coloop/core';
import { callOf, type OpenCall } from '../call/call.ts';
import { CallContext } from '../call/response-context.ts';
import type { CacheUse } from '../call/trace.ts';
import { decompressed, decompressNowait, KNOWN_CODINGS } from '../decode/decompress.ts';
import { ClientConnectionError } from '../errors.ts';
import { type Next, Request } from '../request/request.ts';
import { LineList } from '../response/header-lines.ts';
import { HttpResponse, type Response } from '../response/response.ts';
import type { Decoder } from '../response/stream.ts';
import { Flight } from './flights.ts';
import {
  hashOf,
  loadPolicies,
  type Policies,
  type PolicyRequest,
  PUBLIC,
  partitionOf,
  policyRequest,
  policyResponse,
  urlOf,
} from './policy.ts';
import { type CacheEntry, decodeRecord, encodeRecord } from './record.ts';
import { Recording } from './recording.ts';
import type { CacheStore } from './store.ts';
import { StoredBody } from './stored-body.ts';

const DECODER: Decoder = { known: KNOWN_CODINGS, nowait: decompressNowait, stream: decompressed };

/** Responses of one URL: the newest ones. */
const MOST_ENTRIES = 16;

/** A request, and what is known about it here. */
interface Asked {
  readonly request: Request;
  readonly next: Next;
  readonly url: string;
  readonly key: string;
  readonly partition: string;
  readonly policies: Policies;
}

/** An entry that is not written yet, and the request that it answers. */
interface PendingEntry extends CacheEntry {
  readonly request: PolicyRequest;
}

interface Pending {
  readonly entries: PendingEntry[];
  /** How many tasks write the record. */
  writers: number;
}

export class HttpCache {
  readonly #store: CacheStore;
  readonly #shared: boolean;
  readonly #flights = new Map<string, Flight>();
  readonly #recordings = new Set<Recording>();
  /** What is being written: it counts from the moment on when it came. */
  readonly #pending = new Map<string, Pending>();

  constructor(store: CacheStore, shared: boolean) {
    this.#store = store;
    this.#shared = shared;
  }

  *through(request: Request, next: Next): Operation<Response> {
    if (!SAFE.has(request.method)) return yield* this.#unsafe(request, next);
    if (!isCacheable(request)) return yield* next(request);
    const url = urlOf(request.url);
    const policies = yield* loadPolicies();
    return yield* this.#answer({ request, next, url, key: hashOf(url), partition: partitionOf(request), policies });
  }

  /** What a request gets: what is kept, as long as it may be used, else what the server says. */
  *#answer(asked: Asked): Operation<Response> {
    const { request } = asked;
    const flightKey = `${asked.key} ${request.method} ${asked.partition}`;
    for (;;) {
      const entry = yield* this.#find(asked);
      const verdict = entry?.policy.verdict(policyRequest(request, entry.method));
      if (entry !== undefined && verdict === 'fresh') return this.#serve(asked, entry, 'hit');
      if (/\bonly-if-cached\b/i.test(request.headers.get('cache-control') ?? '')) return notCached(request);
      const under = this.#flights.get(flightKey);
      if (entry !== undefined && verdict === 'stale') {
        if (under === undefined) this.#revalidate(asked, entry, flightKey);
        return this.#serve(asked, entry, 'stale');
      }
      const mine = entry?.method === request.method ? entry : undefined;
      if (under === undefined) return yield* this.#fetch(asked, mine, new Flight(this.#flights, flightKey));
      if ((yield* under.outcome()) === 'unshared') return yield* this.#fetch(asked, mine, null);
    }
  }

  /** Asks the server, and keeps what it says. */
  *#fetch(asked: Asked, entry: CacheEntry | undefined, flight: Flight | null): Operation<Response> {
    const { request, next } = asked;
    try {
      const response = yield* this.#ask(asked, entry);
      if (entry !== undefined && response.status >= 500 && entry.policy.servesErrors) {
        yield* response.release();
        return this.#serve(asked, entry, 'stale');
      }
      if (entry === undefined || response.status !== 304) return this.#keep(asked, response, entry, flight);
      const renewed = yield* this.#renew(asked, entry, response, flight);
      return renewed ?? this.#keep(asked, yield* next(request), entry, flight);
    } catch (error) {
      if (entry?.policy.servesErrors && error instanceof ClientConnectionError)
        return this.#serve(asked, entry, 'stale');
      throw error;
    } finally {
      // A flight that goes on belongs to the recording of its body.
      if (flight !== null && !this.#isRecorded(flight)) flight.finish('failed');
    }
  }

  *#ask({ request, next }: Asked, entry: CacheEntry | undefined): Operation<Response> {
    if (entry === undefined) return yield* next(request);
    let { headers } = request;
    for (const [name, value] of entry.policy.conditions(policyRequest(request))) headers = headers.set(name, value);
    return yield* next(request.with({ headers }));
  }

  /** The entry with the headers of a 304, which is given back with them; null if the 304 is about another one. */
  *#renew(asked: Asked, entry: CacheEntry, response: Response, flight: Flight | null): Operation<Response | null> {
    const { request } = asked;
    const lines = linesOf(response);
    const policy = entry.policy.renewed(policyRequest(request), policyResponse(304, lines));
    yield* response.release();
    if (policy === null) {
      flight?.finish('unshared');
      return null;
    }
    const kept = entry.lines.filter(([name]) => !lines.some(([other]) => other === name && !isOfBody(name)));
    const renewed = { ...entry, policy, lines: [...kept, ...lines.filter(([name]) => !isOfBody(name))] };
    if (policy.storable) this.#put(asked, renewed);
    flight?.finish(isFresh(asked, renewed) ? 'stored' : 'unshared');
    return this.#serve(asked, renewed, 'revalidated');
  }

  /** Hands a response on, and keeps it when its body has come. */
  #keep(asked: Asked, response: Response, old: CacheEntry | undefined, flight: Flight | null): Response {
    const { request, policies } = asked;
    if (!(response instanceof HttpResponse) || !('watch' in response.stream)) {
      flight?.finish('unshared');
      return response;
    }
    const lines = linesOf(response);
    const { status, reason } = response;
    const policy = policies.of(policyRequest(request), policyResponse(status, lines), this.#shared);
    const call = callOf(request);
    if (!policy.storable || lines.some(([name, value]) => name === 'vary' && value.trim() === '*')) {
      flight?.finish('unshared');
      // What the server says now is not to be kept, and what is kept it no longer says.
      if (old !== undefined && status < 500) call.background(() => this.#delete(asked.key), true);
      return response;
    }
    const partition = policy.isPublic ? PUBLIC : asked.partition;
    const { method } = request;
    const made = (body: Uint8Array): CacheEntry => ({ policy, partition, method, status, reason, lines, body });
    const shares = flight !== null && isFresh(asked, made(new Uint8Array(0)));
    if (!shares) flight?.finish('unshared');
    const recording = new Recording(asked.key, this.#store.maxEntrySize, shares ? flight : null, (body) => {
      this.#recordings.delete(recording);
      if (body === null) return;
      this.#put(asked, made(body));
    });
    this.#recordings.add(recording);
    recording.watch(response.stream as HttpResponse['stream'] & Parameters<Recording['watch']>[0]);
    return response;
  }

  #isRecorded(flight: Flight): boolean {
    for (const recording of this.#recordings) if (recording.flight === flight) return true;
    return flight.ended;
  }

  /** Asks again while the user has what is there; it ends with the session. */
  #revalidate(asked: Asked, entry: CacheEntry, flightKey: string): void {
    const flight = new Flight(this.#flights, flightKey);
    const { request } = asked;
    const started = callOf(request).background(
      (call) => this.#again({ ...asked, request: ofCall(request, call) }, entry, flight),
      false,
    );
    if (!started) flight.finish('failed');
  }

  *#again(asked: Asked, entry: CacheEntry, flight: Flight): Operation<void> {
    const response = yield* this.#fetch(asked, entry, flight);
    // To its end: what is not read is not kept.
    yield* response.bytes();
  }

  #serve({ request }: Asked, entry: CacheEntry, use: CacheUse): Response {
    return storedResponse(request, entry, use);
  }

  *#find(asked: Asked): Operation<CacheEntry | undefined> {
    const usable = (yield* this.#entries(asked)).filter(
      ({ partition }) => partition === PUBLIC || partition === asked.partition,
    );
    const { method } = asked.request;
    const matching = usable.filter((entry) => entry.policy.matches(policyRequest(asked.request, entry.method)));
    // What answers a GET answers a HEAD: RFC 9111, section 4.
    return matching.find((entry) => entry.method === method) ?? matching.find(() => method === 'HEAD');
  }

  /** What is there of a URL, the newest first. */
  *#entries({ key, url, policies }: Asked): Operation<CacheEntry[]> {
    const bytes = yield* this.#store.get(key);
    const stored = bytes === undefined ? [] : decodeRecord(bytes, url, policies);
    return (this.#pending.get(key)?.entries ?? []).reduce(withEntry, stored).slice(0, MOST_ENTRIES);
  }

  /** Puts an entry in the place of those that it answers for: it counts at once, and is written behind that. */
  #put(asked: Asked, entry: CacheEntry): void {
    const { key, request } = asked;
    const pending = this.#pending.get(key) ?? { entries: [], writers: 0 };
    this.#pending.set(key, pending);
    pending.entries.push({ ...entry, request: policyRequest(request, entry.method) });
    pending.writers++;
    if (!callOf(request).background(() => this.#write(asked, pending), true)) this.#written(key, pending);
  }

  *#write(asked: Asked, pending: Pending): Operation<void> {
    const { key } = asked;
    try {
      const bytes = recordOf(asked.url, yield* this.#entries(asked), this.#store.maxEntrySize);
      if (this.#pending.get(key) !== pending || bytes === undefined) return;
      yield* this.#store.set(key, bytes);
      // It was taken away while it was written.
      if (this.#pending.get(key) !== pending) yield* this.#store.delete(key);
    } finally {
      this.#written(key, pending);
    }
  }

  #written(key: string, pending: Pending): void {
    pending.writers--;
    // Whoever still writes has to know of what came before: it may have read the record earlier.
    if (pending.writers === 0 && this.#pending.get(key) === pending) this.#pending.delete(key);
  }

  *#delete(key: string): Operation<void> {
    this.#pending.delete(key);
    for (const recording of [...this.#recordings]) if (recording.key === key) recording.drop();
    yield* this.#store.delete(key);
  }

  /** A method that may change something: what was kept of its URL is not true any more. RFC 9111, section 4.4. */
  *#unsafe(request: Request, next: Next): Operation<Response> {
    const response = yield* next(request);
    if (response.status < 200 || response.status >= 400) return response;
    const changed = new Set([urlOf(request.url)]);
    for (const name of ['location', 'content-location']) {
      const url = sameOrigin(response.headers.get(name), request.url);
      if (url !== null) changed.add(urlOf(url));
    }
    for (const url of changed) yield* this.#delete(hashOf(url));
    return response;
  }
}

/** Entries with a newer one in the place of what it answers for. */
function withEntry(entries: readonly CacheEntry[], { request, ...entry }: PendingEntry): CacheEntry[] {
  const others = entries.filter(
    ({ policy, partition, method }) =>
      partition !== entry.partition || method !== entry.method || !policy.matches(request),
  );
  return [entry, ...others];
}

/** The bytes of as many entries as there is room for; undefined if there is none for the newest one. */
function recordOf(url: string, entries: readonly CacheEntry[], most: number): Uint8Array | undefined {
  for (let count = entries.length; count > 0; count--) {
    const bytes = encodeRecord(url, entries.slice(0, count));
    if (bytes.length <= most) return bytes;
  }
  return undefined;
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** What the caller asks by conditions, or in parts, is the caller's own. */
const CONDITIONAL = ['range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'];

function isCacheable({ method, headers, body }: Request): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || body !== null) return false;
  if (CONDITIONAL.some((name) => headers.has(name))) return false;
  return !/\bno-store\b/i.test(headers.get('cache-control') ?? '');
}

function isFresh({ request }: Asked, entry: CacheEntry): boolean {
  return entry.policy.verdict(policyRequest(request, entry.method)) === 'fresh';
}

function ofCall(request: Request, call: OpenCall): Request {
  const { method, url, headers, body, options, auth, cookies } = request;
  return new Request(method, url, headers, body, options, auth, cookies, call);
}

function linesOf(response: Response): (readonly [string, string])[] {
  return [...response.headers].filter(([name]) => !HOP_BY_HOP.has(name));
}

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A 304 has no body, and says nothing about the one that is kept. */
function isOfBody(name: string): boolean {
  return name === 'content-length' || name === 'content-encoding' || name === 'content-range';
}

function sameOrigin(location: string | null, base: URL): URL | null {
  if (location === null) return null;
  try {
    const url = new URL(location, base);
    return url.origin === base.origin ? url : null;
  } catch {
    return null;
  }
}

function storedResponse(request: Request, entry: CacheEntry, use: CacheUse): Response {
  const call = callOf(request);
  const lines = [...entry.lines.filter(([name]) => name !== 'age'), ['age', String(entry.policy.age)] as const];
  const bodyless = request.method === 'HEAD' || entry.status === 204;
  const head = { status: entry.status, reason: entry.reason, lines: new LineList(lines.flat()) };
  const body = new StoredBody(call, bodyless ? new Uint8Array(0) : entry.body);
  call.request = request;
  call.status = entry.status;
  call.tracer?.response(call, { request, head, body, decoder: DECODER, cache: use }, false);
  const decoder = request.options.decompress ? DECODER : null;
  return new HttpResponse(head, body, new CallContext(request, call, decoder, bodyless));
}

/** RFC 9111, section 5.2.1.7: nothing is asked, and nothing is there. */
function notCached(request: Request): Response {
  const call = callOf(request);
  const head = { status: 504, reason: 'Gateway Timeout', lines: new LineList([]) };
  call.request = request;
  call.status = 504;
  return new HttpResponse(head, new StoredBody(call, new Uint8Array(0)), new CallContext(request, call, null, false));
}
