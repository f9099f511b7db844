import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { DigestAuth } from './digest.ts';
import type { AuthFlow, AuthReply, AuthRequest } from './flow.ts';

const RFC7616 = {
  url: 'http://www.example.org/dir/index.html',
  challenge: (algorithm: string): string =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
};

function request(url = RFC7616.url, body: Uint8Array | undefined = new Uint8Array(0), method = 'GET'): AuthRequest {
  return { method, url: new URL(url), body };
}

function refused(...challenges: string[]): AuthReply {
  return {
    status: 401,
    headers: new Headers(challenges.map((value): [string, string] => ['WWW-Authenticate', value])),
  };
}

function accepted(headers: Record<string, string> = {}): AuthReply {
  return { status: 200, headers: new Headers(headers) };
}

/** Answers one challenge and gives the fields of the Authorization header. */
function answer(auth: DigestAuth, to: AuthReply, of = request()): Map<string, string> {
  const flow = auth.flow(of);
  flow.next();
  return fields(flow.next(to).value);
}

function fields(header: string | undefined | void): Map<string, string> {
  if (typeof header !== 'string') throw new Error('there is no header');
  expect(header).toMatch(/^Digest /);
  const found = new Map<string, string>();
  for (const [, name, quoted, bare] of header.slice(7).matchAll(/([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^,]*))/g)) {
    found.set(name as string, quoted ?? (bare as string));
  }
  return found;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

