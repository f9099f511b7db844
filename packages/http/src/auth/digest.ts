/* Digest authentication: a challenge is answered with a hash, and remembered for its origin. */
import { createHash } from 'node:crypto';
import type { Operation } from '@coloop/core';
import { defaultScheduler } from '@coloop/core/lowlevel';
import { own } from '../checks.ts';
import { InvalidOptionError } from '../errors.ts';
import type { Auth, Next, Request } from '../request/request.ts';
import type { Response } from '../response/response.ts';
import { type Challenge, parseChallenges } from './challenges.ts';
import { type AuthFlow, type AuthReply, type AuthRequest, applyFlow, authRequest } from './flow.ts';

/** For tests; everyone else needs a nonce that nobody foresees. */
export interface DigestAuthOptions {
  /** Makes the client's nonce of each request; by default 128 bits of the scheduler's entropy. */
  readonly cnonce?: () => string;
}

/**
 * Answers a server's challenge with a hash, so that the password itself is never sent.
 *
 * Knows MD5, SHA-256 and SHA-512-256, each also as `-sess`, with qop `auth` and `auth-int`; of several challenges the
 * strongest is answered. The challenge of an origin is remembered, so later requests to it need no second round trip.
 *
 * @param user - may hold any character but control characters
 * @param password - likewise
 * @throws InvalidOptionError for a control character
 * @example
 * ```ts no-run
 * const response = yield* session.get(url, { auth: new DigestAuth('Mufasa', 'Circle of Life') });
 * ```
 *
 * Source: RFC 7616; answers without qop as in RFC 2069.
 */
export class DigestAuth implements Auth {
  readonly user: string;
  readonly #password: string;
  readonly #cnonce: () => string;
  readonly #spaces = new Map<string, ProtectionSpace>();
  readonly #counts = new NonceCounts();

  constructor(user: string, password: string, options: DigestAuthOptions = {}) {
    if (typeof user !== 'string' || typeof password !== 'string') {
      throw new InvalidOptionError('The user name or the password of DigestAuth is not text: give both as strings.');
    }
    if (CONTROL.test(user) || CONTROL.test(password)) {
      throw new InvalidOptionError('The user name or the password of DigestAuth has a control character: remove it.');
    }
    this.user = user;
    this.#password = password;
    this.#cnonce = own(options, 'cnonce') ?? freshCnonce;
  }

  apply(request: Request, next: Next): Operation<Response> {
    return applyFlow(this.flow(authRequest(request)), request, next);
  }

  /** The scheme itself, without I/O. */
  *flow(request: AuthRequest): AuthFlow {
    const origin = request.url.origin;
    let space = this.#spaces.get(origin);
    let answered = space?.usableFor(request) ? space.challenge.nonce : undefined;
    let reply = yield answered === undefined ? undefined : this.#answer(space as ProtectionSpace, request);
    // Three more rounds at most: a known nonce may be stale, and so may its successor; a server that always says
    // "stale" ends here.
    for (let round = 0; round < 3; round++) {
      if (reply.status !== 401) break;
      const challenge = chooseChallenge(reply, request);
      if (challenge === undefined) return;
      if (answered !== undefined && !challenge.stale && !this.#changed(origin, answered, challenge)) return;
      space = new ProtectionSpace(challenge);
      this.#remember(origin, space);
      answered = challenge.nonce;
      reply = yield this.#answer(space, request);
    }
    this.#takeNextNonce(origin, reply);
  }

  // Another request may have renewed the challenge while this one was under way: then the refusal speaks of the old
  // nonce.
  #changed(origin: string, answered: string, challenge: DigestChallenge): boolean {
    const known = this.#spaces.get(origin)?.challenge;
    return known !== undefined && known.nonce !== answered && challenge.realm === known.realm;
  }

