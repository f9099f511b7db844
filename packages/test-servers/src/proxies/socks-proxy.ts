/** A SOCKS proxy for the versions 4, 4a and 5 (RFC 1928, RFC 1929). */
import type { Socket } from 'node:net';
import { startTcp } from '../http.ts';
import type { RunningServer } from '../server.ts';
import { tunnel } from './tunnel.ts';

export interface RunningSocksProxy extends RunningServer {
  /** What it was asked for: `4 user host:port` or `5 host:port`. */
  readonly seen: readonly string[];
}

const OPEN_4 = Buffer.from([0, 90, 0, 0, 0, 0, 0, 0]);
const OPEN_5 = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
const NO_LOGIN = 0;
const LOGIN = 2;
const NOTHING_FITS = 255;

/** @param credentials `user:password` for version 5; undefined where none are asked for */
export async function startSocksProxy(credentials?: string): Promise<RunningSocksProxy> {
  const seen: string[] = [];
  const server = await startTcp((socket) => {
    socket.once('data', (first) => {
      if (first[0] === 4) version4(socket, first, seen);
      else version5(socket, first, credentials, seen);
    });
  });
  return Object.assign(server, { seen });
}

function version4(socket: Socket, request: Buffer, seen: string[]): void {
  // The user's name ends with a zero, and so does the name of the host, which stands behind it where the address is 0.0.0.x.
  const userEnd = request.indexOf(0, 8);
  const named = request.readUInt32BE(4) < 256;
  const complete = named ? request.indexOf(0, userEnd + 1) !== -1 : userEnd !== -1;
  if (userEnd === -1 || !complete) {
    socket.once('data', (more) => version4(socket, Buffer.concat([request, more]), seen));
    return;
  }
  const host = named ? request.subarray(userEnd + 1, -1).toString() : [...request.subarray(4, 8)].join('.');
  const authority = `${host}:${request.readUInt16BE(2)}`;
  seen.push(`4 ${request.subarray(8, userEnd)} ${authority}`);
  tunnel(socket, authority, OPEN_4);
}

function version5(socket: Socket, greeting: Buffer, credentials: string | undefined, seen: string[]): void {
  const method = credentials === undefined ? NO_LOGIN : LOGIN;
  const offered = greeting.subarray(2).includes(method);
  socket.write(Buffer.from([5, offered ? method : NOTHING_FITS]));
  const asked = (): unknown => socket.once('data', (request) => connectTo(socket, request, seen));
  if (method === NO_LOGIN) {
    asked();
    return;
  }
  socket.once('data', (login) => {
    const passwordAt = 3 + (login[1] ?? 0);
    const given = `${login.subarray(2, passwordAt - 1)}:${login.subarray(passwordAt)}`;
    socket.write(Buffer.from([1, given === credentials ? 0 : 1]));
    asked();
  });
}

function connectTo(socket: Socket, request: Buffer, seen: string[]): void {
  const authority = `${hostOf(request)}:${request.readUInt16BE(request.length - 2)}`;
  seen.push(`5 ${authority}`);
  tunnel(socket, authority, OPEN_5);
}

/** The host of a request of version 5: an IPv4 address, a name, or an IPv6 address. */
function hostOf(request: Buffer): string {
  if (request[3] === 1) return [...request.subarray(4, 8)].join('.');
  if (request[3] === 3) return request.subarray(5, -2).toString();
  const words = request.subarray(4, 20).toString('hex').match(/.{4}/g) ?? [];
  return `[${words.join(':')}]`;
}
