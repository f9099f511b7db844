/* The URL of a proxy, read and checked, with its credentials in the form that its protocol takes. */
import { invalid } from '../checks.ts';
import { ClientError, InvalidOptionError } from '../errors.ts';
import { RequestHeaders } from '../headers.ts';
import { redactInvalidUrl } from '../redact.ts';
import { decode } from '../request/url.ts';
import type { SslContext } from './ssl.ts';

/** The protocols that a proxy may speak. */
export type ProxyProtocol = 'http:' | 'https:' | 'socks4:' | 'socks4a:' | 'socks5:' | 'socks5h:';

/** A proxy, complete and checked. */
export interface ProxyServer {
  readonly protocol: ProxyProtocol;
  /** A name or an address, IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** For SOCKS; percent-decoded. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** The value of Proxy-Authorization, if the proxy speaks HTTP and credentials were given. */
  readonly authorization: string | undefined;
  readonly headers: RequestHeaders;
  /** TLS settings towards an https proxy; undefined: the platform's. */
  readonly ssl: SslContext | undefined;
  /** Without credentials, for errors and traces. */
  readonly display: string;
  /** Everything that makes a connection through this proxy different from another one. */
  readonly key: string;
}

/** What {@link parseProxy} takes beside the URL. */
export interface ProxySettings {
  /** The value of an Authorization header; it has precedence over the URL's credentials. */
  readonly authorization?: string | undefined;
  readonly headers?: RequestHeaders | undefined;
  readonly ssl?: SslContext | undefined;
}

/**
 * Reads the URL of a proxy.
 *
 * @param source - the origin of the URL, for errors: `The option proxy`, `The variable HTTP_PROXY`
 * @throws InvalidOptionError for an unreadable URL, an unknown scheme or credentials that the protocol cannot carry; its message never contains the credentials.
 */
export function parseProxy(input: string | URL, source: string, settings: ProxySettings = {}): ProxyServer {
  const url = readUrl(input, source);
  const protocol = url.protocol as ProxyProtocol;
  const port = DEFAULT_PORTS.get(protocol);
  if (port === undefined) {
    const known = [...DEFAULT_PORTS.keys()].map((scheme) => `${scheme}//`).join(', ');
    throw new InvalidOptionError(
      `${source} has the scheme ${url.protocol}, which no proxy speaks: use one of ${known}.`,
    );
  }
  const hostname = decode(url.hostname).replace(/^\[(.*)\]$/, '$1');
  if (hostname === '') throw new InvalidOptionError(`${source} has no host: write it as http://host:port.`);
  const isHttp = protocol === 'http:' || protocol === 'https:';
  const fromUrl =
    url.username === '' && url.password === '' ? undefined : `${decode(url.username)}:${decode(url.password)}`;
  const pair = settings.authorization === undefined ? fromUrl : decodeBasic(settings.authorization, source);
  const [username, password] = pair === undefined ? [undefined, undefined] : splitPair(pair);
  if (!isHttp) checkSocks(protocol, username, password, source);
  const authorization = isHttp
    ? (settings.authorization ?? (pair === undefined ? undefined : encodeBasic(pair, source)))
    : undefined;
  const number = url.port === '' ? port : Number(url.port);
  const display = `${protocol}//${hostname.includes(':') ? `[${hostname}]` : hostname}:${number}`;
  const headers = settings.headers ?? RequestHeaders.empty;
  return {
    protocol,
    hostname,
    port: number,
    username,
    password,
    authorization,
    headers,
    ssl: settings.ssl,
    display,
    key: JSON.stringify([
      display,
      pair ?? null,
      settings.authorization ?? null,
      headers.flat,
      settings.ssl?.key ?? null,
    ]),
  };
}

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http:', 80],
  ['https:', 443],
  ['socks4:', 1080],
  ['socks4a:', 1080],
  ['socks5:', 1080],
  ['socks5h:', 1080],
]);

function readUrl(input: string | URL, source: string): URL {
  const text = String(input);
  // As curl does: a bare host:port is an HTTP proxy.
  const complete = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  try {
    if (/[\p{Cc} ]/u.test(text)) throw new TypeError('control characters');
    return new URL(complete);
  } catch {
    throw invalid(
      source,
      redactInvalidUrl(text),
      'write it as http://user:password@host:port, percent-encoded where needed',
    );
  }
}

function encodeBasic(pair: string, source: string): string {
  if (/\p{Cc}/u.test(pair))
    throw new InvalidOptionError(`${source} has credentials with control characters: remove them.`);
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(pair)))}`;
}

function decodeBasic(authorization: string, source: string): string | undefined {
  const match = /^Basic ([A-Za-z0-9+/=]+)$/.exec(authorization);
  if (match === null) return undefined;
  try {
    const bytes = Uint8Array.from(atob(match[1] as string), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch (cause) {
    throw new ClientError(`${source} has credentials that are not base64: give new BasicAuth(user, password).`, {
      cause,
    });
  }
}

function splitPair(pair: string): [username: string, password: string] {
  const colon = pair.indexOf(':');
  return [pair.slice(0, colon), pair.slice(colon + 1)];
}

// RFC 1929 has one length byte for each, SOCKS4 a text that ends at a zero byte and no password.
function checkSocks(
  protocol: string,
  username: string | undefined,
  password: string | undefined,
  source: string,
): void {
  const length = (text: string | undefined): number => new TextEncoder().encode(text ?? '').length;
  if (length(username) > 255 || length(password) > 255) {
    throw new InvalidOptionError(
      `${source} has credentials of more than 255 bytes, which SOCKS cannot carry: use an http proxy, or shorter ones.`,
    );
  }
  if (!protocol.startsWith('socks4')) return;
  if (password !== undefined && password !== '') {
    throw new InvalidOptionError(`${source} has a password, but SOCKS4 knows a user name only: use socks5:// instead.`);
  }
  if (username?.includes('\0')) throw new InvalidOptionError(`${source} has a zero byte in its user name: remove it.`);
}
