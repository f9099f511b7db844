/**
 * The embedded world: a documentation site, the proxy that leads to it and the DNS server that knows them, all on
 * loopback and all real.
 */
import { CA, type Closable, type RunningProxy, startNameServer, startProxy } from '@coloop/test-servers';
import { type Fault, plantFaults } from './faults.ts';
import { openLibrary } from './library.ts';
import { Pages } from './pages.ts';
import { startSite } from './site.ts';

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
  /** Ends every server and connection; calling it again is fine. */
  close(): Promise<void>;
}

/** Starts the whole world; if a part of it cannot start, the others are ended before the error is thrown. */
export async function startWorld({ root, latency = [15, 45] }: WorldOptions): Promise<World> {
  const started: Closable[] = [];
  const keep = async <T extends Closable>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    started.push(part);
    return part;
  };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    for (const part of started.reverse()) await part.close();
  };
  try {
    const library = openLibrary(root);
    const faults = plantFaults(library.documents);
    const names = await keep(startNameServer({ [SITE_NAME]: ['127.0.0.1'], [PROXY_NAME]: ['127.0.0.1'] }));
    const site = await keep(startSite({ pages: new Pages(library, faults), faults, latency }));
    const proxy = await keep(startProxy(CREDENTIALS, { nameserver: names.address }));
    return {
      url: `https://${SITE_NAME}:${site.port}/`,
      proxy: `http://${CREDENTIALS}@${PROXY_NAME}:${proxy.port}`,
      nameserver: names.address,
      ca: CA,
      documents: library.documents.length,
      faults,
      stats: () => ({ ...site.counts, tunnels: tunnelsOf(proxy), queries: names.questions.length }),
      close() {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How many tunnels it was asked for, those that it refused included. */
function tunnelsOf({ seen }: RunningProxy): number {
  return seen.filter(({ line }) => line.startsWith('CONNECT ')).length;
}
