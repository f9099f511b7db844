/* The TLS handshake on a connection, its pins, and the sessions that later handshakes resume. */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import type { Operation } from '@coloop/core';
import { bare } from '../checks.ts';
import { ClientSslError, FingerprintMismatchError } from '../errors.ts';
import type { Http2Choice } from '../request/connection-options.ts';
import { CallbackWait, ignore, type Settle } from '../waits.ts';
import type { Pin, SslContext } from './ssl.ts';
import { explainTls, protocolAdvice, type TlsRole } from './tls-advice.ts';

/** The peer of a handshake, and the settings for it. */
export interface TlsTarget {
  /** Who it is to the request. */
  readonly role: TlsRole;
  readonly hostname: string;
  readonly port: number;
  readonly context: SslContext;
  /** Whether the peer may speak HTTP/2, or has to. */
  readonly http2: Http2Choice;
}

/**
 * Sessions of earlier handshakes, by everything that decided them.
 *
 * A resumed handshake shows no certificate and checks no name, so a session may only serve the same host, port and
 * settings (verification, CAs, name and pins among them) as the handshake that it came from.
 */
export class TlsSessions {
  readonly #sessions = new Map<string, Buffer>();

  get(target: TlsTarget): Buffer | undefined {
    return this.#sessions.get(keyOf(target));
  }

  set(target: TlsTarget, session: Buffer): void {
    const key = keyOf(target);
    this.#sessions.delete(key);
    const oldest = this.#sessions.size >= MAX_SESSIONS ? this.#sessions.keys().next().value : undefined;
    if (oldest !== undefined) this.#sessions.delete(oldest);
    this.#sessions.set(key, session);
  }

  delete(target: TlsTarget): void {
    this.#sessions.delete(keyOf(target));
  }

  clear(): void {
    this.#sessions.clear();
  }
}

const MAX_SESSIONS = 500;

function keyOf({ hostname, port, context }: TlsTarget): string {
  return `${hostname} ${port} ${context.key}`;
}

/**
 * Speaks TLS on a connection, and checks the pins before anything else may use it.
 *
 * Cancellation: destroys the connection at once.
 *
 * @throws ClientSslError, FingerprintMismatchError
 */
export function secure(socket: Duplex, target: TlsTarget, sessions: TlsSessions): Operation<TLSSocket> {
  return new CallbackWait<TLSSocket>(`tls(${target.hostname}:${target.port})`, (settle) => {
    // The socket may have broken before the task had its turn: no event tells of that a second time.
    if (socket.destroyed) {
      settle.fail(closedError(target));
      return ignore;
    }
    const handshake = new TlsHandshake(socket, target, sessions, settle);
    return () => handshake.stop();
  });
}

class TlsHandshake {
  readonly #raw: Duplex;
  readonly #tls: TLSSocket;
  readonly #target: TlsTarget;
  readonly #sessions: TlsSessions;
  readonly #settle: Settle<TLSSocket>;
  #trusted = false;
  #session: Buffer | undefined;

  constructor(raw: Duplex, target: TlsTarget, sessions: TlsSessions, settle: Settle<TLSSocket>) {
    this.#raw = raw;
    this.#target = target;
    this.#sessions = sessions;
    this.#settle = settle;
    // Neither SNI (RFC 6066, section 3) nor a certificate has the dot at the end of a name.
    const name = (target.context.servername ?? target.hostname).replace(/\.$/, '');
    this.#tls = connect(
      bare({
        socket: raw,
        host: name,
        // An address is not sent as SNI (RFC 6066, section 3); the certificate is then checked against `host`.
        servername: isIP(name) === 0 ? name : '',
        secureContext: target.context.secureContext,
        rejectUnauthorized: target.context.verify,
        ALPNProtocols: protocolsOf(this.#target),
        session: sessions.get(target),
      }),
    );
    // An error must not end the process if no task waits any more, or if the task that waits has not had its turn yet.
    this.#tls.on('error', ignore);
    this.#tls.on('session', (session) => this.#keep(session));
    this.#tls.once('secureConnect', this.#onSecure);
    this.#tls.once('error', this.#onError);
    this.#tls.once('close', this.#onClose);
  }

