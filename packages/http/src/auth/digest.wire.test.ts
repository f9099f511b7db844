import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gather, type Operation, run } from '@coloop/core';
import { serve } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { Session } from '../node/session.ts';
import type { RequestOptions } from '../request/options.ts';
import { DigestAuth } from './digest.ts';

interface Rules {
  readonly algorithm: 'MD5' | 'SHA-256' | 'MD5-sess' | 'SHA-256-sess';
  readonly qop: 'auth' | 'auth-int' | undefined;
  /** After how many uses a nonce is stale. */
  readonly uses?: number;
}

/** A server that checks digests by the book: every count once, every hash recomputed. */
async function digestServer(rules: Rules): Promise<{ url: string; log: string[] }> {
  const nonces = new Map<string, Set<string>>();
  const log: string[] = [];
  const running = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => judge(request, response, body));
  });
  const challenge = (response: ServerResponse, stale: boolean): void => {
    const nonce = randomBytes(8).toString('base64');
    nonces.set(nonce, new Set());
    const qop = rules.qop === undefined ? '' : `, qop="${rules.qop}"`;
    response.setHeader('WWW-Authenticate', [
      'Basic realm="no"',
      `Digest realm="r \\"q\\"", nonce="${nonce}", opaque="o", algorithm=${rules.algorithm}${qop}${stale ? ', stale=true' : ''}`,
    ]);
    log.push(stale ? 'stale' : 'challenged');
    response.writeHead(401).end('no');
  };
  function judge(request: IncomingMessage, response: ServerResponse, body: string): void {
    const given = new Map<string, string>();
    for (const [, name, quoted, bare] of (request.headers.authorization ?? '').matchAll(
      /(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g,
    )) {
      given.set(name as string, quoted?.replace(/\\(.)/g, '$1') ?? (bare as string));
    }
    const seen = nonces.get(given.get('nonce') ?? '');
    if (seen === undefined || seen.size >= (rules.uses ?? Number.POSITIVE_INFINITY)) {
      challenge(response, seen !== undefined);
      return;
    }
    const count = given.get('nc') ?? String(seen.size);
    const right = given.get('response') === expected(given, request, body, rules) && given.get('uri') === request.url;
    if (!right || seen.has(count)) {
      challenge(response, false);
      return;
    }
    seen.add(count);
    log.push(`accepted ${given.get('nc')}`);
    response.end(`hello ${body}`);
  }
  return { url: running.url, log };
}

