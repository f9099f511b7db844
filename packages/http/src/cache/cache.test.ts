import { attempt, gather, now, type Operation, sleep, spawn } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import type { CacheUse } from '../call/trace.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import { har } from '../recording/har.ts';
import type { RequestOptions } from '../request/options.ts';
import { type AnswerHeaders, type ServerRequest, type SimulatedNetwork, simulate } from '../testing/index.ts';
import { cache } from './cache.ts';
import type { CacheOptions } from './cache-options.ts';
import { type CacheStore, memoryStore } from './store.ts';

const URL_ = 'http://api.test/';

type Answers = (request: ServerRequest, count: number) => { status?: number; headers?: AnswerHeaders; body?: string };

/** A server that counts what it is asked, a session with a cache, and what came from where. */
class Asked {
  readonly session: Session;
  count = 0;
  readonly uses: (CacheUse | undefined)[] = [];

  constructor(session: Session) {
    this.session = session;
    session.trace.on('response', (event) => this.uses.push(event.cache));
  }

  *text(options?: RequestOptions, url = URL_): Operation<string> {
    return yield* this.session.get(url, options).text();
  }
}

function* open(
  net: SimulatedNetwork,
  answers: Answers,
  options: CacheOptions & { session?: SessionOptions; delay?: number } = {},
): Operation<Asked> {
  const { session, delay = 0, ...cacheOptions } = options;
  const asked = new Asked(yield* Session.open({ ...session, middleware: [cache(cacheOptions)] }));
  net.serve('http://api.test', function* (request) {
    const count = ++asked.count;
    const answer = answers(request, count);
    if (delay > 0) yield* sleep(delay);
    return { body: `${count}`, ...answer };
  });
  return asked;
}

/** Runs a test with a server whose responses have these headers. */
function withHeaders(headers: AnswerHeaders, body: (asked: Asked) => Operation<void>): Promise<void> {
  return simulate(function* (net) {
    yield* body(yield* open(net, () => ({ headers })));
  });
}