  stop(): void {
    this.#release();
    this.#tls.destroy();
    this.#raw.destroy();
  }

  // TLS 1.2 gives its session before the certificate was checked: a session is kept only from a handshake that was accepted.
  #keep(session: Buffer): void {
    if (this.#trusted) this.#sessions.set(this.#target, session);
    else this.#session = session;
  }

  readonly #onSecure = (): void => {
    if (this.#target.http2 === 'only' && this.#tls.alpnProtocol !== 'h2') {
      this.#refused();
      return;
    }
    const { pins } = this.#target.context;
    // A resumed session shows no certificate; that it could be resumed proves the peer of the handshake that was checked.
    const seen = pins.length === 0 || this.#tls.isSessionReused() ? undefined : fingerprints(this.#tls);
    if (seen !== undefined && !pins.some((pin) => seen[pin.kind] === pin.sha256)) {
      this.#mismatch(pins, seen);
      return;
    }
    this.#release();
    this.#trusted = true;
    if (this.#session !== undefined) this.#sessions.set(this.#target, this.#session);
    if (!this.#settle.wake(this.#tls)) this.stop();
  };

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    const { hostname, port, http2 } = this.#target;
    this.stop();
    this.#sessions.delete(this.#target);
    this.#settle.fail(
      new ClientSslError(`TLS with ${hostname}:${port} failed: ${explainTls(error, this.#target.role, http2)}`, {
        code: error.code,
        phase: 'tls',
        cause: error,
      }),
    );
  };

  readonly #onClose = (): void => {
    this.stop();
    this.#settle.fail(closedError(this.#target));
  };

  #refused(): void {
    const { hostname, port } = this.#target;
    this.stop();
    this.#settle.fail(
      new ClientSslError(
        `TLS with ${hostname}:${port} failed: the server did not choose HTTP/2; ${protocolAdvice('only')}.`,
        {
          code: 'HTTP2',
          phase: 'tls',
        },
      ),
    );
  }

  #mismatch(pins: readonly Pin[], seen: Fingerprints): void {
    const { hostname, port } = this.#target;
    this.stop();
    this.#settle.fail(
      new FingerprintMismatchError(
        `The certificate of ${hostname}:${port} is not the pinned one: it has the fingerprint ${seen.certificate} and its key ${pinOf(seen.publicKey)}, expected ${pins.map(show).join(' or ')}.`,
        { phase: 'tls' },
      ),
    );
  }

  #release(): void {
    this.#tls.off('secureConnect', this.#onSecure);
    this.#tls.off('error', this.#onError);
    this.#tls.off('close', this.#onClose);
  }
}

function closedError({ hostname, port }: TlsTarget): ClientSslError {
  return new ClientSslError(`TLS with ${hostname}:${port} failed: the connection was closed during the handshake.`, {
    code: 'ECONNRESET',
    phase: 'tls',
  });
}

/** What is offered by ALPN, best first: RFC 7301. */
function protocolsOf({ http2 }: TlsTarget): string[] {
  if (http2 === 'only') return ['h2'];
  return http2 ? ['h2', 'http/1.1'] : ['http/1.1'];
}

type Fingerprints = Readonly<Record<Pin['kind'], string>>;

function fingerprints(socket: TLSSocket): Fingerprints {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { certificate: 'none', publicKey: '' };
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return {
    certificate: sha256(certificate.raw),
    publicKey: sha256(certificate.publicKey.export({ type: 'spki', format: 'der' })),
  };
}

function show(pin: Pin): string {
  return pin.kind === 'certificate' ? pin.sha256 : pinOf(pin.sha256);
}

function pinOf(sha256: string): string {
  return `sha256/${Buffer.from(sha256, 'hex').toString('base64')}`;
}
