import { attempt, forEach, moveOnAfter, type Operation, type Source, sleep, stream } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import type { ClientError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import type { Response } from '../response/response.ts';
import { type ServerRequest, type SimulatedNetwork, simulate } from '../testing/index.ts';
import { linkOf } from './links.ts';
import { type PaginateOptions, paginate } from './paginate.ts';

/** Pages of a server: at each target, the value of its Link header. */
function serve(
  net: SimulatedNetwork,
  origin: string,
  links: Readonly<Record<string, string>>,
  seen: string[] = [],
): void {
  net.serve(origin, (request: ServerRequest) => {
    const names = ['authorization', 'cookie', 'x-key', 'accept'].filter((name) => request.headers.has(name));
    seen.push(`${origin}${request.target} ${names.join(' ')}`);
    const link = links[request.target];
    return { body: request.target, headers: link === undefined ? {} : { Link: link } };
  });
}

function* textsOf(pages: Source<Response>): Operation<string[]> {
  const texts: string[] = [];
  yield* forEach(pages, function* (page) {
    texts.push(yield* page.text());
  });
  return texts;
}

const THREE = {
  '/?page=1': '</?page=2>; rel="next", </?page=3>; rel="last"',
  '/?page=2': '</>; rel="first prev", <http://api.test/?page=3#end>; rel=NEXT',
};

describe('paginate', () => {
  test('follows the Link header, and asks for a page when it is wanted', () =>
    simulate(function* (net) {
      const seen: string[] = [];
      serve(net, 'http://api.test', THREE, seen);
      const session = yield* Session.open({ baseUrl: 'http://api.test', params: { page: 1 } });
      const pages = paginate(session, '/');
      expect(seen).toEqual([]);
      const first = yield* pages.next();
      yield* sleep(1_000);
      expect(seen).toHaveLength(1);
      expect(!first.done && (yield* first.value.text())).toBe('/?page=1');
      expect(yield* textsOf(pages)).toEqual(['/?page=2', '/?page=3']);
      expect(yield* pages.next()).toEqual({ done: true, value: undefined });
    }));

  test('asks `next`, which may read the body and wait', () =>
    simulate(function* (net) {
      net.serve('http://api.test', ({ target }) => ({
        json: { after: target === '/3' ? null : `/${+target.slice(1) + 1}` },
      }));
      const session = yield* Session.open();
      function* next(response: Response): Operation<string | null> {
        yield* sleep(5);
        return (yield* response.json<{ after: string | null }>()).after;
      }
      const pages = stream(paginate(session, 'http://api.test/1', { next })).map((page) => page.json());
      expect(yield* pages.collect()).toEqual([{ after: '/2' }, { after: '/3' }, { after: null }]);
    }));

  test('another origin, and what comes after it, loses what a redirect loses', () =>
    simulate(function* (net) {
      const seen: string[] = [];
      serve(net, 'http://api.test', { '/1': '</2>; rel=next', '/2': '<http://other.test/3>; rel=next' }, seen);
      serve(net, 'http://other.test', { '/3': '<http://api.test/4>; rel=next' }, seen);
      const secrets: SessionOptions = { headers: { 'X-Key': 'k' }, auth: new BasicAuth('u', 'p') };
      const session = yield* Session.open(secrets);
      const options: PaginateOptions = { cookies: { a: '1' } };
      expect(yield* textsOf(paginate(session, 'http://api.test/1', options))).toEqual(['/1', '/2', '/3', '/4']);
      expect(seen).toEqual([
        'http://api.test/1 authorization cookie x-key accept',
        'http://api.test/2 authorization cookie x-key accept',
        'http://other.test/3 accept',
        'http://api.test/4 accept',
      ]);
    }));

  test('a URL that was a page before ends with an error, whatever its fragment', () =>
    simulate(function* (net) {
      serve(net, 'http://api.test', { '/1': '</2>; rel=next', '/2': '</1#again>; rel=next' });
      const session = yield* Session.open();
      const pages = paginate(session, 'http://api.test/1');
      expect((yield* pages.next()).done).toBe(false);
      const tried = yield* attempt(pages.next());
      const { code, message } = (tried as { error: ClientError }).error;
      expect([code, message]).toEqual([
        'PAGE_REPEATED',
        'The next page would be http://api.test/1#again, which was a page before: the pages go in a circle; look at what the server links to, or at `next`.',
      ]);
      expect(yield* pages.next()).toEqual({ done: true, value: undefined });
    }));

  test('a reader that is cancelled loses no page, and one that nobody took is released at the end', () =>
    simulate(function* (net) {
      net.serve('http://api.test', function* () {
        yield* sleep(50);
        yield* sleep(0);
        return 'x'.repeat(1_000_000);
      });
      const session = yield* Session.open();
      const pages = paginate(session, 'http://api.test/');
      expect((yield* moveOnAfter(20, pages.next())).timedOut).toBe(true);
      const page = yield* pages.next();
      expect(!page.done && (yield* page.value.bytes()).length).toBe(1_000_000);
      const others = paginate(session, 'http://api.test/');
      expect((yield* moveOnAfter(20, others.next())).timedOut).toBe(true);
      yield* sleep(1_000);
      yield* others.close();
      yield* sleep(100);
      expect(session.pool.stats.busy).toBe(0);
    }));

  test('refuses what leads nowhere', () =>
    simulate(function* (net) {
      serve(net, 'http://api.test', { '/ftp': '<ftp://h/>; rel=next' });
      const session = yield* Session.open();
      const errorOf = function* (path: string, options: PaginateOptions = {}): Operation<string> {
        const tried = yield* attempt(paginate(session, `http://api.test${path}`, options).next());
        return tried.ok ? 'none' : String(tried.error);
      };
      expect(yield* errorOf('/ftp')).toContain('is said to be "ftp://h/": `next` has to give an http(s) URL');
      expect(yield* errorOf('/', { next: () => 5 as never })).toContain('is said to be 5');
      expect(yield* errorOf('/', { next: () => Promise.resolve('/2') as never })).toContain(
        'is said to be an instance of Promise',
      );
      expect(() => paginate(session, '/', { nxt: () => null } as PaginateOptions)).toThrow("Did you mean 'next'?");
      expect(() => paginate('http://api.test/' as never, '/')).toThrow('give the session that makes the requests');
    }));
});

describe('the Link header', () => {
  test.each<[string, string | undefined]>([
    ['<a>; rel=next', 'a'],
    ['<a>; rel="prev", <b>;rel="next"', 'b'],
    ['<a?x=1,2;3>; title="; rel=next, <c>"; rel="next"', 'a?x=1,2;3'],
    ['< a > ; REL = "Prev NEXT"', 'a'],
    ['<a>; rel=prev; rel=next', undefined],
    ['<a>; rel=next; anchor="#x", <b>; rel=next', 'b'],
    ['<a>; title="a \\" b"; rel=next', 'a'],
    ['<a; rel=next', undefined],
    ['<>; rel=next', ''],
    ['', undefined],
    ['rel=next', undefined],
  ])('%s', (header, expected) => {
    expect(linkOf(header, 'next')).toBe(expected);
  });

  test('is read in one pass, whatever stands in it', () => {
    for (const part of ['<', '>', ';', ',', '"', '\\', ' ', '<a>;', 'rel=', '="', '<a>; rel="']) {
      expect(linkOf(part.repeat(60_000 / part.length), 'nothing')).toBeUndefined();
    }
  });
});
