import { forEach, group, run, sleep, until } from '@coloop/core';
import { ClientConnectorError } from '@coloop/http';
import { simulate } from '@coloop/http/testing';
import { describe, expect, test } from 'vitest';
import { checkSite } from './check-site.ts';
import { checkPages, checkSites, links, type Pages, SITE, to } from './simulated-site.fixture.ts';

describe('checking a site', () => {
  test('reads every page once and reports each broken link and fragment with the page that holds it', async () => {
    const { asked, broken, ledger } = await checkPages({
      '/': `<h1 id="here">x</h1>${links('/a', 'b#part', '/gone', '#here', '#lost', '/a')}`,
      '/a': links('/', '/b#part', '/b#nothing', '/fails'),
      '/b': `<p id="part">x</p>${links('/gone#x')}`,
      '/fails': 500,
    });
    expect([...asked].sort()).toEqual(['/', '/a', '/b', '/fails', '/gone']);
    expect(broken).toEqual([
      '/ > /#lost: no such place on the page',
      '/ > /gone: answered 404 Not Found',
      '/a > /b#nothing: no such place on the page',
      '/a > /fails: answered 500 Internal Server Error',
      '/b > /gone#x: answered 404 Not Found',
    ]);
    expect(ledger.pages).toBe(3);
    expect(ledger.links).toBe(11);
    expect(ledger.inFlight).toBe(0);
  });

  test('finds the same where threads parse the pages, also on one that is too large to be handed over whole', async () => {
    const pages: Pages = {
      '/': `<base href="/deeper/"><h1 id="here">x</h1>${links('a', '#here', '/#here', '/#lost', 'http://')}`,
      '/deeper/a': `<svg><use href="/large#below"/></svg>${links('/large#below', '/large#lost', '/xml')}`,
      '/large': `<style>p { background: url(/gone) }</style>${'<p>much'.repeat(300_000)}<p id="below">`,
      '/xml': {
        headers: { 'content-type': 'application/xhtml+xml' },
        body: '<html xmlns="http://www.w3.org/1999/xhtml"><a href="/none"/></html>',
      },
    };
    const here = await checkPages(pages);
    const there = await checkPages(pages, { threads: 2 });
    expect(here.broken).toHaveLength(6);
    expect(there.broken).toEqual(here.broken);
    expect([...there.asked].sort()).toEqual([...here.asked].sort());
    expect(there.ledger.links).toBe(here.ledger.links);
  });

  test('reads only as deep as asked, and checks what the last pages link to', async () => {
    const pages = { '/': links('/1'), '/1': links('/2'), '/2': links('/3'), '/3': links('/4') };
    expect((await checkPages(pages, { depth: 1 })).asked).toEqual(['/', '/1', '/2']);
    expect((await checkPages(pages, { depth: 0 })).asked).toEqual(['/', '/1']);
  });

  test('stops at its limit and counts what it left out', async () => {
    const { asked, ledger } = await checkPages({ '/': links('/1', '/2', '/3', '/4'), '*': 'x' }, { limit: 3 });
    expect(asked).toEqual(['/', '/1', '/2']);
    expect(ledger.left.limit).toBe(2);
  });

  test('leaves a path that grows by itself, and keeps an example', async () => {
    const { asked, ledger } = await checkPages({ '*': links('a/', 'b.html') });
    expect(asked.length).toBeLessThan(20);
    expect(ledger.endless).toContain('/a/a/a/');
  });

  test('asks only for what the patterns let through, the start page aside', async () => {
    const pages: Pages = { '/': links('/docs/a', '/docs/b.pdf', '/blog'), '*': 'x' };
    const { asked, ledger } = await checkPages(pages, { include: [/\/docs\//], exclude: [/\.pdf$/] });
    expect(asked).toEqual(['/', '/docs/a']);
    expect(ledger.left.excluded).toBe(2);
  });

  test('follows what style sheets load, from where each sheet stands, and counts them as no pages', async () => {
    const css = (body: string) => ({ headers: { 'content-type': 'text/css' }, body });
    const pages: Pages = {
      '/': '<link rel="stylesheet" href="/css/a.css"><style>b { background: url(gone.png) }</style><p style="color: red">',
      '/css/a.css': css('@import "b.css"; @font-face { src: url(../f/lost.woff2) }'),
      '/css/b.css': css('i { background: url(here.png) } u { background: url(missing.png) }'),
      '/css/here.png': { headers: { 'content-type': 'image/png' }, body: 'x' },
    };
    const { asked, broken, ledger } = await checkPages(pages);
    expect(broken).toEqual([
      '/ > /gone.png: answered 404 Not Found',
      '/css/a.css > /f/lost.woff2: answered 404 Not Found',
      '/css/b.css > /css/missing.png: answered 404 Not Found',
    ]);
    expect(ledger.pages).toBe(1);
    // A sheet belongs to its page, also where no other page is read.
    expect((await checkPages(pages, { depth: 0 })).asked).toContain('/f/lost.woff2');
    expect(new Set(asked).size).toBe(asked.length);
  });

  test('a style sheet is no page to begin with', async () => {
    const sheet = { headers: { 'content-type': 'text/css' }, body: 'a {}' };
    await expect(checkPages({ '/': sheet })).rejects.toThrow('its content type is "text/css", not text/html');
  });

  test('takes several start pages for one site', async () => {
    const sites = { 'http://site.test/': { '/': links('http://docs.test/a') }, 'http://docs.test/': { '/': 'x' } };
    const { broken } = await checkSites(sites, {}, Object.keys(sites));
    expect(broken).toEqual(['/ > http://docs.test/a: answered 404 Not Found']);
  });

  test('reports a start page that answers with an error as a broken link', async () => {
    expect((await checkPages({ '/': 500 })).broken).toEqual(['/ > /: answered 500 Internal Server Error']);
  });

  test('throws what the client threw when no start page can be had', async () => {
    const checking = simulate(function* () {
      yield* forEach(checkSite('http://nobody.test/'), () => undefined);
    });
    await expect(checking).rejects.toBeInstanceOf(ClientConnectorError);
  });

  test('refuses a start page that is not a page, and takes one of several for a finding', async () => {
    const picture = { headers: { 'content-type': 'image/png' }, body: 'x' };
    await expect(checkPages({ '/': picture })).rejects.toThrow(
      /is not a page to begin with.*"image\/png", not text\/html/,
    );
    const { broken } = await checkSites({ [SITE]: { '/': 'x', '/a.png': picture } }, {}, [SITE, `${SITE}a.png`]);
    expect(broken).toEqual([
      '/a.png > /a.png: is not a page to begin with: its content type is "image/png", not text/html',
    ]);
  });
});

describe('a redirect', () => {
  test('leads to the page where it really stands, which is asked for once', async () => {
    const { asked, broken } = await checkPages({
      '/': links('/old#part', '/old#lost', '/new'),
      '/old': to('/new'),
      '/new': `<p id="part">x</p>${links('/gone')}`,
    });
    expect([...asked].sort()).toEqual(['/', '/gone', '/new', '/old']);
    expect(broken).toEqual(['/ > /old#lost: no such place on the page', '/new > /gone: answered 404 Not Found']);
  });

  test('names a place itself, and that outweighs the one of the link', async () => {
    const pages = { '/': links('/old#a'), '/new': '<p id=b></p>' };
    expect((await checkPages({ ...pages, '/old': to('/new#b') })).broken).toEqual([]);
    expect((await checkPages({ ...pages, '/old': to('/new#c') })).broken).toHaveLength(1);
  });

  test('to nothing is told of the link, with the way', async () => {
    const { broken } = await checkPages({ '/': links('/old'), '/old': to('/older'), '/older': to('/gone') });
    expect(broken).toEqual(['/ > /old: answered 404 Not Found, after a redirect to http://site.test/gone']);
  });

  test('in a circle, or without end, is broken', async () => {
    const { broken } = await checkPages({
      '/': links('/a', '/b', '/n?0'),
      '/a': to('/b'),
      '/b': to('/a'),
      '/n': (request) => to(`/n?${Number(request.target.split('?')[1]) + 1}`),
    });
    expect(broken).toEqual([
      '/ > /a: redirects without end',
      '/ > /b: redirects without end',
      '/ > /n?0: redirects without end',
    ]);
  });

  test('is followed ten times, as the client does', async () => {
    const pages: Pages = { '/': links('/10', '/11'), '/0': 'x' };
    for (let index = 1; index <= 11; index++) pages[`/${index}`] = to(`/${index - 1}`);
    expect((await checkPages(pages)).broken).toEqual(['/ > /11: redirects more than 10 times']);
  });

  test('that a cookie ends is walked once more', async () => {
    const { broken, asked } = await checkPages({
      '/': links('/r'),
      '/r': (request) => (request.headers.has('cookie') ? 'x' : to('/s', { 'set-cookie': 'a=1' })),
      '/s': to('/r'),
    });
    expect(broken).toEqual([]);
    expect(asked).toEqual(['/', '/r', '/s', '/r']);
  });

  test('for a first visit is no reason never to read the page', async () => {
    const { asked } = await checkPages({
      '/': (request) => (request.headers.has('cookie') ? links('/gone') : to('/welcome', { 'set-cookie': 'a=1' })),
      '/welcome': links('/'),
    });
    expect(asked).toContain('/gone');
  });

  test('of the start page moves the site, and its first name stays one of its names', async () => {
    const { broken } = await checkSites({
      'http://bare.test/': { '/': to(SITE), '/lost': 404 },
      [SITE]: { '/': links('http://bare.test/lost', '/gone') },
    });
    expect(broken).toEqual(['/ > /gone: answered 404 Not Found', '/ > http://bare.test/lost: answered 404 Not Found']);
  });

  test('to a program for mail is fine, and to a file is not', async () => {
    const { broken } = await checkPages({ '/': links('/m', '/f'), '/m': to('mailto:a@b.test'), '/f': to('file:///a') });
    expect(broken).toEqual(['/ > /f: redirects to what is no address']);
  });
});

describe('other sites', () => {
  const other = { '/page': `<p id=a></p>${links('/deeper')}`, '/gone': 404 };

  test('are not asked, also not through a redirect', async () => {
    const { asked, ledger } = await checkSites({
      [SITE]: { '/': links('/away', 'http://other.test/page'), '/away': to('http://other.test/page') },
      'http://other.test/': other,
    });
    expect(asked).toEqual(['/', '/away']);
    expect(ledger.external).toBe(1);
  });

  test('are asked when told to, with their places, and their links are not followed', async () => {
    const pages = { '/': links(...['page#a', 'page#b', 'gone'].map((path) => `http://other.test/${path}`)) };
    const { asked, broken } = await checkSites({ [SITE]: pages, 'http://other.test/': other }, { external: true });
    expect(asked).toEqual(['/', 'http://other.test/page', 'http://other.test/gone']);
    expect(broken).toEqual([
      '/ > http://other.test/gone: answered 404 Not Found',
      '/ > http://other.test/page#b: no such place on the page',
    ]);
  });

  test('that are the same name with www. are none', async () => {
    const { asked } = await checkSites({
      [SITE]: { '/': links('http://www.site.test/a') },
      'http://www.site.test/': {},
    });
    expect(asked).toEqual(['/', 'http://www.site.test/a']);
  });
});

describe('an answer that may be better the next time', () => {
  const once = (first: Parameters<typeof checkPages>[0][string]): Pages => {
    let times = 0;
    return {
      '/': links('/a'),
      '/a': (request) => {
        if (times++ > 0) return 'x';
        return typeof first === 'function' ? first(request) : (first as string);
      },
    };
  };
  const busy = (status: number, after?: string) => () => ({
    status,
    headers: after === undefined ? {} : { 'retry-after': after },
  });

  test('is asked for again as late as the server wants', async () => {
    for (const [status, after, wait] of [
      [429, '30', 30_000],
      [503, '7', 7_000],
      [429, undefined, 500],
    ] as const) {
      const { asked, broken, took } = await checkPages(once(busy(status, after)));
      expect(broken).toEqual([]);
      expect(asked).toEqual(['/', '/a', '/a']);
      expect(took).toBeGreaterThanOrEqual(wait);
      expect(took).toBeLessThan(wait + 500);
    }
  });

  const lose = (request: { reset(): void }): string => {
    request.reset();
    return '';
  };

  test('is a lost connection, also in the middle of a page', async () => {
    const { broken, asked } = await checkPages(once(lose));
    expect(broken).toEqual([]);
    expect(asked).toHaveLength(3);
  });

  test('is not asked for again without end, after an error page, or when told not to', async () => {
    expect((await checkPages({ '/': links('/a'), '/a': busy(429) })).broken).toEqual([
      '/ > /a: answered 429 Too Many Requests',
    ]);
    expect((await checkPages({ '/': links('/a'), '/a': busy(503) })).asked).toHaveLength(2);
    expect((await checkPages({ '/': links('/a'), '/a': busy(503, '3600') })).asked).toHaveLength(2);
    expect((await checkPages(once(busy(429)), { retries: 0 })).broken).toHaveLength(1);
  });
});

describe('what a status means', () => {
  test('a refusal is told apart from a broken link, and can be accepted', async () => {
    const statuses = [401, 403, 405, 999, 404, 410, 500];
    const pages = {
      '/': links(...statuses.map((status) => `/${status}`)),
      ...Object.fromEntries(statuses.map((s) => [`/${s}`, s])),
    };
    const { links: found } = await checkPages(pages);
    const why = (status: number) => found.find(({ link }) => link.endsWith(`/${status}`))?.problem.why;
    expect(statuses.map(why)).toEqual(['refused', 'refused', 'refused', 'refused', 'status', 'status', 'status']);
    expect((await checkPages(pages, { accept: [401, 403, 404, 405, 410, 500, 999] })).broken).toEqual([]);
  });
});

describe('credentials', () => {
  const guarded = (page: string) => (request: { headers: Headers }) =>
    request.headers.get('authorization') === `Basic ${btoa('user:s3cret')}` ? page : { status: 401 };

  test('in the start address are used for every page of the site, and shown nowhere', async () => {
    const pages = { '/': guarded(links('/a', '/gone', 'http://other.test/')), '/a': guarded('x') };
    let seen: string | null | undefined;
    const other = ({ headers }: { readonly headers: Headers }): string => {
      seen = headers.get('authorization');
      return 'x';
    };
    const { broken, ledger, asked } = await checkSites(
      { [SITE]: pages, 'http://other.test/': { '/': other } },
      { external: true },
      ['http://user:s3cret@site.test/'],
    );
    expect(broken).toEqual(['/ > /gone: answered 404 Not Found']);
    expect(asked).toContain('http://other.test/');
    expect(seen).toBeNull();
    expect(JSON.stringify([ledger.visits, ledger.broken])).not.toContain('s3cret');
  });

  test('may be given apart', async () => {
    const user = { name: 'user', password: 's3cret' };
    expect((await checkPages({ '/': guarded(links('/a')), '/a': guarded('x') }, { user })).broken).toEqual([]);
  });
});

describe('how a site is asked', () => {
  test('never by more requests at a time than allowed', async () => {
    let inFlight = 0;
    let most = 0;
    const names = Array.from({ length: 60 }, (_, index) => `/${index}`);
    const page = function* () {
      most = Math.max(most, ++inFlight);
      yield* sleep(20) as Generator<never, void>;
      inFlight--;
      return 'x';
    };
    await checkPages({ '/': links(...names), '*': page }, { concurrency: 7 });
    expect(most).toBe(7);
  });

  test('a server that answers one request after the other times out for none of them', async () => {
    let free = 0;
    let clock = 0;
    const page = function* () {
      free = Math.max(free, clock) + 150;
      yield* sleep(free - clock) as Generator<never, void>;
      clock = Math.max(clock, free);
      return 'x';
    };
    const names = Array.from({ length: 60 }, (_, index) => `/${index}`);
    const { broken } = await checkPages({ '/': links(...names), '*': page }, { timeout: 2_000 });
    expect(broken).toEqual([]);
  });

  test('robots.txt is kept, and its pause, and it is asked for once', async () => {
    const robots = { headers: { 'content-type': 'text/plain' }, body: 'User-agent: *\nDisallow: /no\nCrawl-delay: 5' };
    const pages = { '/': links('/no/a', '/yes', '/maybe'), '*': 'x', '/robots.txt': robots };
    const { asked, ledger, took } = await checkPages(pages);
    expect(asked).toEqual(['/', '/yes', '/maybe']);
    expect(ledger.left.robots).toBe(1);
    expect(took).toBeGreaterThanOrEqual(10_000);
    expect((await checkPages(pages, { robots: false })).asked).toEqual(['/', '/no/a', '/yes', '/maybe']);
  });

  test('the pages of a sitemap are checked when asked for', async () => {
    const xml = (body: string) => ({ headers: { 'content-type': 'application/xml' }, body });
    const pages = {
      '/': 'x',
      '/robots.txt': { headers: { 'content-type': 'text/plain' }, body: `Sitemap: ${SITE}index.xml` },
      '/index.xml': xml(`<sitemapindex><sitemap><loc>${SITE}map.xml</loc></sitemap></sitemapindex>`),
      '/map.xml': xml(`<urlset><url><loc> ${SITE}a?b&amp;c </loc></url><url><loc>${SITE}gone</loc></url></urlset>`),
      '/a?b&c': 'x',
    };
    const { broken, asked } = await checkPages(pages, { sitemap: true });
    expect(broken).toEqual(['/map.xml > /gone: answered 404 Not Found']);
    expect(asked).toContain('/a?b&c');
  });
});

describe('a page', () => {
  test('larger than the limit is read as far as that, and noted', async () => {
    const pages = { '/': links('/large'), '/large': links('/first') + 'x'.repeat(100_000) + links('/last'), '*': 'x' };
    const { asked, ledger } = await checkPages(pages, { maxPage: 50_000 });
    expect(asked).toEqual(['/', '/large', '/first']);
    expect(ledger.unread).toEqual([`${SITE}large`]);
  });

  test('of an unknown type is looked at', async () => {
    const { asked } = await checkPages({
      '/': links('/a', '/b'),
      '/a': { headers: {}, body: links('/deep') },
      '/b': { headers: {}, body: 'plain' },
    });
    expect(asked).toEqual(['/', '/a', '/b', '/deep']);
  });

  test('that ends too late is told so', async () => {
    const endless = function* (request: Parameters<Extract<Pages[string], (...args: never) => unknown>>[0]) {
      yield* request.start(200, { 'content-type': 'text/html' }) as Generator<never, void>;
      while (true) {
        yield* request.write('x') as Generator<never, void>;
        yield* sleep(100) as Generator<never, void>;
      }
    };
    const { broken } = await checkPages({ '/': links('/a'), '/a': endless }, { timeout: 2_000 });
    expect(broken).toEqual(['/ > /a: the page did not end within 2.0 s']);
  });
});

describe('as a source', () => {
  test('hands out a finding while the rest is still being checked, and ends its requests when it is closed', async () => {
    await simulate(function* (network) {
      const host = network.serve('http://site.test', function* (request) {
        if (request.target === '/')
          return { headers: { 'content-type': 'text/html' }, body: links('/gone', '/silent') };
        if (request.target === '/silent') yield* sleep(1e9);
        return { status: 404 };
      });
      yield* group(function* () {
        const check = checkSite(SITE, { timeout: 1e9 });
        const first = yield* check.next();
        expect(first.value).toMatchObject({ page: SITE, link: `${SITE}gone` });
        yield* check.close();
      });
      yield* sleep(1_000);
      expect(host.connections).toBe(0);
    });
  });

  test('is cancelled with its reader', async () => {
    const controller = new AbortController();
    const reading = run(
      function* () {
        yield* until(
          simulate(function* (network) {
            network.serve('http://site.test', () => sleep(1e9) as never);
            controller.abort();
            yield* forEach(checkSite(SITE), () => undefined);
          }).catch(() => undefined),
        );
      },
      { signal: controller.signal },
    );
    await expect(reading).rejects.toThrow();
  });
});
