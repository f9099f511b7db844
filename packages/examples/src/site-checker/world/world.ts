/**
 * The embedded world: a documentation site, the proxy that leads to it and the DNS server that knows them, all on
 * loopback and all real.
 */
import { acquire, type Resource, resource } from '@coloop/core';
import { CA, type RunningProxy } from '@coloop/test-servers';
import { httpProxy, nameServer } from '@coloop/test-servers/resources';
import { type Fault, plantFaults } from './faults.ts';
import { openLibrary } from './library.ts';
import { Pages } from './pages.ts';
import { embeddedSite } from './site.ts';

/** What the DNS server knows; `.test` is reserved for this by RFC 6761. */
const SITE_NAME = 'library.coloop.test';
const PROXY_NAME = 'proxy.coloop.test';
const CREDENTIALS = 'reader:open-sesame';

export interface WorldOptions {
  /** A folder with `node_modules` in it: its Markdown is the site. */
  readonly root: string;
  /** The least and the most that an answer takes, in milliseconds. 15 to 45 unless given. */
  readonly latency?: readonly [least: number, most: number];
}

export interface WorldStats {
  readonly requests: number;
  readonly connections: number;
  readonly open: number;
  readonly tunnels: number;
  readonly queries: number;
}

export interface World {
  /** The start page. */
  readonly url: string;
  /** With the name and the password in it. */
  readonly proxy: string;
  /** `host:port` of the DNS server. */
  readonly nameserver: string;
  /** The certificate that a client must trust, in PEM. */
  readonly ca: string;
  /** How many documents the site has. */
  readonly documents: number;
  readonly faults: readonly Fault[];
  stats(): WorldStats;
}

/** The whole world; it ends with the scope that acquired it. */
export function embeddedWorld({ root, latency = [15, 45] }: WorldOptions): Resource<World> {
  return resource(function* (provide) {
    const library = openLibrary(root);
    const faults = plantFaults(library.documents);
    const names = yield* acquire(nameServer({ [SITE_NAME]: ['127.0.0.1'], [PROXY_NAME]: ['127.0.0.1'] }));
    const site = yield* acquire(embeddedSite({ pages: new Pages(library, faults), faults, latency }));
    const proxy = yield* acquire(httpProxy(CREDENTIALS, { nameserver: names.address }));
    yield* provide({
      url: `https://${SITE_NAME}:${site.port}/`,
      proxy: `http://${CREDENTIALS}@${PROXY_NAME}:${proxy.port}`,
      nameserver: names.address,
      ca: CA,
      documents: library.documents.length,
      faults,
      stats: () => ({ ...site.counts, tunnels: tunnelsOf(proxy), queries: names.questions.length }),
    });
  });
}

/** How many tunnels it was asked for, those that it refused included. */
function tunnelsOf({ seen }: RunningProxy): number {
  return seen.filter(({ line }) => line.startsWith('CONNECT ')).length;
}
