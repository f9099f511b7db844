/** An HTTP proxy: it forwards requests for whole URLs, opens tunnels, and asks for credentials where it was given some. */
import { Resolver } from 'node:dns';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { SERVER_CERT, SERVER_KEY } from '../certificates.ts';
import { type RunningServer, startServer } from '../server.ts';
import { loopback, tunnel } from './tunnel.ts';

/** What a proxy was asked. */
export interface ProxyRequest {
  /** `METHOD target`, as in `CONNECT site.test:443`. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  /** The user that the request names, empty where it names none. */
  readonly user: string;
  /** Whether it was let through. */
  readonly accepted: boolean;
}

export interface ProxyOptions {
  /** Whether the proxy itself speaks TLS. */
  readonly secure?: boolean;
  /** The DNS server to ask, as `host:port`. Without one, every name is taken for this machine. */
  readonly nameserver?: string;
  /** Is told of every request as it comes. */
  readonly onRequest?: (asked: ProxyRequest) => void;
}

export interface RunningProxy extends RunningServer {
  /** All requests so far, refused ones included. */
  readonly seen: readonly ProxyRequest[];
}

const CHALLENGE = 'Basic realm="test"';
const REFUSAL = 'This proxy wants a name and a password.';
const REFUSED_TUNNEL = `HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: ${CHALLENGE}\r\nContent-Length: ${REFUSAL.length}\r\n\r\n${REFUSAL}`;

/** @param credentials `user:password`, without which nothing gets through; undefined where everything does */
export async function startProxy(credentials?: string, options: ProxyOptions = {}): Promise<RunningProxy> {
  const { secure = false, nameserver, onRequest } = options;
  const seen: ProxyRequest[] = [];
  const lookup = nameserver === undefined ? loopback : lookupAt(nameserver);

  function accepts({ method, url, headers }: IncomingMessage): boolean {
    const [, encoded = ''] = (headers['proxy-authorization'] ?? '').split(' ');
    const given = atob(encoded);
    const accepted = credentials === undefined || given === credentials;
    const asked = { line: `${method} ${url}`, headers, user: given.split(':')[0] ?? '', accepted };
    seen.push(asked);
    onRequest?.(asked);
    return accepted;
  }

  function answer(message: IncomingMessage, response: ServerResponse): void {
    if (accepts(message)) forward(message, response, lookup);
    else response.writeHead(407, { 'Proxy-Authenticate': CHALLENGE }).end(REFUSAL);
  }

  const server = secure ? createSecureServer({ cert: SERVER_CERT, key: SERVER_KEY }, answer) : createServer(answer);
  server.on('connect', (message: IncomingMessage, socket: Socket) => {
    if (accepts(message)) tunnel(socket, message.url ?? '', 'HTTP/1.1 200 Connection established\r\n\r\n', lookup);
    else socket.end(REFUSED_TUNNEL);
  });
  return Object.assign(await startServer(server), { seen });
}

/** Sends a request on to where its URL points, and the response back. */
function forward(message: IncomingMessage, response: ServerResponse, lookup: LookupFunction): void {
  const { 'proxy-authorization': _, ...headers } = message.headers;
  // Without an agent, which would keep the connection after this request.
  const options = { method: message.method, headers, lookup, agent: false } as const;
  const onward = request(message.url ?? '', options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  message.pipe(onward);
}

/** Asks the DNS server at `address` for names. */
function lookupAt(address: string): LookupFunction {
  const resolver = new Resolver();
  resolver.setServers([address]);
  return (name, options, callback) => {
    resolver.resolve4(name, (error, addresses) => {
      const found = (addresses ?? []).map((address) => ({ address, family: 4 }));
      if (error !== null) callback(error, []);
      else if (options.all) callback(null, found);
      else callback(null, found[0]?.address ?? '', 4);
    });
  };
}
