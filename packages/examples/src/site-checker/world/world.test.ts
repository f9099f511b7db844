import { Resolver } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import { acquire, createScope } from '@coloop/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { plantFaults } from './faults.ts';
import { findRoot, openLibrary } from './library.ts';
import { embeddedWorld, type World } from './world.ts';

const root = findRoot(import.meta.dirname);

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
  /** The connection broke before the announced end. */
  readonly cut: boolean;
}

/** Goes the way that a client goes: through the proxy, then TLS to the site. */
class Visitor {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  tunnel(password: string): Promise<{ status: number; socket: Socket }> {
    const proxy = new URL(this.#world.proxy);
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        host: '127.0.0.1',
        port: proxy.port,
        method: 'CONNECT',
        path: new URL(this.#world.url).host,
        agent: false,
        headers: { 'proxy-authorization': `Basic ${btoa(`${proxy.username}:${password}`)}` },
      });
      request.on('connect', (response, socket) => resolve({ status: response.statusCode ?? 0, socket }));
      request.on('error', reject);
      request.end();
    });
  }

  async get(sitePath: string, headers: Record<string, string> = {}, wait = 5_000): Promise<Answer | undefined> {
    const url = new URL(sitePath, this.#world.url);
    const { socket } = await this.tunnel(new URL(this.#world.proxy).password);
    const secure = connect({ socket, servername: url.hostname, ca: this.#world.ca });
    return new Promise((resolve, reject) => {
      // Real time: a real server that stays silent is told from a slow one by nothing but time.
      const timer = setTimeout(() => {
        resolve(undefined);
        request.destroy();
      }, wait);
      const request = httpsRequest(url, { createConnection: () => secure, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('error', () => undefined);
        response.on('close', () => {
          clearTimeout(timer);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            cut: !response.complete,
          });
          socket.destroy();
        });
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      request.end();
    });
  }
}

describe('the embedded world', () => {
  const scope = createScope();
  let world: World;
  let visitor: Visitor;

  beforeAll(async () => {
    world = await scope.hold(acquire(embeddedWorld({ root, latency: [0, 1] })));
    visitor = new Visitor(world);
  });

  afterAll(() => scope.close());

  const faultOf = (kind: string) => {
    const fault = world.faults.find((candidate) => candidate.behaviour.kind === kind);
    if (fault === undefined) throw new Error(`no fault of kind ${kind}`);
    return fault;
  };

  test('has several hundred pages of real text', async () => {
    expect(world.documents).toBeGreaterThan(200);
    const home = await visitor.get('/');
    expect(home?.body).toContain(`in ${world.documents} pages`);
    const [document] = openLibrary(root).documents;
    const page = await visitor.get(document?.path ?? '');
    expect(page?.status).toBe(200);
    expect(page?.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  test('lets nobody through without the right password', async () => {
    const { status, socket } = await visitor.tunnel('wrong');
    socket.destroy();
    expect(status).toBe(407);
  });

  test('is trusted only with its own authority', async () => {
    const { socket } = await visitor.tunnel(new URL(world.proxy).password);
    const error = await new Promise<Error>((resolve) => {
      connect({ socket, servername: new URL(world.url).hostname }).on('error', resolve);
    });
    expect(error).toMatchObject({ code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/) });
  });

  test('its names are known to its DNS server and to nobody else', async () => {
    const resolver = new Resolver();
    resolver.setServers([world.nameserver]);
    const name = new URL(world.url).hostname;
    await expect(resolver.resolve4(name)).resolves.toEqual(['127.0.0.1']);
    await expect(resolver.resolve4(name.toUpperCase())).resolves.toEqual(['127.0.0.1']);
    await expect(resolver.resolve6(name)).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(resolver.resolve4('example.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('sends a page smaller to a client that takes gzip', async () => {
    const plain = await visitor.get('/index/u');
    const packed = await visitor.get('/index/u', { 'accept-encoding': 'gzip' });
    expect(packed?.headers['content-encoding']).toBe('gzip');
    expect(Number(packed?.headers['content-length'])).toBeLessThan(Number(plain?.headers['content-length']));
  });

  test('redirects, fails and misses as planted', async () => {
    const moved = faultOf('redirect');
    expect(await visitor.get(moved.link)).toMatchObject({ status: 301 });
    expect(await visitor.get(faultOf('error').link)).toMatchObject({ status: 500 });
    expect(await visitor.get('/reports/nothing-here/at-all/../../../etc')).toMatchObject({ status: 404 });
    const missing = world.faults.find((fault) => fault.expected.outcome === 'broken' && fault.expected.status === 404);
    expect(missing).toBeDefined();
  });

  test('every planted page answers as its fault says', async () => {
    for (const fault of world.faults) {
      if (fault.behaviour.kind !== 'normal' || fault.expected.outcome !== 'broken') continue;
      const answer = await visitor.get(fault.link.split('#')[0] ?? '');
      expect(answer?.status, fault.what).toBe(fault.expected.why === 'fragment' ? 200 : fault.expected.status);
    }
  });

  test('is slow, silent, halting and cut off as planted', async () => {
    expect((await visitor.get(faultOf('drip').link))?.body).toContain('Report');
    expect(await visitor.get(faultOf('silent').link, {}, 100)).toBeUndefined();
    expect(await visitor.get(faultOf('stall').link, {}, 100)).toBeUndefined();
    expect(await visitor.get(faultOf('cut').link)).toMatchObject({ status: 200, cut: true });
  });

  test('opens the members page only to visitors with the cookie of the start page', async () => {
    const cookie = String((await visitor.get('/'))?.headers['set-cookie']).split(';')[0] ?? '';
    expect(await visitor.get('/members/')).toMatchObject({ status: 403 });
    expect(await visitor.get('/members/', { cookie })).toMatchObject({ status: 200 });
  });

  test('every fault is linked from a page of the site', async () => {
    for (const fault of world.faults) {
      const page = await visitor.get(fault.page);
      expect(page?.body, fault.what).toContain(`<a href="${fault.link}">`);
    }
  });
});

test('the same dependencies give the same faults', () => {
  expect(plantFaults(openLibrary(root).documents)).toEqual(plantFaults(openLibrary(root).documents));
});

test('a closed world leaves nothing behind, also in the middle of requests', async () => {
  const handles = () =>
    process
      .getActiveResourcesInfo()
      .filter((name) => /^(TCP|TLS)/.test(name))
      .sort();
  const scope = createScope();
  const world = await scope.hold(acquire(embeddedWorld({ root, latency: [1_000, 1_000] })));
  const visitor = new Visitor(world);
  const open = Promise.allSettled([visitor.get('/'), visitor.get('/index/u')]);
  await vi.waitFor(() => expect(world.stats().requests).toBe(2));
  await scope.close();
  await open;
  expect(world.stats().open).toBe(0);
  await vi.waitFor(() => expect(handles()).toEqual([]));
});