function expected(
  given: Map<string, string>,
  request: IncomingMessage,
  body: string,
  { algorithm, qop }: Rules,
): string {
  const hash = (text: string): string =>
    createHash(algorithm.startsWith('MD5') ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const [nonce, cnonce] = [given.get('nonce'), given.get('cnonce')];
  let a1 = hash(`Mufasa:r "q":Circle of Life`);
  if (algorithm.endsWith('-sess')) a1 = hash(`${a1}:${nonce}:${cnonce}`);
  const a2 = hash(`${request.method}:${request.url}${qop === 'auth-int' ? `:${hash(body)}` : ''}`);
  return hash(qop === undefined ? `${a1}:${nonce}:${a2}` : `${a1}:${nonce}:${given.get('nc')}:${cnonce}:${qop}:${a2}`);
}

function* post(session: Session, url: string, options: RequestOptions): Operation<string> {
  const response = yield* session.post(url, options);
  return `${response.status} ${yield* response.text()}`;
}

const mufasa = (): DigestAuth => new DigestAuth('Mufasa', 'Circle of Life');

describe('DigestAuth against a server', () => {
  test.each([
    { algorithm: 'MD5', qop: 'auth' },
    { algorithm: 'SHA-256', qop: 'auth' },
    { algorithm: 'MD5-sess', qop: 'auth' },
    { algorithm: 'SHA-256-sess', qop: 'auth-int' },
    { algorithm: 'SHA-256', qop: 'auth-int' },
    { algorithm: 'MD5', qop: undefined },
  ] as Rules[])('is let in with $algorithm and qop $qop, asked once', async (rules) => {
    const { url, log } = await digestServer(rules);
    await run(function* () {
      const session = yield* Session.open({ auth: mufasa() });
      for (const path of ['/a?x=1', '/b%20c'])
        expect(yield* post(session, url + path, { body: 'body' })).toBe('200 hello body');
    });
    expect(log.filter((line) => line === 'challenged')).toHaveLength(1);
  });

  test('starts over when its nonce has become stale', async () => {
    const { url, log } = await digestServer({ algorithm: 'SHA-256', qop: 'auth', uses: 2 });
    await run(function* () {
      const session = yield* Session.open({ auth: mufasa() });
      for (let i = 0; i < 4; i++) expect(yield* post(session, url, { body: `${i}` })).toBe(`200 hello ${i}`);
    });
    expect(log).toEqual([
      'challenged',
      'accepted 00000001',
      'accepted 00000002',
      'stale',
      'accepted 00000001',
      'accepted 00000002',
    ]);
  });

  test('never uses a count twice, however many requests run at once', async () => {
    const { url, log } = await digestServer({ algorithm: 'MD5', qop: 'auth' });
    await run(function* () {
      const session = yield* Session.open({ auth: mufasa() });
      yield* post(session, url, { body: '' });
      const all = yield* gather(Array.from({ length: 20 }, (_, i) => post(session, url, { body: `${i}` })));
      expect(new Set(all).size).toBe(20);
    });
    expect(log.filter((line) => line === 'challenged')).toHaveLength(1);
  });

  test('gives the refusal when the password is wrong, after one try', async () => {
    const { url, log } = await digestServer({ algorithm: 'MD5', qop: 'auth' });
    await run(function* () {
      const session = yield* Session.open({ auth: new DigestAuth('Mufasa', 'wrong') });
      expect(yield* post(session, url, { body: 'x' })).toBe('401 no');
    });
    expect(log).toEqual(['challenged', 'challenged']);
  });
});

/** A server that challenges every request of a connection with the same nonces, and refuses a count that it has seen. */
async function strictServer(
  challengeWith: (asked: number) => string,
  realm = 'r',
): Promise<{ url: string; uses: string[] }> {
  const uses: string[] = [];
  let asked = 0;
  const { url } = await serve((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? '', 'latin1').toString('utf8');
    const value = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`).exec(given)?.[1] ?? '';
    const hash = (text: string): string => createHash('md5').update(text).digest('hex');
    const nonce = value('nonce');
    const use = `${nonce} ${value('nc')}`;
    const expectedHash = hash(
      `${hash(`user:${realm}:pw`)}:${nonce}:${value('nc')}:${value('cnonce')}:auth:${hash(`GET:${request.url}`)}`,
    );
    if (given !== '' && value('realm') === realm && value('response') === expectedHash && !uses.includes(use)) {
      uses.push(use);
      response.end('ok');
      return;
    }
    asked += 1;
    const challenge = `Digest realm="${realm}", nonce="${challengeWith(asked)}", qop="auth"`;
    response.writeHead(401, { 'WWW-Authenticate': Buffer.from(challenge).toString('latin1') }).end();
  });
  return { url, uses };
}

function* askTogether(url: string, count: number): Operation<number[]> {
  const session = yield* Session.open({ auth: new DigestAuth('user', 'pw') });
  const ask = function* (): Operation<number> {
    const response = yield* session.get(url);
    yield* response.bytes();
    return response.status;
  };
  const together = yield* gather(Array.from({ length: count }, ask));
  return [...together, yield* ask(), yield* ask()];
}

describe('a nonce is counted once', () => {
  test.each([
    ['one nonce for all', () => 'n'],
    ['two nonces in turn, as of two servers behind one name', (asked: number) => `n${asked % 2}`],
    ['a nonce of its own for each', (asked: number) => `n${asked}`],
  ])('by requests that begin together: %s', async (_, nonces) => {
    const { url, uses } = await strictServer(nonces);
    expect(await run(askTogether(url, 6))).toEqual(Array(8).fill(200));
    expect(new Set(uses).size).toBe(8);
  });

  test('by counts from 1 on, without a gap', async () => {
    const { url, uses } = await strictServer(() => 'n');
    await run(askTogether(url, 6));
    expect([...uses].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((count) => `n ${String(count).padStart(8, '0')}`));
  });
});

test.each(['Zürich', '日本', 'é'])('a realm in UTF-8 is hashed and sent as it came: %s', async (realm) => {
  const { url } = await strictServer(() => 'n', realm);
  expect(await run(askTogether(url, 1))).toEqual([200, 200, 200]);
});
