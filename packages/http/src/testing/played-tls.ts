/*
 * A played TLS handshake: one round trip in which the client names a host and the server shows a certificate, which the
 * client checks by its settings. Nothing is encrypted, so that runs repeat byte for byte; a real handshake draws keys.
 */
import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import { type Parsed, runStep } from '../connect/handshake.ts';
import type { TlsTarget } from '../connect/tls.ts';
import { ClientProxyConnectionError, ClientSslError, InvalidOptionError } from '../errors.ts';
import type { Connection } from './connection.ts';

/** The certificate that a simulated server shows: one that is valid for its names, or one with a fault. */
export type Certificate = 'valid' | 'self-signed' | 'expired' | 'wrong-name';

const HELLO = '\x16hello';

const FAULTS: Readonly<Record<Exclude<Certificate, 'valid'>, readonly [code: string, why: string]>> = {
  'self-signed': ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
  expired: ['CERT_HAS_EXPIRED', 'certificate has expired'],
  'wrong-name': ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is made for another name'],
};

/** The server's part; false if the client does not speak this handshake. */
export function* acceptTls(connection: Connection, certificate: Certificate): Operation<boolean> {
  const line = yield* connection.readUntil('\n');
  if (line === undefined || !Buffer.from(line).toString().startsWith(HELLO)) return false;
  yield* connection.write(`${HELLO} ${certificate}\n`);
  return true;
}

/** The client's part. */
export function* playTls(socket: Duplex, { hostname, port, context }: TlsTarget): Operation<Duplex> {
  if (context.pins.length > 0) {
    throw new InvalidOptionError(
      'Pins cannot be checked in a simulated network, since its certificates have no keys: leave fingerprint out.',
    );
  }
  const fail = (code: string, why: string, cause?: unknown): never => {
    throw new ClientSslError(`TLS with ${hostname}:${port} failed: ${why}.`, { code, phase: 'tls', cause });
  };
  try {
    const name = context.servername ?? hostname;
    const hello = `${HELLO} ${name}\n`;
    const shown = yield* runStep(socket, {
      label: `tls(${hostname}:${port})`,
      send: hello,
      limit: 100,
      parse: parseShown,
    });
    if (shown === undefined) fail('EPROTO', 'the port may not speak TLS');
    else if (shown !== 'valid' && context.verify) fail(...FAULTS[shown]);
    return socket;
  } catch (error) {
    socket.destroy();
    if (!(error instanceof ClientProxyConnectionError)) throw error;
    return fail('ECONNRESET', 'the connection was closed during the handshake', error);
  }
}

function parseShown(bytes: Buffer): Parsed<Certificate | undefined> | undefined {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\n');
  if (end === -1) return HELLO.startsWith(text.slice(0, HELLO.length)) ? undefined : { value: undefined, used: 0 };
  const [, shown] = text.slice(0, end).split(' ');
  const known = shown === 'valid' || (shown !== undefined && Object.hasOwn(FAULTS, shown));
  return { value: known ? (shown as Certificate) : undefined, used: end + 1 };
}