  #remember(origin: string, space: ProtectionSpace): void {
    this.#spaces.delete(origin);
    this.#spaces.set(origin, space);
    if (this.#spaces.size > MAX_SPACES) {
      const oldest = this.#spaces.keys().next();
      if (!oldest.done) this.#spaces.delete(oldest.value);
    }
  }

  // RFC 7616, section 3.5: the server may name the nonce of the next request.
  #takeNextNonce(origin: string, reply: AuthReply): void {
    const info = reply.headers.get('authentication-info');
    const space = this.#spaces.get(origin);
    if (info === null || space === undefined) return;
    const next = parseChallenges(`info ${info}`)[0]?.params.get('nextnonce');
    if (next === undefined || UNSENDABLE.test(next)) return;
    this.#remember(origin, new ProtectionSpace({ ...space.challenge, nonce: next }));
  }

  #answer(space: ProtectionSpace, request: AuthRequest): string {
    const { challenge } = space;
    const uri = request.url.pathname + request.url.search;
    const cnonce = this.#cnonce();
    const nc = this.#counts.next(request.url.origin, challenge.nonce);
    const qop = chooseQop(challenge, request);
    const hash = (...parts: readonly (string | Uint8Array)[]): string => {
      const digest = createHash(challenge.algorithm.hash);
      for (const part of parts) digest.update(part);
      return digest.digest('hex');
    };
    const realm = bytesOf(challenge.realm);
    let a1 = hash(`${this.user}:`, realm, `:${this.#password}`);
    const nonce = bytesOf(challenge.nonce);
    if (challenge.algorithm.session) a1 = hash(`${a1}:`, nonce, `:${cnonce}`);
    const a2 =
      qop === 'auth-int'
        ? hash(`${request.method}:${uri}:${hash(request.body ?? NO_BYTES)}`)
        : hash(`${request.method}:${uri}`);
    const response = hash(`${a1}:`, nonce, qop === undefined ? `:${a2}` : `:${nc}:${cnonce}:${qop}:${a2}`);
    const parts = [
      challenge.userhash ? `username="${hash(`${this.user}:`, realm)}"` : this.#username(),
      `realm=${quote(challenge.realm)}`,
      `nonce=${quote(challenge.nonce)}`,
      `uri=${quote(uri)}`,
    ];
    if (challenge.algorithm.given) parts.push(`algorithm=${challenge.algorithm.name}`);
    parts.push(`response="${response}"`);
    if (challenge.opaque !== undefined) parts.push(`opaque=${quote(challenge.opaque)}`);
    if (qop !== undefined) parts.push(`qop=${qop}`, `nc=${nc}`);
    if (qop !== undefined || challenge.algorithm.session) parts.push(`cnonce="${cnonce}"`);
    if (challenge.userhash) parts.push('userhash=true');
    return `Digest ${parts.join(', ')}`;
  }

  #username(): string {
    // A quoted string holds no other characters on the wire; RFC 7616, section 3.4, takes the form of RFC 8187 for
    // them.
    if (NON_ASCII.test(this.user)) return `username*=UTF-8''${percentEncode(this.user)}`;
    return `username=${quote(this.user)}`;
  }
}

interface Algorithm {
  readonly name: string;
  readonly hash: string;
  readonly session: boolean;
  readonly strength: number;
  /** Whether the server named it; an old one may stumble over a name that it did not give. */
  readonly given: boolean;
}

interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly stale: boolean;
  readonly algorithm: Algorithm;
  /** Empty: the server gave no qop, as in RFC 2069. */
  readonly qops: readonly string[];
  readonly userhash: boolean;
}

/** What one origin asked for. */
class ProtectionSpace {
  readonly challenge: DigestChallenge;

  constructor(challenge: DigestChallenge) {
    this.challenge = challenge;
  }

  usableFor(request: AuthRequest): boolean {
    return this.challenge.qops.length === 0 || chooseQop(this.challenge, request) !== undefined;
  }
}

/**
 * How often each nonce was used. Requests that begin together are all challenged, mostly with the same nonce, and a server may
 * come back to an earlier one; a count that it has seen is a replay to it.
 */
