/* What the options of a request mean on Node: TLS settings, proxies, resolvers, compressed bodies. */
import { checkNames, invalidOption, own } from '../checks.ts';
import { customResolver } from '../connect/custom-resolver.ts';
import { environmentProxy } from '../connect/environment.ts';
import { type ProxyServer, parseProxy } from '../connect/proxy.ts';
import { Resolver } from '../connect/resolver.ts';
import type { NameLookup } from '../connect/route.ts';
import { SslContext } from '../connect/ssl.ts';
import { ACCEPT_ENCODING } from '../decode/decompress.ts';
import { RequestHeaders } from '../headers.ts';
import type { RequestBody, UploadCoding } from '../request/body/body.ts';
import { compressedBody } from '../request/body/compressed.ts';
import type { NameResolver, SslOptions } from '../request/connection-options.ts';
import type { OptionPlatform, ProxyOption, ProxyOptions, SslOption } from '../request/options.ts';

/** What options mean on Node. One per session: TLS settings that are given again are found again. */
export class NodePlatform implements OptionPlatform {
  readonly acceptEncoding: string = ACCEPT_ENCODING;
  readonly userAgent = 'coloop';
  readonly #byObject = new WeakMap<SslOptions, SslContext>();
  readonly #byKey = new Map<string, SslContext>();
  #verified: SslContext | undefined;
  #unverified: SslContext | undefined;

  check(): void {}

  ssl(option: SslOption | undefined): SslContext {
    if (option === undefined || option === true) {
      this.#verified ??= new SslContext({});
      return this.#verified;
    }
    if (option === false) {
      this.#unverified ??= new SslContext({ verify: false });
      return this.#unverified;
    }
    if (option instanceof SslContext) return option;
    if (typeof option !== 'object' || option === null) {
      throw invalidOption('ssl', option, 'give false, TLS settings, or createSslContext(…)');
    }
    return this.#made(option);
  }

  // Settings written in place are a new object at every call; what is in them decides, or no connection would ever be reused.
  #made(options: SslOptions): SslContext {
    const known = this.#byObject.get(options);
    if (known !== undefined) return known;
    const made = new SslContext(options);
    const context = this.#byKey.get(made.key) ?? made;
    if (this.#byKey.size >= MAX_CONTEXTS) this.#byKey.clear();
    this.#byKey.set(context.key, context);
    this.#byObject.set(options, context);
    return context;
  }

  proxy(option: Exclude<ProxyOption, null | false>, authorization: string | undefined): ProxyServer {
    if (typeof option === 'string' || option instanceof URL)
      return parseProxy(option, "The option 'proxy'", { authorization });
    return this.#proxyOf(option, authorization);
  }

  #proxyOf(option: ProxyOptions, authorization: string | undefined): ProxyServer {
    checkNames('proxy', option, PROXY_OPTIONS);
    const url = own(option, 'url');
    if (url === undefined) throw invalidOption('proxy.url', url, "write { url: 'http://host:port', … }");
    const ssl = own(option, 'ssl');
    return parseProxy(url, "The option 'proxy.url'", {
      authorization: own(option, 'auth')?.authorization ?? authorization,
      headers: RequestHeaders.from(own(option, 'headers')),
      ssl: ssl === undefined ? undefined : this.ssl(ssl),
    });
  }

  resolver(option: NameResolver | undefined): (NameResolver & NameLookup) | null {
    if (option === undefined) return null;
    const resolver = option instanceof Resolver ? option : customResolver(option);
    if (resolver !== undefined) return resolver;
    throw invalidOption(
      'resolver',
      option,
      'give new Resolver({ nameservers: […] }), or an object with an operation lookup(hostname)',
    );
  }

  compressed(body: RequestBody, coding: UploadCoding): RequestBody {
    return compressedBody(body, coding);
  }

  environment(): (url: URL) => ProxyServer | null {
    let last: { readonly url: string; readonly proxy: ProxyServer } | undefined;
    return (url) => {
      const found = environmentProxy(url, process.env);
      if (found === null) return null;
      if (last?.url !== found.url)
        last = { url: found.url, proxy: parseProxy(found.url, `The variable ${found.variable}`) };
      return last.proxy;
    };
  }
}

const PROXY_OPTIONS: readonly (keyof ProxyOptions)[] = ['url', 'auth', 'headers', 'ssl'];
const MAX_CONTEXTS = 100;
