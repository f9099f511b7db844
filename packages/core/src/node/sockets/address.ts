import { checkCount, readOptions, show } from '../../kernel/operation/options.ts';

/** A port of a host. */
export interface TcpAddress {
  /** A name or an IP address; 'localhost' by default, and for `listen` every address of the machine. */
  readonly host?: string | undefined;
  readonly port: number;
}

/** A unix socket; on Windows a named pipe. */
export interface UnixAddress {
  readonly path: string;
}

/** Certificates and names for TLS, in Node's words: PEM texts or bytes. */
export interface TlsSettings {
  /** What is trusted in place of the platform's list of authorities. */
  readonly ca?: TlsMaterial | undefined;
  readonly cert?: TlsMaterial | undefined;
  readonly key?: TlsMaterial | undefined;
  readonly passphrase?: string | undefined;
  /** The name that the server's certificate has to be for; the host by default. */
  readonly servername?: string | undefined;
  /** The protocols that are offered, best first. */
  readonly ALPNProtocols?: readonly string[] | undefined;
  /** For a server: whether clients need a certificate. */
  readonly requestCert?: boolean | undefined;
}

export type TlsMaterial = string | Uint8Array | readonly (string | Uint8Array)[];

/** How many bytes the path of a unix socket may have: `sun_path` of the system, less its end. */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;

/** What both ends need to know of an address. */
export interface CheckedAddress {
  readonly host: string | undefined;
  readonly port: number;
  readonly path: string | undefined;
  readonly tls: TlsSettings | boolean;
  /** As in `localhost:80`. */
  readonly label: string;
}

const ADDRESS = { host: 'string', port: 'any', path: 'string', tls: 'any' } as const;

export interface AnyAddress {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly tls?: TlsSettings | boolean | undefined;
}

/** @param leastPort 0 where the system may choose */
export function checkAddress(what: string, address: AnyAddress, leastPort: 0 | 1): CheckedAddress {
  const { host, port, path, tls = false } = readOptions(what, address, ADDRESS);
  if (tls !== true && tls !== false && (typeof tls !== 'object' || tls === null)) {
    throw new TypeError(`${what}: 'tls' takes true or an object, not ${show(tls)}.`);
  }
  if (path !== undefined) {
    if (host !== undefined || port !== undefined) {
      throw new TypeError(`${what} takes either 'path', or 'host' and 'port', not both.`);
    }
    return { host, port: 0, path: checkPath(what, path), tls, label: path };
  }
  if (port === undefined && leastPort === 1)
    throw new TypeError(`${what} takes a 'port', or the 'path' of a unix socket.`);
  checkCount(`${what}: 'port'`, port ?? 0, leastPort);
  if ((port ?? 0) > 65_535) throw new RangeError(`${what}: 'port' is at most 65535, not ${port}.`);
  return { host, port: port ?? 0, path, tls, label: `${labelOf(host ?? 'localhost')}:${port}` };
}

const labelOf = (host: string): string => (host.includes(':') ? `[${host}]` : host);

function checkPath(what: string, path: string): string {
  const { length } = Buffer.from(path);
  if (length === 0) throw new TypeError(`${what}: 'path' is empty.`);
  if (process.platform !== 'win32' && length > LONGEST_PATH) {
    throw new RangeError(
      `${what}: 'path' has ${length} bytes, and a unix socket takes at most ${LONGEST_PATH}. Put it into a folder with a shorter path.`,
    );
  }
  return path;
}
