/* From a request to the route of its connection, with a table of the routes that were found before. */
import type { Http2Choice, NameResolver } from '../request/connection-options.ts';
import type { Request, ResolvedOptions } from '../request/request.ts';
import { addressRule } from './address-rule.ts';
import type { ProxyServer } from './proxy.ts';
import { Resolver } from './resolver.ts';
import type { NameLookup, Route } from './route.ts';
import type { SslContext } from './ssl.ts';

/** The options as the platform of Node makes them. */
interface NodeOptions extends ResolvedOptions {
  readonly ssl: SslContext;
  readonly proxy: ProxyServer | null;
  readonly proxyFor: ((url: URL) => ProxyServer | null) | null;
  readonly resolver: (NameResolver & NameLookup) | null;
}

/** The last route that was found, and what it was found by. */
interface LastRoute {
  readonly options: NodeOptions;
  readonly proxy: ProxyServer | null;
  readonly tunnel: boolean;
  readonly protocol: string;
  readonly route: Route;
}

/**
 * Finds the route of a request. Routes are kept per set of options and origin, since most requests repeat both.
 */
export class Routes {
  readonly #byOptions = new WeakMap<ResolvedOptions, Map<string, Route>>();
  readonly #system = new Resolver();
  readonly #localAddress: string | undefined;
  readonly #http2: Http2Choice;
  #last: LastRoute | undefined;

  constructor(localAddress: string | undefined, http2: Http2Choice) {
    this.#localAddress = localAddress;
    this.#http2 = http2;
  }

  /** @param tunnel - for another protocol than HTTP: a proxy is asked for a tunnel even without TLS */
  of(request: Request, tunnel: boolean): Route {
    const { url } = request;
    const options = request.options as NodeOptions;
    const proxy = proxyOf(options, url);
    const { protocol, host } = url;
    const last = this.#last;
    // Nearly all requests of a session have the same options and go to one place.
    if (last !== undefined && last.options === options && last.proxy === proxy && last.tunnel === tunnel) {
      if (last.protocol === protocol && last.route.host === host) return last.route;
    }
    const route = this.#find(options, url, proxy, tunnel);
    this.#last = { options, proxy, tunnel, protocol, route };
    return route;
  }

  #find(options: NodeOptions, url: URL, proxy: ProxyServer | null, tunnel: boolean): Route {
    const routes = this.#routesFor(options);
    const { protocol, host } = url;
    const name = proxy === null && !tunnel ? `${protocol}${host}` : `${protocol}${host} ${tunnel} ${proxy?.key}`;
    let route = routes.get(name);
    if (route === undefined) {
      route = this.#make(options, url, proxy, tunnel);
      if (routes.size >= MAX_ROUTES) routes.clear();
      routes.set(name, route);
    }
    return route;
  }

  #routesFor(options: ResolvedOptions): Map<string, Route> {
    let routes = this.#byOptions.get(options);
    if (routes === undefined) {
      routes = new Map();
      this.#byOptions.set(options, routes);
    }
    return routes;
  }

  #make(options: NodeOptions, url: URL, proxy: ProxyServer | null, tunnelled: boolean): Route {
    const secure = url.protocol === 'https:';
    const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    const authority = `${url.hostname}:${port}`;
    // What is spoken without TLS is not asked for: only where it is known is HTTP/2 spoken there. WebSockets are of HTTP/1.1.
    const http2 = tunnelled || (!secure && this.#http2 !== 'only') ? false : this.#http2;
    const tunnel = secure || tunnelled || http2 === 'only';
    const resolver = options.resolver ?? this.#system;
    const localAddress = this.#localAddress;
    const ssl = secure ? options.ssl.key : null;
    const { allowAddress, socketPath } = options;
    const rule = allowAddress === null ? null : addressRule(allowAddress);
    // A proxy of the options is the caller's word; one of the environment is not.
    const proxyRule = allowAddress === 'public' && options.proxy !== null ? null : rule;
    const key = JSON.stringify([
      secure,
      authority,
      proxy?.key ?? null,
      tunnel,
      tunnelled,
      ssl,
      resolver.key,
      localAddress ?? null,
      rule?.key ?? null,
      proxyRule?.key ?? null,
      socketPath,
      http2,
    ]);
    return {
      key,
      secure,
      hostname,
      port,
      authority,
      host: url.host,
      proxy,
      tunnel,
      ssl: options.ssl,
      resolver,
      localAddress,
      rule,
      proxyRule,
      socketPath,
      http2,
      gathers: http2 !== false,
    };
  }
}

/** The proxy that a request goes through. */
function proxyOf(options: NodeOptions, url: URL): ProxyServer | null {
  if (options.socketPath !== null) return null;
  return options.proxy ?? options.proxyFor?.(url) ?? null;
}

/** A crawler meets many hosts: the table is emptied at this size, so that it does not grow with them. */
const MAX_ROUTES = 10_000;
