/* An HTTP proxy as a script of the simulated network. */
import type { Operation } from '@coloop/core';
import { type Connection, PeerGoneError } from './connection.ts';
import { type RequestHead, readRequestHead } from './http-server.ts';
import type { Script } from './simulated-host.ts';

/** The members of the network that a proxy uses. */
interface Machines {
  dial(hostname: string, port: number): Operation<Connection>;
  background(name: string, body: () => Operation<void>): void;
}

/** An HTTP proxy: it opens tunnels, and passes on requests for whole URLs, one per connection. */
export function proxyScript(
  machines: Machines,
  credentials: string | undefined,
  seen: { readonly line: string; readonly headers: Headers }[],
): Script {
  const expected = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  return function* proxy(client) {
    const head = yield* readRequestHead(client);
    if (head === undefined) return;
    seen.push({ line: `${head.method} ${head.target}`, headers: head.headers });
    if (expected !== undefined && head.headers.get('proxy-authorization') !== expected) {
      yield* client.write(`HTTP/1.1 407 Proxy Authentication Required\r\n${CHALLENGE}who are you?`);
      return;
    }
    yield* pass(machines, client, head);
  };
}

const CHALLENGE = 'Proxy-Authenticate: Basic realm="simulated"\r\nContent-Length: 12\r\n\r\n';

function* pass(machines: Machines, client: Connection, head: RequestHead): Operation<void> {
  const tunnel = head.method === 'CONNECT';
  const url = new URL(tunnel ? `http://${head.target}` : head.target);
  let server: Connection;
  try {
    server = yield* machines.dial(url.hostname.replace(/^\[(.*)\]$/, '$1'), Number(url.port || 80));
  } catch (error) {
    yield* client.write(`HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nX-Why: ${reasonOf(error)}\r\n\r\n`);
    return;
  }
  try {
    if (tunnel) yield* client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    else yield* server.write(forwarded(head, url));
    machines.background(`tunnel to ${url.host}`, () => pump(client, server));
    yield* pump(server, client);
  } finally {
    server.close();
  }
}

function forwarded({ method, headers }: RequestHead, url: URL): string {
  const lines = [...headers].filter(([name]) => name !== 'proxy-authorization' && name !== 'connection');
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${text}connection: close\r\n\r\n`;
}

/** Carries bytes one way; if one connection breaks, it breaks the other. */
function* pump(from: Connection, to: Connection): Operation<void> {
  try {
    for (let bytes = yield* from.read(); bytes !== undefined; bytes = yield* from.read()) yield* to.write(bytes);
    to.end();
  } catch (error) {
    if (!(error instanceof PeerGoneError)) throw error;
    from.reset();
    to.reset();
  }
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
