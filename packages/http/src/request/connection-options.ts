/*
 * What a request may say about its connection, in words that need no platform: each platform makes its own things of them,
 * and only the one that made them looks inside.
 */
import type { Operation } from '@coloop/core';

/** TLS settings; everything optional. */
export interface SslOptions {
  /** A file with CA certificates in PEM. */
  readonly cafile?: string | undefined;
  /** A directory whose `.pem`, `.crt`, `.cer` and hashed (`.0`) files are CA certificates in PEM. */
  readonly capath?: string | undefined;
  /** CA certificates in PEM or DER. */
  readonly ca?: PemInput | readonly PemInput[] | undefined;
  /** The client's certificate chain in PEM. */
  readonly cert?: PemInput | readonly PemInput[] | undefined;
  /** The client's private key in PEM. */
  readonly key?: PemInput | undefined;
  /** The client's key and certificate as PKCS #12. */
  readonly pfx?: PemInput | undefined;
  readonly passphrase?: string | undefined;
  readonly ciphers?: string | undefined;
  readonly minVersion?: TlsVersion | undefined;
  readonly maxVersion?: TlsVersion | undefined;
  /** The name sent as SNI and checked in the certificate; default: the URL's host. */
  readonly servername?: string | undefined;
  /** Whether the certificate has to be trusted and made for the host. Default true. */
  readonly verify?: boolean | undefined;
  /** What the peer's certificate must be, beside trusted: see `createSslContext`. */
  readonly fingerprint?: string | readonly string[] | undefined;
  /** Whether the platform's CAs are trusted beside the given ones. Default true. */
  readonly systemRoots?: boolean | undefined;
}

/** Text, or bytes. */
export type PemInput = string | Uint8Array;

/** The versions of TLS. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** TLS settings made ready, as `createSslContext` does. */
export interface TlsSettings {
  readonly verify: boolean;
  readonly servername: string | undefined;
  /** Equal for equal settings and for those only. */
  readonly key: string;
}

/** A proxy made ready. */
export interface ProxyTarget {
  /** Without credentials, for errors and traces. */
  readonly display: string;
}

/** An address of a host, of one family. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** What looks names up: a `Resolver`, or an object of your own. */
export interface NameResolver {
  /** The addresses of a name, at least one. */
  lookup(hostname: string): Operation<readonly ResolvedAddress[]>;
}

/** An address that a request is about to be sent to. */
export interface AddressCandidate extends ResolvedAddress {
  /** Whose address it is: the host of the URL, or a proxy. */
  readonly role: 'origin' | 'proxy';
  /** The name or address that it was found by, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** The origin of the request, as in `https://api.example`, or the proxy's URL without credentials. */
  readonly url: string;
}

/** Decides where requests may go; all but `true` refuses. */
export type AllowAddress = 'public' | ((candidate: AddressCandidate) => boolean);

/** Whether HTTP/2 is spoken: never, where TLS finds that the server takes it, or in any case. */
export type Http2Choice = boolean | 'only';
