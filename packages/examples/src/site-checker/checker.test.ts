import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from '@coloop/core';
import { ClientConnectorError, Session } from '@coloop/http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkSite, type Reach } from './checker.ts';
import { Ledger } from './ledger.ts';

const REACH: Reach = { concurrency: 4, depth: Number.POSITIVE_INFINITY, limit: 1_000, external: false };

/** Pages by their path: HTML, a status, an address to go to, `silent`, or `three` that are answered together only. */
type Pages = Record<string, string | number | URL>;

let servers: Server[] = [];

afterEach(async () => {
  const closing = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  for (const server of servers) server.closeAllConnections();
  servers = [];
  await Promise.all(closing);
});

async function serve(pages: Pages) {
  const requests: string[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const held: (() => void)[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    mostInFlight = Math.max(mostInFlight, ++inFlight);
    response.on('close', () => inFlight--);
    const page = pages[request.url ?? ''] ?? 404;
    if (page === 'silent') return;
    if (page === 'three') {
      held.push(() => response.end());
      if (held.length === 3) for (const answer of held.splice(0)) answer();
      return;
    }
    setImmediate(() => {
      if (page instanceof URL) response.writeHead(302, { location: page.href }).end();
      else if (typeof page === 'number') response.writeHead(page).end();
      else response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const site = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return { site, requests, most: () => mostInFlight, server };
}

function* check(site: URL, ledger: Ledger, reach: Partial<Reach>) {
  const session = yield* Session.open();
  yield* checkSite(session, site, { ...REACH, ...reach }, ledger);
}

async function crawl(site: URL, reach: Partial<Reach> = {}) {
  const ledger = new Ledger();
  await run(check(site, ledger, reach));
  const short = (url: string) => (url.startsWith(site.origin) ? url.slice(site.origin.length) : url);
  return {
    ledger,
    visited: ledger.visits.map((visit) => short(visit.url)).sort(),
    broken: ledger.broken.map(({ page, link, problem }) => `${short(page)} > ${short(link)}: ${problem.text}`).sort(),
  };
}

const links = (...targets: string[]) => targets.map((target) => `<a href="${target}">x</a>`).join('');

describe('checking a site', () => {
  test('reads every page once and reports each broken link and fragment with the page that holds it', async () => {
    const { site, requests } = await serve({
      '/': `<h1 id="here">x</h1>${links('/a', 'b#part', '/gone', '#here', '#lost', '/a')}`,
      '/a': links('/', '/b#part', '/b#nothing', '/fails'),
      '/b': `<p id="part">x</p>${links('/gone#x')}`,
      '/fails': 500,
    });
    const { visited, broken, ledger } = await crawl(site);
    expect(visited).toEqual(['/', '/a', '/b', '/fails', '/gone']);
    expect([...requests].sort()).toEqual(visited);
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

  test('has as many requests in flight as allowed, and never more', async () => {
    const names = Array.from({ length: 39 }, (_, index) => `/${index}`);
    const { site, most } = await serve({
      '/': links(...names),
      ...Object.fromEntries(names.map((name) => [name, 'three'])),
    });
    const { visited } = await crawl(site, { concurrency: 3 });
    expect(visited).toHaveLength(40);
    expect(most()).toBe(3);
  });

  test('reads only as deep as asked, and checks what the last pages link to', async () => {
    const { site } = await serve({ '/': links('/1'), '/1': links('/2'), '/2': links('/3'), '/3': links('/4') });
    expect((await crawl(site, { depth: 1 })).visited).toEqual(['/', '/1', '/2']);
    expect((await crawl(site, { depth: 0 })).visited).toEqual(['/', '/1']);
  });

  test('stops at its limit and counts what it left out', async () => {
    const { site } = await serve({ '/': links('/1', '/2', '/3', '/4') });
    const { visited, ledger } = await crawl(site, { limit: 3 });
    expect(visited).toEqual(['/', '/1', '/2']);
    expect(ledger.skipped).toBe(2);
  });

  test('counts links to other sites, and asks for them only when told to, without reading them', async () => {
    const other = await serve({ '/page': links('/deeper'), '/gone': 404 });
    const { site } = await serve({ '/': links(`${other.site}page`, `${other.site}gone`) });
    const first = await crawl(site);
    expect(first.ledger.external).toBe(2);
    expect(other.requests).toEqual([]);
    const second = await crawl(site, { external: true });
    expect([...other.requests].sort()).toEqual(['/gone', '/page']);
    expect(second.broken).toEqual([`/ > ${other.site}gone: answered 404 Not Found`]);
  });

  test('follows redirects, and reads the page where it really stands', async () => {
    const pages: Pages = {
      '/': links('/old#part', '/old#lost'),
      '/new': `<p id="part">x</p>${links('/gone')}`,
    };
    const { site } = await serve(pages);
    pages['/old'] = new URL('/new', site);
    const { visited, broken } = await crawl(site);
    expect(visited).toEqual(['/', '/gone', '/new', '/old']);
    expect(broken).toEqual(['/ > /old#lost: no such place on the page', '/new > /gone: answered 404 Not Found']);
  });

  test('does not read a page that turns out to stand on another site', async () => {
    const other = await serve({ '/page': links('/deeper') });
    const { site } = await serve({ '/': links('/away'), '/away': new URL('/page', other.site) });
    expect((await crawl(site)).visited).toEqual(['/', '/away']);
    expect(other.requests).toEqual(['/page']);
  });

  test('takes the place where the start page ends up for the site', async () => {
    const { site } = await serve({ '/': links('/next'), '/next': 'end' });
    const door = await serve({ '/': site });
    const { ledger } = await crawl(door.site);
    expect(ledger.visits.map((visit) => visit.url).sort()).toEqual(
      [door.site.href, site.href, `${site.href}next`].sort(),
    );
  });

  test('throws what the client threw when the start page cannot be had', async () => {
    const { site, server } = await serve({});
    await new Promise((resolve) => server.close(resolve));
    await expect(crawl(site)).rejects.toBeInstanceOf(ClientConnectorError);
  });

  test('refuses a start page that is none', async () => {
    const server = createServer((_, response) => response.end('<a href="/missing">a link</a>'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const site = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await expect(crawl(site)).rejects.toThrow(/is no page to begin with: its content type is missing, not text\/html/);
  });

  test('reports a start page that answers with an error as a broken link', async () => {
    const { site } = await serve({ '/': 500 });
    expect((await crawl(site)).broken).toEqual(['/ > /: answered 500 Internal Server Error']);
  });

  test('leaves what it found and closes its connections when it is cancelled', async () => {
    const { site, server, requests } = await serve({ '/': links('/a', '/silent'), '/a': 'leaf', '/silent': 'silent' });
    const ledger = new Ledger();
    const controller = new AbortController();
    const running = run(check(site, ledger, {}), { signal: controller.signal });
    running.catch(() => undefined);
    await vi.waitFor(() => {
      expect(requests).toContain('/silent');
      expect(ledger.visits).toHaveLength(2);
    });
    controller.abort();
    await expect(running).rejects.toThrow();
    expect(ledger.visits.map((visit) => visit.url)).toEqual([site.href, `${site.href}a`]);
    await vi.waitFor(async () => {
      const open = await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
      expect(open).toBe(0);
    });
  });
});
