import { attempt, type Operation, sleep, spawn, tick } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import { CookieJar } from '../cookies/jar.ts';
import { InvalidOptionError, SessionClosedError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import type { Middleware } from '../request/request.ts';
import { type SimulatedNetwork, simulate } from '../testing/index.ts';

/** What the server got, by the names of headers. */
type Seen = Record<string, string>;

function echo(net: SimulatedNetwork, origin: string): void {
  net.serve(origin, (request) => ({
    json: { ...Object.fromEntries(request.headers), url: `${origin}${request.target}` },
    headers: { 'Set-Cookie': 'from=server' },
  }));
}

/** A session with a bit of everything, and what a request by what it was extended to has sent. */
function extended(extend: (session: Session) => Session, options: SessionOptions = {}, url = ''): Promise<Seen> {
  return simulate(function* (net): Operation<Seen> {
    echo(net, 'http://api.test');
    echo(net, 'http://other.test');
    const session = yield* Session.open({
      baseUrl: 'http://api.test/v1/',
      headers: { 'X-Session': 's', 'X-Both': 'session', 'User-Agent': 'agent' },
      params: { a: 1 },
      auth: new BasicAuth('user', 'secret'),
      cookies: { c: '1' },
      ...options,
    });
    return yield* extend(session).get(url).json<Seen>();
  });
}

describe('session.extend', () => {
  test('lays its options over those of its session', async () => {
    const seen = await extended((session) =>
      session.extend({ headers: { 'X-Both': 'extended', 'X-Own': 'o' }, params: { b: 2 }, cookies: { d: '2' } }),
    );
    expect(seen).toMatchObject({
      url: 'http://api.test/v1/?a=1&b=2',
      'x-session': 's',
      'x-both': 'extended',
      'x-own': 'o',
      'user-agent': 'agent',
      cookie: 'c=1; d=2',
      authorization: new BasicAuth('user', 'secret').authorization,
    });
  });

  test('takes a header away with null, and an Accept-Encoding with decompress: false', async () => {
    const seen = await extended((session) =>
      session.extend({ headers: { 'X-Session': null } }).extend({ decompress: false, auth: null }),
    );
    expect(Object.keys(seen)).not.toContain('x-session');
    expect(Object.keys(seen)).not.toContain('accept-encoding');
    expect(Object.keys(seen)).not.toContain('authorization');
  });

  test('a relative base stands on that of its session, and keeps its credentials', async () => {
    const seen = await extended((session) => session.extend({ baseUrl: 'users/' }).extend({ baseUrl: '7/' }), {}, 'x');
    expect(seen).toMatchObject({ url: 'http://api.test/v1/users/7/x?a=1', 'x-session': 's' });
    expect(seen.authorization).toBeDefined();
  });

  test('a base of another origin loses what a redirect loses', async () => {
    const options = { forwardHeaders: ['x-both'] };
    const seen = await extended((session) => session.extend({ baseUrl: 'http://other.test/' }), options);
    expect(seen).toMatchObject({ url: 'http://other.test/', 'x-both': 'session', 'user-agent': 'agent' });
    for (const name of ['x-session', 'authorization', 'cookie']) expect(Object.keys(seen)).not.toContain(name);
    await expect(
      extended((session) => session.extend({ baseUrl: 'http://other.test/' }), { allowOtherOrigins: false }),
    ).rejects.toThrow("leaves the session's base http://api.test");
  });

  test('credentials of a session without a base go along to the base that is given', async () => {
    const seen = await simulate(function* (net): Operation<Seen> {
      echo(net, 'http://api.test');
      const session = yield* Session.open({ headers: { 'X-Key': 'k' } });
      return yield* session.extend({ baseUrl: 'http://api.test' }).get('/').json<Seen>();
    });
    expect(seen).toMatchObject({ 'x-key': 'k' });
  });

  test('puts its middleware behind that of its session, and that of a request behind both', async () => {
    const order: string[] = [];
    const step =
      (name: string): Middleware =>
      (request, next) => {
        order.push(name);
        return next(request);
      };
    await simulate(function* (net) {
      net.serve('http://api.test', () => 'ok');
      const session = yield* Session.open({ baseUrl: 'http://api.test', middleware: [step('session')] });
      const own = session.extend({ middleware: [step('extended')] });
      yield* own.get('/', { middleware: [step('request')] }).text();
      yield* session.get('/').text();
    });
    expect(order).toEqual(['session', 'extended', 'request', 'session']);
  });

  test('shares pool, jar and trace, with one number for each call', () =>
    simulate(function* (net) {
      echo(net, 'http://api.test');
      const cookieJar = new CookieJar();
      const session = yield* Session.open({ baseUrl: 'http://api.test', cookieJar });
      const own = session.extend();
      const ids = new Set<number>();
      session.trace.on('response', ({ id }) => ids.add(id));
      yield* own.get('/').text();
      yield* session.get('/').text();
      expect(ids.size).toBe(2);
      expect(own.cookieJar).toBe(cookieJar);
      expect(own.pool).toBe(session.pool);
      expect(cookieJar.get('http://api.test/')).toBe('from=server');
    }));

  test('ends its own requests when it is closed, and its session and siblings go on', () =>
    simulate(function* (net) {
      net.serve('http://api.test', function* (request) {
        if (request.target.endsWith('/slow')) yield* sleep(50);
        return 'ok';
      });
      const session = yield* Session.open({ baseUrl: 'http://api.test' });
      const own = session.extend();
      const ended = spawn(attempt(own.extend().get('/slow')));
      const kept = spawn(session.get('/slow').text());
      yield* tick();
      yield* own.close();
      expect(yield* ended).toMatchObject({ ok: false, error: { name: 'SessionClosedError' } });
      expect(yield* kept).toBe('ok');
      expect(yield* attempt(own.get('/'))).toMatchObject({ ok: false, error: { name: 'SessionClosedError' } });
      expect([own.closed, session.closed]).toEqual([true, false]);
    }));

  test('ends with its session, which waits for it', () =>
    simulate(function* (net) {
      net.serve('http://api.test', () => 'ok');
      const session = yield* Session.open({ baseUrl: 'http://api.test' });
      const own = session.extend().extend();
      const response = yield* own.get('/');
      yield* session.close();
      expect(own.closed).toBe(true);
      expect(response.released).toBe(true);
      const after = yield* attempt(own.get('/'));
      expect(!after.ok && after.error).toBeInstanceOf(SessionClosedError);
    }));

  test('refuses what belongs to the session alone, and bodies', () =>
    simulate(function* () {
      const session = yield* Session.open();
      const given = (options: object) => () => session.extend(options);
      expect(given({ pool: {} })).toThrow("session.extend has no option 'pool'");
      expect(given({ json: 1 })).toThrow("session.extend has no option 'json'");
      expect(given({ header: {} })).toThrow("Did you mean 'headers'?");
      expect(given({ middleware: 5 })).toThrow(InvalidOptionError);
    }));
});

describe('the middleware of a request', () => {
  test('may answer by itself, and is refused where nothing goes through it', () =>
    simulate(function* (net) {
      net.serve('http://api.test', () => 'ok');
      const session = yield* Session.open({ baseUrl: 'http://api.test' });
      const twice: Middleware = function* (request, next) {
        const first = yield* next(request);
        yield* first.release();
        return yield* next(request.with({ url: new URL('/again', request.url) }));
      };
      const response = yield* session.get('/', { middleware: [twice] });
      expect(response.url).toBe('http://api.test/again');
      yield* response.release();
      const wrong = yield* attempt(session.get('/', { middleware: [5 as never] }));
      expect(wrong).toMatchObject({ error: { message: expect.stringContaining('give a list of functions') } });
      const socket = yield* attempt(session.ws('/', { middleware: [] } as object));
      expect(socket).toMatchObject({
        error: { message: expect.stringContaining("session.ws has no option 'middleware'") },
      });
    }));
});
