/* CONNECT: a tunnel through an HTTP proxy, or the response with which the proxy refuses it. */
import type { Duplex } from 'node:stream';
import { moveOnAfter, type Operation } from '@coloop/core';
import { ClientProxyConnectionError, messageOf, ProxyResponseError } from '../errors.ts';
import { EXCERPT_SIZE, EXCERPT_TIME } from '../limits.ts';
import { type HandshakeStep, type Parsed, runStep } from './handshake.ts';
import { type Head, readHead } from './head.ts';
import type { ProxyServer } from './proxy.ts';

/**
 * Asks an HTTP proxy for a tunnel to `host:port`; afterwards the socket speaks to the target.
 *
 * Cancellation: leaves the socket as it is; its owner destroys it.
 *
 * @param authority - host:port, IPv6 in brackets
 * @throws ProxyResponseError with the proxy's response if it refuses, ClientProxyConnectionError if it breaks.
 *
 * Source: RFC 9110, section 9.3.6.
 */
export function* openTunnel(socket: Duplex, authority: string, proxy: ProxyServer): Operation<void> {
  const label = `CONNECT ${authority} through ${proxy.display}`;
  const head = yield* finalHead(socket, label, requestText(authority, proxy));
  if (head.status >= 200 && head.status < 300) {
    // In a tunnel for TLS or HTTP the client speaks first: these bytes cannot come from the target.
    if (socket.readableLength > 0) {
      throw new ClientProxyConnectionError(
        `${label} failed: the proxy sent ${socket.readableLength} bytes after its response.`,
        {
          phase: 'proxy',
        },
      );
    }
    return;
  }
  const body = yield* excerpt(socket, head.headers);
  const hint = head.status === 407 ? ' Give proxyAuth: new BasicAuth(user, password), or check it.' : '';
  throw new ProxyResponseError(
    `The proxy ${proxy.display} refused a tunnel to ${authority}: ${head.status} ${head.reason}.${hint}`,
    {
      status: head.status,
      headers: head.headers,
      body,
      phase: 'proxy',
    },
  );
}

function requestText(authority: string, proxy: ProxyServer): string {
  let text = `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n`;
  if (proxy.authorization !== undefined) text += `Proxy-Authorization: ${proxy.authorization}\r\n`;
  for (const [name, value] of proxy.headers) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}

function* finalHead(socket: Duplex, label: string, request: string): Operation<Head> {
  let head = yield* runStep(socket, headStep(label, Buffer.from(request, 'latin1')));
  for (let interim = 0; head.status < 200; interim++) {
    if (interim === MAX_INTERIM) {
      throw new ClientProxyConnectionError(`${label} failed: more than ${MAX_INTERIM} interim responses.`, {
        phase: 'proxy',
      });
    }
    head = yield* runStep(socket, headStep(label, ''));
  }
  return head;
}

function headStep(label: string, send: Uint8Array | string): HandshakeStep<Head> {
  return { label, send, limit: MAX_HEAD, parse: (bytes) => parseHead(label, bytes) };
}

function parseHead(label: string, bytes: Buffer): Parsed<Head> | undefined {
  try {
    return readHead(bytes);
  } catch (cause) {
    throw new ClientProxyConnectionError(`${label} failed: the response is not HTTP: ${messageOf(cause)}.`, {
      phase: 'proxy',
      cause,
    });
  }
}

/** The beginning of the refusal's body, as much of it as comes soon: the connection is of no more use. */
function* excerpt(socket: Duplex, headers: Headers): Operation<string> {
  const announced = headers.get('content-length');
  const wanted = Math.min(
    EXCERPT_SIZE,
    announced !== null && /^\d+$/.test(announced) ? Number(announced) : EXCERPT_SIZE,
  );
  const received: Buffer[] = [];
  if (wanted > 0) yield* moveOnAfter(EXCERPT_TIME, receive(socket, received, wanted));
  return Buffer.concat(received).toString('utf8', 0, wanted);
}

function* receive(socket: Duplex, received: Buffer[], wanted: number): Operation<void> {
  const parse = (bytes: Buffer): Parsed<void> | undefined => {
    received[0] = bytes;
    return bytes.length >= wanted ? { value: undefined, used: bytes.length } : undefined;
  };
  try {
    yield* runStep(socket, { label: 'the body of the refusal', send: '', limit: wanted, parse });
  } catch (error) {
    if (!(error instanceof ClientProxyConnectionError)) throw error;
  }
}

const MAX_HEAD = 65_536;
const MAX_INTERIM = 10;
