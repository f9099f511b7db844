import type { Duplex } from 'node:stream';
import { moveOnAfter, type Operation } from '@coloop/core';
import { ClientProxyConnectionError, ProxyResponseError } from '../errors.ts';
import { ask, type Line, type Understood } from './handshake.ts';
import { type Head, readHead } from './head.ts';
import type { ProxyServer } from './proxy.ts';

/**
 * Asks an HTTP proxy for a tunnel to `host:port`; afterwards the socket speaks to the target.
 *
 * Cancellation: leaves the socket to its owner, who destroys it.
 *
 * @param authority - host:port, IPv6 in brackets
 * @throws ProxyResponseError with the proxy's answer where it refuses, ClientProxyConnectionError where it breaks.
 *
 * Source: RFC 9110, section 9.3.6.
 */
export function* openTunnel(socket: Duplex, authority: string, proxy: ProxyServer): Operation<void> {
  const label = `CONNECT ${authority} through ${proxy.display}`;
  const head = yield* finalHead(socket, label, requestText(authority, proxy));
  if (head.status >= 200 && head.status < 300) {
    // Nobody speaks before the client does in a tunnel that carries TLS or HTTP: these bytes are not the target's.
    if (socket.readableLength > 0) {
      throw new ClientProxyConnectionError(
        `${label} failed: the proxy sent ${socket.readableLength} bytes more than its answer.`,
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
  let head = yield* ask(socket, headLine(label, Buffer.from(request, 'latin1')));
  for (let interim = 0; head.status < 200; interim++) {
    if (interim === MAX_INTERIM) {
      throw new ClientProxyConnectionError(`${label} failed: more than ${MAX_INTERIM} interim answers.`, {
        phase: 'proxy',
      });
    }
    head = yield* ask(socket, headLine(label, ''));
  }
  return head;
}

function headLine(label: string, say: Uint8Array | string): Line<Head> {
  return { label, say, limit: MAX_HEAD, understand: (heard) => understandHead(label, heard) };
}

function understandHead(label: string, heard: Buffer): Understood<Head> | undefined {
  try {
    return readHead(heard);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientProxyConnectionError(`${label} failed: the answer is no HTTP, ${why}.`, { phase: 'proxy', cause });
  }
}

/** The beginning of the refusal's body: what of it comes soon, since the connection is lost anyway. */
function* excerpt(socket: Duplex, headers: Headers): Operation<string> {
  const announced = headers.get('content-length');
  const wanted = Math.min(MAX_EXCERPT, announced !== null && /^\d+$/.test(announced) ? Number(announced) : MAX_EXCERPT);
  const heard: Buffer[] = [];
  if (wanted > 0) yield* moveOnAfter(EXCERPT_TIME, listen(socket, heard, wanted));
  return Buffer.concat(heard).toString('utf8', 0, wanted);
}

function* listen(socket: Duplex, heard: Buffer[], wanted: number): Operation<void> {
  const understand = (bytes: Buffer): Understood<void> | undefined => {
    heard[0] = bytes;
    return bytes.length >= wanted ? { value: undefined, used: bytes.length } : undefined;
  };
  try {
    yield* ask(socket, { label: 'the body of the refusal', say: '', limit: wanted, understand });
  } catch (error) {
    if (!(error instanceof ClientProxyConnectionError)) throw error;
  }
}

const MAX_HEAD = 65_536;
const MAX_INTERIM = 10;
const MAX_EXCERPT = 1_024;
const EXCERPT_TIME = 250;
