/*
 * A request as the codec is given it: method, target, header lines and body, for the server or for a proxy.
 */
import type { Dispatcher } from 'undici';
import type { Route } from '../connect/route.ts';
import type { RequestHeaders } from '../headers.ts';
import type { RequestBody } from '../request/body/body.ts';
import type { Request } from '../request/request.ts';

/** The message that a request becomes on a connection of a route. */
export function wireMessage(
  request: Request,
  route: Route,
  body: Dispatcher.DispatchOptions['body'],
): Dispatcher.DispatchOptions {
  const { url, method } = request;
  const target = `${url.pathname}${url.search}`;
  const path = isAbsolute(route) ? `${url.origin}${target}` : target;
  const outgoing = outgoingOf(request.headers);
  return new WireMessage(method, path, wireHeaders(request, route, outgoing), body, outgoing.reset);
}

/** What the codec is given, with every field that it reads: a missing one it would look for in the prototype. */
export class WireMessage implements Dispatcher.DispatchOptions {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  /** The codec only reads it. */
  readonly headers: string[];
  readonly body: NonNullable<Dispatcher.DispatchOptions['body']> | null;
  /** Set in any case: the codec closes the connection after HEAD and after a GET with a body otherwise. */
  readonly reset: boolean;
  readonly query = undefined as never;
  readonly idempotent = true;
  readonly blocking = false;
  readonly upgrade = null;
  readonly headersTimeout = null;
  readonly bodyTimeout = null;
  readonly expectContinue = false;
  readonly servername = null;
  readonly throwOnError = undefined as never;
  readonly maxRedirections = undefined;
  readonly typeOfService = undefined as never;

  constructor(
    method: string,
    path: string,
    headers: readonly string[],
    body: Dispatcher.DispatchOptions['body'],
    reset: boolean,
  ) {
    this.method = method as Dispatcher.HttpMethod;
    this.path = path;
    this.headers = headers as string[];
    this.body = body ?? null;
    this.reset = reset;
  }
}

function isAbsolute(route: Route): boolean {
  return (
    route.proxy !== null && !route.tunnel && (route.proxy.protocol === 'http:' || route.proxy.protocol === 'https:')
  );
}

function wireHeaders({ headers, body }: Request, route: Route, outgoing: Outgoing): readonly string[] {
  const { host, proxy } = route;
  const absolute = isAbsolute(route);
  if (!absolute && body === null) return outgoing.toServer(host);
  const flat = absolute ? outgoing.toProxy(host, proxy?.authorization !== undefined) : [...outgoing.toServer(host)];
  if (body !== null) addBodyHeaders(flat, headers, body);
  if (absolute) addProxyHeaders(flat, route);
  return flat;
}

function addBodyHeaders(flat: string[], headers: RequestHeaders, body: RequestBody): void {
  if (body.length !== undefined && !headers.has('content-length')) flat.push('content-length', String(body.length));
  if (body.type !== undefined && !headers.has('content-type')) flat.push('content-type', body.type);
  if (body.encoding !== undefined && !headers.has('content-encoding')) flat.push('content-encoding', body.encoding);
}

/** The headers of a request as they go out. */
class Outgoing {
  readonly #headers: RequestHeaders;
  readonly #named: boolean;
  /** Whether the connection is to be closed after the response. */
  readonly reset: boolean;
  #host = '';
  #flat: readonly string[] = [];

  constructor(headers: RequestHeaders) {
    this.#headers = headers;
    this.#named = headers.has('host');
    this.reset = headers.get('connection')?.toLowerCase() === 'close';
  }

  /** To a server; not to be changed. Proxy-Authorization is only for the proxy that reads the request. */
  toServer(host: string): readonly string[] {
    if (this.#host !== host) {
      this.#host = host;
      this.#flat = this.#withHost(host, this.#headers.delete('connection', 'proxy-authorization'));
    }
    return this.#flat;
  }

  /** To a proxy; where its own credentials are known, it gets those and no others. */
  toProxy(host: string, known: boolean): string[] {
    const headers = this.#headers;
    const sent = known ? headers.delete('connection', 'proxy-authorization') : headers.delete('connection');
    return this.#withHost(host, sent);
  }

  // The codec writes Connection itself.
  #withHost(host: string, { flat }: RequestHeaders): string[] {
    return this.#named ? [...flat] : ['host', host, ...flat];
  }
}

/** Kept, since a session's own headers are used again and again. */
const outgoings = new WeakMap<RequestHeaders, Outgoing>();

function outgoingOf(headers: RequestHeaders): Outgoing {
  let outgoing = outgoings.get(headers);
  if (outgoing === undefined) {
    outgoing = new Outgoing(headers);
    outgoings.set(headers, outgoing);
  }
  return outgoing;
}

// The proxy's credentials are put in here, where the connection is known to lead to it, and nowhere earlier.
function addProxyHeaders(flat: string[], route: Route): void {
  const { proxy } = route;
  if (proxy === null) return;
  if (proxy.authorization !== undefined) flat.push('Proxy-Authorization', proxy.authorization);
  for (const [name, value] of proxy.headers) flat.push(name, value);
}
