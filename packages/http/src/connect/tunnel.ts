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
 * @param serverBegins - whether the target may speak first, as in HTTP/2
 * @throws ProxyResponseError with the proxy's response if it refuses, ClientProxyConnectionError if it breaks.
 *
 * Source: RFC 9110, section 9.3.6.
 */
export function* openTunnel(
  socket: Duplex,
  authority: string,
  proxy: ProxyServer,
  serverBegins = false,
): Operation<void> {
  const label = `CONNECT ${authority} through ${proxy.display}`;
  const head = yield* finalHead(socket, label, requestText(authority, proxy));
  if (head.status >= 200 && head.status < 300) {
    // In a tunnel for TLS or HTTP/1.1 the client speaks first: these bytes cannot come from the target.
    if (!serverBegins && socket.readableLength > 0) {
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
  const isChunked = /(?:^|,)[ \t]*chunked[ \t]*$/i.test(headers.get('transfer-encoding') ?? '');
  const hasLength = !isChunked && announced !== null && /^\d+$/.test(announced);
  const wanted = hasLength ? Math.min(EXCERPT_SIZE, Number(announced)) : EXCERPT_SIZE;
  const read = isChunked ? withoutChunks : plain;
  const received: Buffer[] = [];
  if (wanted > 0) yield* moveOnAfter(EXCERPT_TIME, receive(socket, received, wanted, read));
  return received[0]?.toString('utf8', 0, wanted) ?? '';
}

/** How bytes are read as a body: what of it is there, and whether that is all. */
type ReadBody = (bytes: Buffer) => { readonly body: Buffer; readonly whole: boolean };

function* receive(socket: Duplex, received: Buffer[], wanted: number, read: ReadBody): Operation<void> {
  const parse = (bytes: Buffer): Parsed<void> | undefined => {
    const { body, whole } = read(bytes);
    received[0] = body;
    return whole || body.length >= wanted ? { value: undefined, used: bytes.length } : undefined;
  };
  try {
    yield* runStep(socket, { label: 'the body of the refusal', send: '', limit: MAX_EXCERPT, parse });
  } catch (error) {
    if (!(error instanceof ClientProxyConnectionError)) throw error;
  }
}

function plain(body: Buffer): ReturnType<ReadBody> {
  return { body, whole: false };
}

/** Takes the sizes of chunks out; what is no chunk ends the body. Source: RFC 9112, section 7.1. */
function withoutChunks(bytes: Buffer): ReturnType<ReadBody> {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    const line = bytes.toString('latin1', at, end === -1 ? bytes.length : end);
    const size = /^[\da-f]{1,8}(?=[ \t]*(?:;|$))/i.exec(line)?.[0];
    const isOver = end !== -1 && (size === undefined || Number.parseInt(size, 16) === 0);
    if (end === -1 || size === undefined || isOver) return { body: Buffer.concat(chunks), whole: isOver };
    const from = end + 2;
    at = from + Number.parseInt(size, 16) + 2;
    chunks.push(bytes.subarray(from, at - 2));
    if (at > bytes.length) return { body: Buffer.concat(chunks), whole: false };
  }
}

const MAX_HEAD = 65_536;
const MAX_INTERIM = 10;
/** Small chunks bring little body for their bytes. */
const MAX_EXCERPT = 65_536;
