/* SOCKS4, 4a and 5 as a client speaks them. */
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import { ClientProxyConnectionError } from '../errors.ts';
import { parseAddress } from './addresses.ts';
import { type Parsed, runStep } from './handshake.ts';
import type { ProxyServer } from './proxy.ts';

/** The target that the SOCKS proxy connects to: a name for socks4a and socks5h, else an address. */
export interface SocksTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * Asks a SOCKS proxy for a connection; afterwards the socket speaks to the target.
 *
 * Cancellation: leaves the socket as it is; its owner destroys it.
 *
 * @throws ClientProxyConnectionError with the proxy's reason.
 *
 * Source: RFC 1928 and RFC 1929; the SOCKS4 and SOCKS4A memos of Ying-Da Lee.
 */
export function openSocks(socket: Duplex, target: SocksTarget, proxy: ProxyServer): Operation<void> {
  return proxy.protocol.startsWith('socks4') ? socks4(socket, target, proxy) : socks5(socket, target, proxy);
}

function* socks4(socket: Duplex, target: SocksTarget, proxy: ProxyServer): Operation<void> {
  const label = labelOf(target, proxy);
  const family = isIP(target.host);
  if (family === 6 || (family === 0 && proxy.protocol === 'socks4:')) {
    throw new ClientProxyConnectionError(
      `${label} failed: SOCKS4 carries IPv4 addresses only; use socks5:// instead.`,
      { phase: 'proxy' },
    );
  }
  const port = portBytes(target.port);
  const user = Buffer.from(`${proxy.username ?? ''}\0`);
  // 0.0.0.1 is the memo's sign that the name follows.
  const request =
    family === 4
      ? Buffer.concat([Buffer.from([4, 1]), port, addressBytes(target.host), user])
      : Buffer.concat([Buffer.from([4, 1]), port, Buffer.from([0, 0, 0, 1]), user, Buffer.from(`${target.host}\0`)]);
  const code = yield* runStep(socket, { label, send: request, limit: 8, parse: (bytes) => reply4(label, bytes) });
  if (code !== 90) refuse(label, SOCKS4_REASONS.get(code) ?? `code ${code}`);
}

function reply4(label: string, bytes: Buffer): Parsed<number> | undefined {
  if (bytes.length > 0 && bytes[0] !== 0) refuse(label, `the reply begins with ${bytes[0]}, which is not SOCKS4`);
  return bytes.length < 8 ? undefined : { value: bytes[1] as number, used: 8 };
}

function* socks5(socket: Duplex, target: SocksTarget, proxy: ProxyServer): Operation<void> {
  const label = labelOf(target, proxy);
  const withPassword = proxy.username !== undefined;
  const greeting = Buffer.from(withPassword ? [5, 2, 0, 2] : [5, 1, 0]);
  const method = yield* runStep(socket, { label, send: greeting, limit: 2, parse: (bytes) => methodOf(label, bytes) });
  if (method === 2 && withPassword) {
    const send = passwordRequest(proxy.username ?? '', proxy.password ?? '');
    const status = yield* runStep(socket, { label, send, limit: 2, parse: pair });
    if (status !== 0) refuse(label, 'the proxy did not accept the user name and password', 'SOCKS_AUTH');
  } else if (method !== 0) {
    const why = withPassword
      ? 'the proxy accepts none of the ways to log in'
      : 'the proxy wants a user name and a password';
    refuse(label, why, 'SOCKS_AUTH');
  }
  const send = connectRequest(label, target);
  const code = yield* runStep(socket, { label, send, limit: 262, parse: (bytes) => reply5(label, bytes) });
  if (code !== 0) refuse(label, SOCKS5_REASONS.get(code) ?? `code ${code}`);
}

function methodOf(label: string, bytes: Buffer): Parsed<number> | undefined {
  if (bytes.length > 0 && bytes[0] !== 5) refuse(label, `the reply begins with ${bytes[0]}, which is not SOCKS5`);
  return pair(bytes);
}

function pair(bytes: Buffer): Parsed<number> | undefined {
  return bytes.length < 2 ? undefined : { value: bytes[1] as number, used: 2 };
}

function passwordRequest(username: string, password: string): Buffer {
  const name = Buffer.from(username);
  const word = Buffer.from(password);
  return Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([word.length]), word]);
}

function connectRequest(label: string, target: SocksTarget): Buffer {
  const family = isIP(target.host);
  const name = Buffer.from(target.host);
  if (family === 0 && name.length > 255) refuse(label, 'the host name has more than 255 bytes');
  const address =
    family === 0
      ? Buffer.concat([Buffer.from([3, name.length]), name])
      : Buffer.concat([Buffer.from([family === 4 ? 1 : 4]), addressBytes(target.host)]);
  return Buffer.concat([Buffer.from([5, 1, 0]), address, portBytes(target.port)]);
}

function reply5(label: string, bytes: Buffer): Parsed<number> | undefined {
  if (bytes.length > 0 && bytes[0] !== 5) refuse(label, `the reply begins with ${bytes[0]}, which is not SOCKS5`);
  if (bytes.length < 5) return undefined;
  const kind = bytes[3] as number;
  const length = kind === 1 ? 4 : kind === 4 ? 16 : kind === 3 ? 1 + (bytes[4] as number) : -1;
  if (length === -1) refuse(label, `the reply has an address of the unknown kind ${kind}`);
  const size = 4 + length + 2;
  return bytes.length < size ? undefined : { value: bytes[1] as number, used: size };
}

function addressBytes(host: string): Buffer {
  const bytes = parseAddress(host) as Uint8Array;
  return Buffer.from(isIP(host) === 4 ? bytes.subarray(12) : bytes);
}

function portBytes(port: number): Buffer {
  return Buffer.from([port >> 8, port & 255]);
}

function labelOf(target: SocksTarget, proxy: ProxyServer): string {
  return `Connecting to ${target.host}:${target.port} through ${proxy.display}`;
}

function refuse(label: string, why: string, code?: string): never {
  throw new ClientProxyConnectionError(`${label} failed: ${why}.`, { code, phase: 'proxy' });
}

const SOCKS4_REASONS: ReadonlyMap<number, string> = new Map([
  [91, 'the proxy refused or could not connect'],
  [92, 'the proxy could not reach identd on this machine'],
  [93, 'the proxy got another user name from identd'],
]);

const SOCKS5_REASONS: ReadonlyMap<number, string> = new Map([
  [1, 'general failure of the proxy'],
  [2, 'the rules of the proxy do not allow it'],
  [3, 'network unreachable'],
  [4, 'host unreachable'],
  [5, 'connection refused'],
  [6, 'TTL expired'],
  [7, 'the proxy does not know CONNECT'],
  [8, 'the proxy does not know this kind of address'],
]);