class NonceCounts {
  readonly #counts = new Map<string, number>();

  /** Counts one use, in the form in which it is sent. */
  next(origin: string, nonce: string): string {
    const key = `${origin} ${nonce}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.delete(key);
    this.#counts.set(key, count);
    const oldest = this.#counts.size > MAX_NONCES ? this.#counts.keys().next().value : undefined;
    if (oldest !== undefined) this.#counts.delete(oldest);
    return count.toString(16).padStart(8, '0');
  }
}

/** The strongest challenge that can be answered; the first of equals, as the server prefers it. */
function chooseChallenge(reply: AuthReply, request: AuthRequest): DigestChallenge | undefined {
  let best: DigestChallenge | undefined;
  for (const challenge of parseChallenges(reply.headers.get('www-authenticate') ?? '')) {
    const digest = readDigest(challenge);
    if (digest === undefined) continue;
    if (digest.qops.length > 0 && chooseQop(digest, request) === undefined) continue;
    if (best === undefined || digest.algorithm.strength > best.algorithm.strength) best = digest;
  }
  return best;
}

function readDigest({ scheme, params }: Challenge): DigestChallenge | undefined {
  if (scheme !== 'digest') return undefined;
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  if (realm === undefined || nonce === undefined) return undefined;
  const opaque = params.get('opaque');
  // All three go back into a header.
  if (UNSENDABLE.test(realm) || UNSENDABLE.test(nonce) || UNSENDABLE.test(opaque ?? '')) return undefined;
  const named = params.get('algorithm');
  const algorithm = ALGORITHMS.get((named ?? 'md5').toLowerCase());
  if (algorithm === undefined) return undefined;
  return {
    realm,
    nonce,
    opaque,
    stale: params.get('stale')?.toLowerCase() === 'true',
    algorithm: named === undefined ? { ...algorithm, given: false } : algorithm,
    qops: params.has('qop') ? listOf(params.get('qop') ?? '') : [],
    userhash: params.get('userhash')?.toLowerCase() === 'true',
  };
}

function listOf(value: string): string[] {
  const items = value.split(',').map((item) => item.trim().toLowerCase());
  // A qop without a known word is kept, so that it is refused instead of taken for a missing one.
  return items.length === 0 ? [''] : items;
}

function chooseQop(challenge: DigestChallenge, request: AuthRequest): 'auth' | 'auth-int' | undefined {
  if (challenge.qops.includes('auth')) return 'auth';
  return challenge.qops.includes('auth-int') && request.body !== undefined ? 'auth-int' : undefined;
}

const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map(
  [
    { name: 'MD5', hash: 'md5', strength: 1 },
    { name: 'SHA-256', hash: 'sha256', strength: 2 },
    { name: 'SHA-512-256', hash: 'sha512-256', strength: 3 },
  ].flatMap(({ name, hash, strength }): [string, Algorithm][] => [
    [name.toLowerCase(), { name, hash, strength, session: false, given: true }],
    [`${name.toLowerCase()}-sess`, { name: `${name}-sess`, hash, strength, session: true, given: true }],
  ]),
);

const CONTROL = /\p{Cc}/u;
/** What no header carries; above it every byte is of some character. */
const UNSENDABLE = /[^\x20-\x7e\x80-\uffff]/;
const NON_ASCII = /[^ -~]/;
const NO_BYTES = new Uint8Array(0);
// A session that meets more origins than this forgets the oldest and asks it again.
const MAX_SPACES = 256;
const MAX_NONCES = 1_024;

// A header comes with one character per byte, and its bytes are what the server hashes, UTF-8 or not.
function bytesOf(header: string): Uint8Array {
  return Buffer.from(header, /^[\0-\xff]*$/.test(header) ? 'latin1' : 'utf8');
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function freshCnonce(): string {
  return Buffer.from(defaultScheduler().entropy(new Uint8Array(16))).toString('hex');
}
