/* TLS settings, read and checked: what is trusted, what is shown, and which certificates are pinned. */
import { createHash, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { show } from '@coloop/core/lowlevel';
import { bare, checkFlag, checkNames, invalid, invalidOption, own } from '../checks.ts';
import { InvalidOptionError, messageOf } from '../errors.ts';
import type { PemInput, SslOptions, TlsSettings, TlsVersion } from '../request/connection-options.ts';

export type { SslOptions } from '../request/connection-options.ts';

/** The pin of a certificate, or of its public key. */
export interface Pin {
  readonly kind: 'certificate' | 'publicKey';
  /** SHA-256 in hex, of the certificate's DER or of its SubjectPublicKeyInfo. */
  readonly sha256: string;
}

/** TLS settings made ready once and used for many connections. Made by {@link createSslContext}. */
export class SslContext implements TlsSettings {
  readonly verify: boolean;
  readonly servername: string | undefined;
  readonly pins: readonly Pin[];
  /** Equal for equal settings and for those only: connections and sessions are kept by it. */
  readonly key: string;
  readonly #make: () => SecureContext;
  #secureContext: SecureContext | undefined;

  constructor(options: SslOptions) {
    const settings = read(options);
    this.verify = settings.verify;
    this.servername = settings.servername;
    this.pins = settings.pins;
    this.key = settings.key;
    this.#make = settings.make;
    // Built now if it can fail, so that a bad certificate is an error before anything is sent.
    if (settings.custom) this.#secureContext = this.#make();
  }

  /** The platform's form; built at first use and kept, since building one parses every root certificate. */
  get secureContext(): SecureContext {
    this.#secureContext ??= this.#make();
    return this.#secureContext;
  }
}

/**
 * Makes TLS settings that can be used for many requests: `ssl: createSslContext({ cafile: 'ca.pem' })`.
 *
 * `fingerprint` is `'sha256/<base64 of the SHA-256 of the SubjectPublicKeyInfo>'` or the certificate's SHA-256 in hex
 * (colons allowed), or a list of them of which one has to match. It is checked in addition to the CA, before a byte of
 * the request is written.
 *
 * @throws InvalidOptionError if a file cannot be read, if a certificate or key is not one, and for unknown settings.
 * @example
 * ```ts
 * import { createSslContext } from '@coloop/http';
 *
 * const pinned = createSslContext({ fingerprint: 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' });
 * console.log(pinned.verify); //> true
 * ```
 */
export function createSslContext(options: SslOptions = {}): SslContext {
  return new SslContext(options);
}

const SSL_OPTIONS: readonly (keyof SslOptions)[] = [
  'cafile',
  'capath',
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'ciphers',
  'minVersion',
  'maxVersion',
  'servername',
  'verify',
  'fingerprint',
  'systemRoots',
];

interface Settings {
  readonly verify: boolean;
  readonly servername: string | undefined;
  readonly pins: readonly Pin[];
  readonly key: string;
  readonly custom: boolean;
  readonly make: () => SecureContext;
}

function read(options: SslOptions): Settings {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption('ssl', options, "give TLS settings, as in { cafile: 'ca.pem' }");
  }
  checkNames('ssl', options, SSL_OPTIONS);
  const verify = checkFlag('ssl.verify', own(options, 'verify'), true);
  const systemRoots = checkFlag('ssl.systemRoots', own(options, 'systemRoots'), true);
  const authorities = authoritiesOf(options);
  const client = {
    cert: listOf(own(options, 'cert')).map(bufferOf),
    key: own(options, 'key'),
    pfx: own(options, 'pfx'),
    passphrase: own(options, 'passphrase'),
    ciphers: own(options, 'ciphers'),
    minVersion: own(options, 'minVersion'),
    maxVersion: own(options, 'maxVersion'),
  };
  const fingerprint = own(options, 'fingerprint');
  const pins = listOf(fingerprint).map(parsePin);
  if (fingerprint !== undefined && pins.length === 0) {
    throw invalidOption(
      'ssl.fingerprint',
      fingerprint,
      'give at least one, since none would pin nothing, or leave it out',
    );
  }
  const servername = own(options, 'servername');
  if (servername !== undefined && (typeof servername !== 'string' || !/^[\x21-\x7e]+$/.test(servername))) {
    throw invalidOption('ssl.servername', servername, 'give the name of a host');
  }
  const changesRoots = authorities.length > 0 || !systemRoots;
  const key = digest([
    verify,
    servername ?? null,
    pins,
    changesRoots ? [systemRoots, authorities.map(hash)] : null,
    hashAll(client),
  ]);
  const make = (): SecureContext => secureContextOf(client, { systemRoots, authorities });
  const custom =
    changesRoots ||
    Object.values(client).some((value) => value !== undefined && !(Array.isArray(value) && value.length === 0));
  return { verify, servername, pins, key, custom, make };
}

interface ClientSettings {
  readonly cert: readonly Buffer[];
  readonly key: PemInput | undefined;
  readonly pfx: PemInput | undefined;
  readonly passphrase: string | undefined;
  readonly ciphers: string | undefined;
  readonly minVersion: TlsVersion | undefined;
  readonly maxVersion: TlsVersion | undefined;
}

interface Trust {
  /** Whether all that the platform trusts is trusted. */
  readonly systemRoots: boolean;
  readonly authorities: readonly Buffer[];
}