describe('a response', () => {
  test('is given again while it is fresh, with its age, and asked for when it is stale', () =>
    withHeaders({ 'Cache-Control': 'Max-Age=60', 'X-Own': 'x' }, function* (asked) {
      expect(yield* asked.text()).toBe('1');
      yield* sleep(30_000);
      const again = yield* asked.session.get(`${URL_}#fragment`);
      expect([yield* again.text(), again.headers.get('age'), again.headers.get('x-own')]).toEqual(['1', '30', 'x']);
      expect(again.status).toBe(200);
      yield* sleep(31_000);
      expect(yield* asked.text()).toBe('2');
      expect(asked.uses).toEqual([undefined, 'hit', undefined]);
    }));

  test.each<[string, AnswerHeaders]>([
    ['no-store', { 'Cache-Control': 'max-age=60, No-Store' }],
    ['Vary: *', { 'Cache-Control': 'max-age=60', Vary: '*' }],
    ['max-age=0', { 'Cache-Control': 'max-age=0' }],
    ['no freshness', {}],
  ])('with %s is asked for each time', (_what, headers) =>
    withHeaders(headers, function* (asked) {
      expect([yield* asked.text(), yield* asked.text()]).toEqual(['1', '2']);
    }),
  );

  test('that is fresh and must be revalidated is served, and not when it is stale', () =>
    withHeaders({ 'Cache-Control': 'max-age=60, must-revalidate, stale-while-revalidate=600' }, function* (asked) {
      expect([yield* asked.text(), yield* asked.text()]).toEqual(['1', '1']);
      yield* sleep(61_000);
      expect(yield* asked.text()).toBe('2');
    }));

  test('is kept by the values of what it varies by', () =>
    simulate(function* (net) {
      const answers: Answers = (request) => ({
        headers: { 'Cache-Control': 'max-age=60', Vary: 'Accept-Language' },
        body: request.headers.get('accept-language') ?? 'none',
      });
      const asked = yield* open(net, answers);
      for (const language of ['de', 'fr', 'de', 'fr']) {
        expect(yield* asked.text({ headers: { 'Accept-Language': language } })).toBe(language);
      }
      expect(asked.count).toBe(2);
    }));

  test('to a GET answers a HEAD, without its body', () =>
    withHeaders({ 'Cache-Control': 'max-age=60' }, function* (asked) {
      yield* asked.text();
      const head = yield* asked.session.head(URL_);
      expect([yield* head.text(), head.headers.get('content-length'), asked.count]).toEqual(['', '1', 1]);
      yield* asked.session.head('http://api.test/head');
      expect(yield* asked.text({}, 'http://api.test/head')).toBe('3');
    }));

  test('that does not come whole is not kept', () =>
    simulate(function* (net) {
      const session = yield* Session.open({ middleware: [cache()] });
      let count = 0;
      net.serve('http://api.test', function* (request) {
        yield* request.start(200, { 'Cache-Control': 'max-age=60', 'Content-Length': '10' });
        yield* request.write('12345');
        if (++count === 1) return request.reset();
        yield* request.write('67890');
        return yield* request.end();
      });
      expect((yield* attempt(session.get(URL_).text())).ok).toBe(false);
      expect(yield* session.get(URL_).text()).toBe('1234567890');
      expect([yield* session.get(URL_).text(), count]).toEqual(['1234567890', 2]);
    }));

  test('larger than an eighth of the store is not kept, and the store stays within its size', () =>
    simulate(function* (net) {
      const answers: Answers = (request) => ({
        headers: { 'Cache-Control': 'max-age=60' },
        body: request.target === '/large' ? 'x'.repeat(20_000) : 'x'.repeat(8_000),
      });
      const asked = yield* open(net, answers, { store: memoryStore({ maxSize: 80_000 }) });
      for (let i = 0; i < 2; i++) yield* asked.text({}, 'http://api.test/large');
      expect(asked.count).toBe(2);
      for (let i = 0; i < 12; i++) yield* asked.text({}, `http://api.test/${i}`);
      asked.count = 0;
      yield* asked.text({}, 'http://api.test/11');
      yield* asked.text({}, 'http://api.test/0');
      expect(asked.count).toBe(1);
    }));

  test('keeps several lines of one name, and a body that a reader changes', () =>
    withHeaders({ 'Cache-Control': 'max-age=60', 'Set-Cookie': ['a=1', 'b=2'] }, function* (asked) {
      const options = { cookies: {} };
      yield* asked.text(options);
      const session = yield* Session.open({ cookieJar: false, middleware: [cache()] });
      const first = yield* (yield* session.get(URL_)).bytes();
      first.fill(0);
      const again = yield* session.get(URL_);
      expect(again.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      expect(yield* again.text()).toBe('2');
    }));
});

describe('who asks', () => {
  test('nobody gets what another one was given, unless it is public', () =>
    simulate(function* (net) {
      const answers: Answers = (request) => ({
        headers: { 'Cache-Control': request.target === '/public' ? 'public, max-age=60' : 'max-age=60' },
        body: request.headers.get('authorization') ?? request.headers.get('cookie') ?? 'nobody',
      });
      const asked = yield* open(net, answers);
      const as = (options: RequestOptions, path = '') => asked.text(options, `http://api.test/${path}`);
      const ada = { headers: { Authorization: 'Ada' } };
      expect(yield* as(ada)).toBe('Ada');
      expect(yield* as({ headers: { Authorization: 'Bob' } })).toBe('Bob');
      expect(yield* as({ cookies: { sid: '1' } })).toBe('sid=1');
      expect(yield* as({})).toBe('nobody');
      expect(yield* as(ada)).toBe('Ada');
      expect(asked.count).toBe(4);
      expect(yield* as(ada, 'public')).toBe('Ada');
      expect(yield* as({}, 'public')).toBe('Ada');
    }));

  test('sees the cookies of the jar, and no secret lies in the store', () =>
    simulate(function* (net) {
      const kept: Uint8Array[] = [];
      const memory = memoryStore();
      const store: CacheStore = {
        maxEntrySize: memory.maxEntrySize,
        get: (key) => memory.get(key),
        delete: (key) => memory.delete(key),
        *set(key, bytes) {
          expect(key).toMatch(/^[0-9a-f]{64}$/);
          kept.push(bytes);
          yield* memory.set(key, bytes);
        },
      };
      const headers = { 'Cache-Control': 'max-age=60', Vary: 'Cookie, Authorization' };
      const asked = yield* open(net, () => ({ headers }), { store });
      asked.session.cookieJar?.set('sid=s3cret', URL_);
      yield* asked.text({ headers: { Authorization: 'Bearer s3cret' } });
      yield* asked.text({ headers: { Authorization: 'Bearer s3cret' } });
      expect(asked.count).toBe(1);
      asked.session.cookieJar?.set('sid=other', URL_);
      yield* asked.text({ headers: { Authorization: 'Bearer s3cret' } });
      expect(asked.count).toBe(2);
      expect(kept.map((bytes) => new TextDecoder().decode(bytes)).join()).not.toContain('s3cret');
    }));
});

describe('a stale response', () => {
  const etag: Answers = (request, count) =>
    request.headers.get('if-none-match') === '"v1"'
      ? { status: 304, headers: { ETag: '"v1"', 'Cache-Control': 'max-age=60', 'X-New': `${count}` }, body: '' }
      : { headers: { ETag: '"v1"', 'Cache-Control': 'max-age=60' } };

  test('is asked about, and given with the headers of the 304', () =>
    simulate(function* (net) {
      const asked = yield* open(net, etag);
      yield* asked.text();
      yield* sleep(61_000);
      const renewed = yield* asked.session.get(URL_);
      expect([renewed.status, yield* renewed.text(), renewed.headers.get('x-new')]).toEqual([200, '1', '2']);
      expect(yield* asked.text()).toBe('1');
      expect(asked.uses).toEqual([undefined, undefined, 'revalidated', 'hit']);
    }));

  test('is asked about at once with no-cache', () =>
    simulate(function* (net) {
      const asked = yield* open(net, etag);
      yield* asked.text();
      expect(yield* asked.text({ headers: { 'Cache-Control': 'no-cache' } })).toBe('1');
      expect(asked.uses).toEqual([undefined, undefined, 'revalidated']);
    }));

  test('is served with stale-while-revalidate, and asked about behind that, once', () =>
    simulate(function* (net) {
      const headers = { 'Cache-Control': 'max-age=60, stale-while-revalidate=60' };
      const asked = yield* open(net, () => ({ headers }), { delay: 100 });
      yield* asked.text();
      yield* sleep(61_000);
      expect(yield* gather([asked.text(), asked.text()])).toEqual(['1', '1']);
      yield* sleep(1_000);
      expect([yield* asked.text(), asked.count]).toEqual(['2', 2]);
      expect(asked.uses).toEqual([undefined, 'stale', 'stale', undefined, 'hit']);
    }));

  test('is not asked about any more when the session ends', () =>
    simulate(function* (net) {
      const headers = { 'Cache-Control': 'max-age=60, stale-while-revalidate=60' };
      const asked = yield* open(net, () => ({ headers }), { delay: 100_000 });
      yield* asked.text();
      yield* sleep(61_000);
      yield* asked.text();
      const before = now();
      yield* asked.session.close();
      expect(now() - before).toBeLessThan(60_000);
      expect(asked.session.pool.stats.total).toBe(0);
    }));

  test('is served if the server fails, where it may be', () =>
    simulate(function* (net) {
      const answers: Answers = (request, count) => {
        const may = request.target === '/may' ? ', stale-if-error=600' : '';
        return { status: count > 2 ? 503 : 200, headers: { 'Cache-Control': `max-age=60${may}` } };
      };
      const asked = yield* open(net, answers);
      const statuses = function* (): Operation<number[]> {
        const all: number[] = [];
        for (const path of ['/may', '/not']) {
          const response = yield* asked.session.get(`http://api.test${path}`);
          yield* response.text();
          all.push(response.status);
        }
        return all;
      };
      expect(yield* statuses()).toEqual([200, 200]);
      yield* sleep(61_000);
      expect(yield* statuses()).toEqual([200, 503]);
      expect(asked.uses.at(-2)).toBe('stale');
    }));
});

describe('what is asked for at once', () => {
  const fresh: Answers = () => ({ headers: { 'Cache-Control': 'max-age=60' } });

  test('is asked once', () =>
    simulate(function* (net) {
      const asked = yield* open(net, fresh, { delay: 100 });
      expect(yield* gather([1, 2, 3, 4].map(() => asked.text()))).toEqual(['1', '1', '1', '1']);
    }));

  test('goes to the next one if the first is cancelled', () =>
    simulate(function* (net) {
      const asked = yield* open(net, fresh, { delay: 100 });
      const first = spawn(attempt(asked.text()));
      yield* sleep(10);
      const second = spawn(asked.text());
      const third = spawn(asked.text());
      yield* sleep(10);
      yield* first.cancel();
      expect([yield* second, yield* third]).toEqual(['2', '2']);
    }));

  test('is asked by each one, at the same time, if it cannot be kept', () =>
    simulate(function* (net) {
      const asked = yield* open(net, () => ({ headers: { 'Cache-Control': 'no-store' } }), { delay: 100 });
      const texts = yield* gather([1, 2, 3].map(() => asked.text()));
      expect(new Set(texts).size).toBe(3);
    }));

  test('does not wait for a body that nobody reads yet', () =>
    simulate(function* (net) {
      const asked = yield* open(net, () => ({
        headers: { 'Cache-Control': 'max-age=60' },
        body: 'x'.repeat(1_000_000),
      }));
      const responses = yield* gather([asked.session.get(URL_), asked.session.get(URL_)]);
      for (const response of responses) expect((yield* response.text()).length).toBe(1_000_000);
    }));
});

describe('what a request says', () => {
  test('an unsafe method takes away what was kept of its URL, for everybody', () =>
    withHeaders({ 'Cache-Control': 'max-age=60' }, function* (asked) {
      const ada = { headers: { Authorization: 'Ada' } };
      expect([yield* asked.text(), yield* asked.text(ada)]).toEqual(['1', '2']);
      yield* asked.session.post(URL_, { body: 'x' }).text();
      expect([yield* asked.text(), yield* asked.text(ada)]).toEqual(['4', '5']);
    }));

  test('no-store, conditions and ranges of its own go past the cache', () =>
    withHeaders({ 'Cache-Control': 'max-age=60' }, function* (asked) {
      yield* asked.text();
      yield* asked.text({ headers: { 'Cache-Control': 'no-store' } });
      yield* asked.text({ headers: { Range: 'bytes=0-1' } });
      yield* asked.text({ headers: { 'If-None-Match': '"x"' } });
      expect([asked.count, yield* asked.text()]).toEqual([4, '1']);
    }));

  test('only-if-cached asks nobody', () =>
    withHeaders({ 'Cache-Control': 'max-age=60' }, function* (asked) {
      const options = { headers: { 'Cache-Control': 'only-if-cached' } };
      expect((yield* asked.session.get(URL_, options)).status).toBe(504);
      yield* asked.text();
      expect([yield* asked.text(options), asked.count]).toEqual(['1', 1]);
    }));

  test('each hop of a redirect is kept by itself', () =>
    simulate(function* (net) {
      const answers: Answers = ({ target }) =>
        target === '/'
          ? { status: 301, headers: { Location: '/there', 'Cache-Control': 'max-age=60' } }
          : { headers: { 'Cache-Control': 'max-age=60' } };
      const asked = yield* open(net, answers);
      expect([yield* asked.text(), yield* asked.text(), asked.count]).toEqual(['2', '2', 2]);
    }));
});

test('a hit is told in a recording', () =>
  withHeaders({ 'Cache-Control': 'max-age=60' }, function* (asked) {
    const recording = har(asked.session);
    yield* asked.text();
    yield* asked.text();
    const entries = recording.stop().log.entries.map(({ cache: used, response }) => [used, response.status]);
    expect(entries).toEqual([
      [{}, 200],
      [{ comment: 'from the cache (hit)' }, 200],
    ]);
  }));

test('wrong options are refused', () => {
  expect(() => cache({ stor: memoryStore() } as CacheOptions)).toThrow("Did you mean 'store'?");
  expect(() => cache({ store: new Map() as never })).toThrow("give memoryStore(), fileStore('directory')");
  expect(() => memoryStore({ maxSize: 0 })).toThrow('give a whole number of bytes');
});
