import type { Route } from '../connect/connector.ts';
import type { ProxyServer } from '../connect/proxy.ts';
import { Resolver } from '../connect/resolver.ts';
import type { SslContext } from '../connect/ssl.ts';
import type { Request, ResolvedOptions } from '../request.ts';

/** The options as the platform of Node has made them. */
interface NodeOptions extends ResolvedOptions {
  readonly ssl: SslContext;
  readonly proxy: ProxyServer | null;
  readonly proxyFor: ((url: URL) => ProxyServer | null) | null;
  readonly resolver: Resolver | null;
}

/** Finds the route of a request; routes are kept per set of options and origin, since most requests repeat both. */
export class Routes {
  readonly #byOptions = new WeakMap<ResolvedOptions, Map<string, Route>>();
  readonly #system = new Resolver();
  readonly #localAddress: string | undefined;
  #lastOptions: ResolvedOptions | undefined;
  #lastRoutes: Map<string, Route> = new Map();

  constructor(localAddress: string | undefined) {
    this.#localAddress = localAddress;
  }

  /** @param tunnel - for another protocol than HTTP: a proxy is asked for a tunnel even without TLS */
  of(request: Request, tunnel: boolean): Route {
    const { url } = request;
    const options = request.options as NodeOptions;
    const proxy = proxyOf(options, url);
    const routes = options === this.#lastOptions ? this.#lastRoutes : this.#routesFor(options);
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

  // Nearly all requests of a session have the same options.
  #routesFor(options: ResolvedOptions): Map<string, Route> {
    let routes = this.#byOptions.get(options);
    if (routes === undefined) {
      routes = new Map();
      this.#byOptions.set(options, routes);
    }
    this.#lastOptions = options;
    this.#lastRoutes = routes;
    return routes;
  }

  #make(options: NodeOptions, url: URL, proxy: ProxyServer | null, tunnelled: boolean): Route {
    const secure = url.protocol === 'https:';
    const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    const authority = `${url.hostname}:${port}`;
    const tunnel = secure || tunnelled;
    const resolver = options.resolver ?? this.#system;
    const localAddress = this.#localAddress;
    const ssl = secure ? options.ssl.key : null;
    const key = JSON.stringify([
      secure,
      authority,
      proxy?.key ?? null,
      tunnel,
      tunnelled,
      ssl,
      resolver.key,
      localAddress ?? null,
    ]);
    return { key, secure, hostname, port, authority, proxy, tunnel, ssl: options.ssl, resolver, localAddress };
  }
}

/** The proxy that a request goes through. */
function proxyOf(options: NodeOptions, url: URL): ProxyServer | null {
  return options.proxy ?? options.proxyFor?.(url) ?? null;
}

/** A crawler meets many hosts: the table starts anew rather than growing with them. */
const MAX_ROUTES = 10_000;
