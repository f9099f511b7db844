/** The HTTPS server of the embedded site, with the delays and faults of a real one. */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { acquire, type Resource, resource } from '@coloop/core';
import { httpsServer } from '@coloop/test-servers/resources';
import type { Behaviour, Fault } from './faults.ts';
import { errorPage, type Pages, type ServedPage } from './pages.ts';

export interface SiteServer {
  readonly port: number;
  /** Requests that arrived, connections that were opened, and connections that are open now. */
  readonly counts: { readonly requests: number; readonly connections: number; readonly open: number };
}

export interface SiteOptions {
  readonly pages: Pages;
  readonly faults: readonly Fault[];
  /** How long every answer takes at least and at most, in milliseconds: the distance to a real site. */
  readonly latency: readonly [least: number, most: number];
}

const DRIPS = 14;
const COOKIE = 'library-visitor';

type Later = (delay: number, action: () => void) => void;

/** The server, on a free port of the loopback interface. */
export function embeddedSite(options: SiteOptions): Resource<SiteServer> {
  return resource(function* (provide) {
    const timers = new Set<NodeJS.Timeout>();
    const later: Later = (delay, action) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        action();
      }, delay);
      timers.add(timer);
    };
    const respond = responder(options, later);
    let requests = 0;
    const server = yield* acquire(
      httpsServer((request, response) => {
        requests++;
        respond(request, response);
      }),
    );
    try {
      yield* provide({
        port: server.port,
        get counts() {
          return { requests, connections: server.accepted, open: server.open.size };
        },
      });
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
  });
}

/** Sends every response after the time that the way to a real site would take. */
function responder({ pages, faults, latency }: SiteOptions, later: Later): RequestListener {
  const behaviours = new Map(faults.map(({ link, behaviour }) => [link, behaviour]));
  return (request, response) => {
    const sitePath = pathOf(request);
    later(latencyOf(sitePath, latency), () => answer(sitePath, request, response, pages, behaviours, later));
  };
}

function pathOf(request: IncomingMessage): string {
  const [sitePath = '/'] = (request.url ?? '/').split(/[?#]/);
  return sitePath;
}

/** The same page always takes the same time. */
function latencyOf(sitePath: string, [least, most]: readonly [number, number]): number {
  let hash = 0;
  for (const character of sitePath) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return least + (hash / 65_521) * (most - least);
}

function answer(
  sitePath: string,
  request: IncomingMessage,
  response: ServerResponse,
  pages: Pages,
  behaviours: ReadonlyMap<string, Behaviour>,
  later: Later,
): void {
  if (response.destroyed) return;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response.setHeader('allow', 'GET, HEAD'), request, 405, errorPage(405, sitePath));
    return;
  }
  const behaviour = behaviours.get(sitePath) ?? { kind: 'normal' };
  const page = pages.get(sitePath);
  switch (behaviour.kind) {
    case 'silent':
      return;
    case 'redirect':
      send(
        response.setHeader('location', behaviour.to),
        request,
        behaviour.status,
        errorPage(behaviour.status, sitePath),
      );
      return;
    case 'error':
      send(response, request, behaviour.status, errorPage(behaviour.status, sitePath));
      return;
    case 'slow':
      later(behaviour.delay, () => sendOrMissing(response, request, page, sitePath));
      return;
    case 'drip':
      drip(response, page, behaviour.duration, later);
      return;
    case 'stall':
      promise(response, page).write(firstHalf(page));
      return;
    case 'cut':
      promise(response, page).write(firstHalf(page), () => later(20, () => response.destroy()));
      return;
    case 'members':
      if (request.headers.cookie?.includes(`${COOKIE}=`)) sendOrMissing(response, request, page, sitePath);
      else send(response, request, 403, errorPage(403, sitePath));
      return;
    case 'normal':
      if (sitePath === '/')
        response.setHeader('set-cookie', `${COOKIE}=welcome; Path=/; Secure; HttpOnly; SameSite=Lax`);
      sendOrMissing(response, request, page, sitePath);
  }
}

function sendOrMissing(
  response: ServerResponse,
  request: IncomingMessage,
  page: ServedPage | undefined,
  sitePath: string,
): void {
  if (page === undefined) send(response, request, 404, errorPage(404, sitePath));
  else send(response, request, 200, page);
}

function send(response: ServerResponse, request: IncomingMessage, status: number, page: ServedPage): void {
  let { body } = page;
  if (page.type.startsWith('text/') && /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '')) {
    body = gzipSync(body, { level: 1 });
    response.setHeader('content-encoding', 'gzip');
  }
  response.writeHead(status, { 'content-type': page.type, 'content-length': body.length, vary: 'accept-encoding' });
  response.end(body);
}

/** Announces the whole page; the caller sends less. */
function promise(response: ServerResponse, page: ServedPage | undefined): ServerResponse {
  return response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': page?.body.length ?? 0,
  });
}

function firstHalf(page: ServedPage | undefined): Uint8Array {
  return page?.body.subarray(0, page.body.length / 2) ?? new Uint8Array();
}

function drip(response: ServerResponse, page: ServedPage | undefined, duration: number, later: Later): void {
  const body = page?.body ?? new Uint8Array();
  const size = Math.ceil(body.length / DRIPS);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': body.length });
  response.flushHeaders();
  const next = (index: number): void => {
    if (response.destroyed) return;
    if (index * size >= body.length) {
      response.end();
      return;
    }
    response.write(body.subarray(index * size, (index + 1) * size));
    later(duration / DRIPS, () => next(index + 1));
  };
  later(duration / DRIPS, () => next(0));
}