function secureContextOf(client: ClientSettings, { systemRoots, authorities }: Trust): SecureContext {
  try {
    const made = createSecureContext(
      bare({
        ...(systemRoots ? {} : { ca: [...authorities] }),
        ...(client.cert.length === 0 ? {} : { cert: [...client.cert] }),
        ...(client.key === undefined ? {} : { key: bufferOf(client.key) }),
        ...(client.pfx === undefined ? {} : { pfx: bufferOf(client.pfx) }),
        ...(client.passphrase === undefined ? {} : { passphrase: client.passphrase }),
        ...(client.ciphers === undefined ? {} : { ciphers: client.ciphers }),
        ...(client.minVersion === undefined ? {} : { minVersion: client.minVersion }),
        ...(client.maxVersion === undefined ? {} : { maxVersion: client.maxVersion }),
      }),
    );
    if (systemRoots && authorities.length > 0) addAuthorities(made, authorities);
    return made;
  } catch (cause) {
    throw new InvalidOptionError(
      `The TLS settings cannot be used: ${messageOf(cause)}. Check cert, key, pfx, passphrase, ciphers and minVersion.`,
      { cause },
    );
  }
}

/**
 * Adds authorities to those that the platform trusts, NODE_EXTRA_CA_CERTS, --use-openssl-ca and --use-system-ca included.
 *
 * The option `ca` would replace them, and no list of them all can be had. This is how that option itself adds them: the platform
 * copies its store before the first one comes in.
 */
function addAuthorities({ context }: SecureContext, authorities: readonly Buffer[]): void {
  const store = context as { addCACert(certificate: Buffer): void };
  for (const authority of [...extraAuthorities(), ...authorities]) store.addCACert(authority);
}

/** Node 20 leaves these out of the copy; to have them twice does no harm. */
function extraAuthorities(): Buffer[] {
  const file = process.env.NODE_EXTRA_CA_CERTS;
  if (file === undefined || file === '') return [];
  try {
    return certificatesIn(readFileSync(file), file);
  } catch {
    // The platform has warned of it, and goes on without them.
    return [];
  }
}

function authoritiesOf(options: SslOptions): Buffer[] {
  const cafile = own(options, 'cafile');
  const capath = own(options, 'capath');
  const found: Buffer[] = [];
  if (cafile !== undefined) found.push(...certificatesIn(readCaFile(cafile), `The file of CAs ${cafile}`));
  if (capath !== undefined) found.push(...directoryOf(capath));
  for (const ca of listOf(own(options, 'ca'))) found.push(...certificatesIn(bufferOf(ca), "The option 'ssl.ca'"));
  return found;
}

function readCaFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new InvalidOptionError(
      `The file of CAs ${show(path)} cannot be read (${messageOf(cause)}): give the path of a PEM file as ssl.cafile.`,
      { cause },
    );
  }
}

function directoryOf(path: string): Buffer[] {
  let names: string[];
  try {
    names = readdirSync(path);
  } catch (cause) {
    throw new InvalidOptionError(
      `The directory of CAs ${show(path)} cannot be read (${messageOf(cause)}): give the path of one as ssl.capath.`,
      { cause },
    );
  }
  const files = names.filter((name) => /\.(pem|crt|cer|\d)$/.test(name));
  if (files.length === 0) {
    throw new InvalidOptionError(
      `The directory of CAs ${show(path)} holds no .pem, .crt, .cer or hashed file: give the path of one as ssl.capath.`,
    );
  }
  return files.flatMap((name) => certificatesIn(readCaFile(join(path, name)), `The file of CAs ${join(path, name)}`));
}

// Node ignores an entry of `ca` that is not a certificate, and then refuses every server: it is refused here instead.
function certificatesIn(bytes: Buffer, source: string): Buffer[] {
  const text = bytes.toString('latin1');
  const blocks = text.match(
    /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g,
  );
  const candidates = blocks === null ? [bytes] : blocks.map((block) => Buffer.from(block, 'latin1'));
  return candidates.map((candidate) => {
    try {
      return Buffer.from(new X509Certificate(candidate).toString());
    } catch (cause) {
      throw new InvalidOptionError(`The TLS setting ${source} holds no readable certificate: give PEM or DER.`, {
        cause,
      });
    }
  });
}

function parsePin(text: string): Pin {
  const publicKey = /^sha256\/([A-Za-z0-9+/]{43}=)$/.exec(text);
  if (publicKey !== null) {
    return { kind: 'publicKey', sha256: Buffer.from(publicKey[1] as string, 'base64').toString('hex') };
  }
  const hex = String(text).replaceAll(':', '').toLowerCase();
  if (/^[\da-f]{64}$/.test(hex)) return { kind: 'certificate', sha256: hex };
  throw invalidOption(
    'ssl.fingerprint',
    text,
    "give 'sha256/' with 44 characters of base64, or the 64 hex digits of a SHA-256; MD5 and SHA-1 are too weak to pin with",
  );
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function bufferOf(input: PemInput): Buffer {
  if (typeof input === 'string') return Buffer.from(input);
  if (input instanceof Uint8Array) return Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  throw invalid(
    'One of the options ca, cert, key and pfx of ssl',
    input,
    'give text or bytes; read a file first, or use cafile',
  );
}

function hash(bytes: PemInput): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hashAll(client: ClientSettings): unknown[] {
  const { cert, key, pfx, passphrase, ...plain } = client;
  const secrets = [key, pfx, passphrase].map((value) => (value === undefined ? null : hash(value)));
  return [cert.map(hash), secrets, plain.ciphers ?? null, plain.minVersion ?? null, plain.maxVersion ?? null];
}

function digest(value: unknown): string {
  return hash(JSON.stringify(value)).slice(0, 32);
}