describe('DigestAuth', () => {
  test('gives the answers of RFC 7616, section 3.9.1', () => {
    const auth = new DigestAuth('Mufasa', 'Circle of Life', { cnonce: () => RFC7616.cnonce });
    const sha256 = answer(auth, refused(RFC7616.challenge('SHA-256'), RFC7616.challenge('MD5')));
    expect(sha256.get('response')).toBe('753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
    expect(sha256.get('algorithm')).toBe('SHA-256');
    expect(sha256.get('nc')).toBe('00000001');
    expect(sha256.get('opaque')).toBe('FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS');
    const other = new DigestAuth('Mufasa', 'Circle of Life', { cnonce: () => RFC7616.cnonce });
    expect(answer(other, refused(RFC7616.challenge('MD5'))).get('response')).toBe('8ca523f5e9506fed4657c9700eebdbec');
  });

  // The value printed in the RFC is that of a cut SHA-512; erratum 4897 has this one.
  test('hashes a user name where the server asks for it, as in section 3.9.2', () => {
    const auth = new DigestAuth('J\u00e4s\u00f8n Doe', 'Secret, or not?');
    const header = answer(
      auth,
      refused(
        'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQ", charset=UTF-8, userhash=true',
      ),
    );
    expect(header.get('username')).toBe('793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b');
    expect(header.get('userhash')).toBe('true');
  });

  test('sends a user name beyond ASCII in the extended form', () => {
    const auth = new DigestAuth("J\u00e4s'n", 'x');
    expect(answer(auth, refused('Digest realm="r", nonce="n", qop="auth"')).get('username*')).toBe(
      "UTF-8''J%C3%A4s%27n",
    );
  });

  test('answers the strongest challenge it knows, and leaves other schemes and algorithms alone', () => {
    const auth = new DigestAuth('u', 'p');
    const header = answer(
      auth,
      refused(
        'Basic realm="r", Digest realm="r", nonce="a", qop="auth"',
        'Digest realm="r", nonce="b", qop="auth", algorithm=SHA-256',
        'Digest realm="r", nonce="c", algorithm=SHA3-512',
      ),
    );
    expect(header.get('nonce')).toBe('b');
    const flow = new DigestAuth('u', 'p').flow(request());
    flow.next();
    expect(flow.next(refused('Basic realm="r"', 'Digest realm="r", nonce="c", algorithm=SHA3-512')).done).toBe(true);
  });

  test('answers a server without qop as RFC 2069 does', () => {
    const header = answer(new DigestAuth('u', 'p'), refused('Digest realm="r", nonce="n"'), request('http://h/x?y=1'));
    expect(header.get('response')).toBe(md5(`${md5('u:r:p')}:n:${md5('GET:/x?y=1')}`));
    expect(header.has('cnonce')).toBe(false);
    expect(header.has('algorithm')).toBe(false);
  });

  test('binds a session key to both nonces under -sess', () => {
    const auth = new DigestAuth('u', 'p', { cnonce: () => 'C' });
    const header = answer(
      auth,
      refused('Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess'),
      request('http://h/'),
    );
    const a1 = md5(`${md5('u:r:p')}:n:C`);
    expect(header.get('response')).toBe(md5(`${a1}:n:00000001:C:auth:${md5('GET:/')}`));
  });

  test('signs the body under auth-int, and cannot do so for a stream', () => {
    const challenge = refused('Digest realm="r", nonce="n", qop="auth-int"');
    const body = new TextEncoder().encode('hello');
    const header = answer(
      new DigestAuth('u', 'p', { cnonce: () => 'C' }),
      challenge,
      request('http://h/', body, 'POST'),
    );
    expect(header.get('qop')).toBe('auth-int');
    expect(header.get('response')).toBe(md5(`${md5('u:r:p')}:n:00000001:C:auth-int:${md5(`POST:/:${md5('hello')}`)}`));
    const flow = new DigestAuth('u', 'p').flow({ method: 'POST', url: new URL('http://h/'), body: undefined });
    flow.next();
    expect(flow.next(challenge).done).toBe(true);
  });

  test('remembers the challenge of an origin and counts its uses', () => {
    const auth = new DigestAuth('u', 'p');
    const first = auth.flow(request('http://h/1'));
    expect(first.next().value).toBeUndefined();
    expect(fields(first.next(refused('Digest realm="r", nonce="n", qop="auth"')).value).get('nc')).toBe('00000001');
    expect(first.next(accepted()).done).toBe(true);
    expect(fields(auth.flow(request('http://h/2')).next().value).get('nc')).toBe('00000002');
    expect(fields(auth.flow(request('http://h/3')).next().value).get('nc')).toBe('00000003');
    expect(auth.flow(request('http://other/')).next().value).toBeUndefined();
    expect(auth.flow(request('http://h:81/')).next().value).toBeUndefined();
  });

  test('starts over with a new nonce when the old one is stale', () => {
    const auth = new DigestAuth('u', 'p');
    const flow = auth.flow(request());
    flow.next();
    flow.next(refused('Digest realm="r", nonce="old", qop="auth"'));
    const again = fields(flow.next(refused('Digest realm="r", nonce="new", qop="auth", stale=TRUE')).value);
    expect([again.get('nonce'), again.get('nc')]).toEqual(['new', '00000001']);
    expect(flow.next(accepted()).done).toBe(true);
  });

  test('gives up when the credentials are refused', () => {
    const flow = new DigestAuth('u', 'wrong').flow(request());
    flow.next();
    flow.next(refused('Digest realm="r", nonce="n", qop="auth"'));
    expect(flow.next(refused('Digest realm="r", nonce="n2", qop="auth"')).done).toBe(true);
  });

  test('gives up on a server that calls every nonce stale', () => {
    const flow = new DigestAuth('u', 'p').flow(request());
    let step = flow.next();
    let sent = 0;
    while (!step.done && sent < 100) {
      sent++;
      step = flow.next(refused(`Digest realm="r", nonce="n${sent}", qop="auth", stale=true`));
    }
    expect(sent).toBeLessThanOrEqual(4);
  });

  test('tries again when another request renewed the challenge meanwhile', () => {
    const auth = new DigestAuth('u', 'p');
    const prime = (flow: AuthFlow, nonce: string): void => {
      flow.next();
      flow.next(refused(`Digest realm="r", nonce="${nonce}", qop="auth", stale=true`));
      flow.next(accepted());
    };
    prime(auth.flow(request()), 'one');
    const slow = auth.flow(request());
    expect(fields(slow.next().value).get('nonce')).toBe('one');
    prime(auth.flow(request()), 'two');
    expect(fields(slow.next(refused('Digest realm="r", nonce="two", qop="auth"')).value).get('nonce')).toBe('two');
  });

  test('uses the nonce that the server names for the next request', () => {
    const auth = new DigestAuth('u', 'p');
    const flow = auth.flow(request());
    flow.next();
    flow.next(refused('Digest realm="r", nonce="n", qop="auth"'));
    flow.next(accepted({ 'authentication-info': 'nextnonce="after", qop=auth' }));
    expect(fields(auth.flow(request()).next().value).get('nonce')).toBe('after');
  });

  test('escapes what it gives back, and ignores challenges with control characters', () => {
    const header = answer(new DigestAuth('a"b\\', 'p'), refused('Digest realm="say \\"hi\\"", nonce="n", qop="auth"'));
    expect(header.get('username')).toBe('a\\"b\\\\');
    expect(header.get('realm')).toBe('say \\"hi\\"');
    const flow = new DigestAuth('u', 'p').flow(request());
    flow.next();
    expect(flow.next(refused('Digest realm="a\tb", nonce="n"')).done).toBe(true);
  });

  test('uses a fresh nonce of its own for every request', () => {
    const auth = new DigestAuth('u', 'p');
    answer(auth, refused('Digest realm="r", nonce="n", qop="auth"'));
    const nonces = [1, 2, 3].map(() => fields(auth.flow(request()).next().value).get('cnonce'));
    expect(new Set(nonces).size).toBe(3);
    expect(nonces[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  test('refuses control characters, and does not show its password when it is printed', () => {
    expect(() => new DigestAuth('a\n', 'p')).toThrow(/control character/);
    expect(inspect(new DigestAuth('u', 'hidden-word'), { depth: 9, showHidden: true })).not.toContain('hidden-word');
  });
});
