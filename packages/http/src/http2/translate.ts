/*
 * Makes of what a stream or its connection ended with what the user gets.
 */
import { constants } from 'node:http2';
import type { OpenCall } from '../call/call.ts';
import { explainTls, isTlsFailure } from '../connect/tls-advice.ts';
import {
  ClientError,
  ClientPayloadError,
  ClientSslError,
  ContentLengthError,
  complete,
  type ErrorDetails,
  LimitExceededError,
  ServerDisconnectedError,
} from '../errors.ts';

/** How a stream ended, where it was not with a complete response. */
export interface BrokenStream {
  /** Set once the head came. */
  readonly head: unknown;
  readonly length: number | undefined;
  readonly received: number;
  /** The code of RST_STREAM, from either side. */
  readonly reset: number;
  /** Why the connection broke, where it did. */
  readonly broken: Error | undefined;
  /** Whether the connection itself is over. */
  readonly lost: boolean;
  /** Whether the server has said that it takes no more requests. */
  readonly leaving: boolean;
  /** Whether the server has not looked at the request. */
  readonly unprocessed: boolean;
  /** Whether the body of the request was a stream that is used up. */
  readonly spent: boolean;
}

const {
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_HTTP_1_1_REQUIRED,
  NGHTTP2_NO_ERROR,
  NGHTTP2_PROTOCOL_ERROR,
  NGHTTP2_REFUSED_STREAM,
} = constants;

/** The error of a stream that broke, in words of ours. */
export function translate(stream: BrokenStream, call: OpenCall): ClientError {
  const { broken, reset } = stream;
  const details = { ...call.details(), cause: broken };
  if (broken instanceof ClientError) return complete(broken, details);
  if (stream.unprocessed) return unprocessed(stream, call);
  if (broken !== undefined) {
    if (isTlsFailure(broken) && stream.head === undefined) return tlsFailed(broken, call, details);
    if (FLOOD.test(broken.message)) return flooded(broken, details);
    if (codeOf(broken) === 'ERR_HTTP2_ERROR') return malformed(broken.message, call);
  }
  if (stream.lost) return stream.head === undefined ? disconnected(broken, call) : truncated(stream, call);
  if (reset === NGHTTP2_ENHANCE_YOUR_CALM && stream.head === undefined) return tooMuch(call);
  if (reset === NGHTTP2_PROTOCOL_ERROR && !isShort(stream)) return malformed(nameOf(reset), call);
  return stream.head === undefined ? refused(reset, call) : truncated(stream, call);
}

/** Whether a code of RST_STREAM says that the server did not look at the request. */
export function isRefusal(reset: number): boolean {
  return reset === NGHTTP2_REFUSED_STREAM;
}

/** Whether the platform has refused to begin a stream, since its connection takes no more of them. */
export function isUnbegun(error: unknown): boolean {
  return UNBEGUN.has(codeOf(error) ?? '');
}

const UNBEGUN: ReadonlySet<string> = new Set([
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_OUT_OF_STREAMS',
]);

/** What the platform's codec says of floods. */
const FLOOD = /flood|CONTINUATION/i;

/** The code of an error of the platform. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function nameOf(reset: number): string {
  const found = Object.entries(constants).find(
    ([name, code]) => name.startsWith('NGHTTP2_') && RESETS.test(name) && code === reset,
  );
  return found?.[0].slice('NGHTTP2_'.length) ?? `code ${reset}`;
}

/** The codes of RFC 9113, section 7, among the platform's constants. */
const RESETS =
  /_(NO_ERROR|PROTOCOL_ERROR|INTERNAL_ERROR|FLOW_CONTROL_ERROR|SETTINGS_TIMEOUT|STREAM_CLOSED|FRAME_SIZE_ERROR|REFUSED_STREAM|CANCEL|COMPRESSION_ERROR|CONNECT_ERROR|ENHANCE_YOUR_CALM|INADEQUATE_SECURITY|HTTP_1_1_REQUIRED)$/;

function hostOf(call: OpenCall): string {
  return call.request?.url.host ?? 'The server';
}

function unprocessed({ spent, leaving }: BrokenStream, call: OpenCall): ClientError {
  const details = call.details();
  const how = leaving ? 'GOAWAY' : 'REFUSED_STREAM';
  if (spent) {
    return new ClientPayloadError(
      `${hostOf(call)} did not look at the request (${how}), and its body is a stream that cannot be sent twice: give the body as a function that makes it, or as bytes.`,
      { ...details, code: 'BODY_SPENT' },
    );
  }
  return new ServerDisconnectedError(
    `${hostOf(call)} takes no requests at the moment (${how}), and was asked ${details.request?.attempts ?? 1} times: ask again later, or set retry.`,
    { ...details, code: how },
  );
}

function disconnected(broken: Error | undefined, call: OpenCall): ServerDisconnectedError {
  const code = codeOf(broken);
  const why = broken === undefined ? '' : ` (${broken.message})`;
  return new ServerDisconnectedError(
    `${hostOf(call)} closed the connection before it answered${why}: ask again, or set retry.`,
    { ...call.details(), code, cause: broken },
  );
}

function refused(reset: number, call: OpenCall): ServerDisconnectedError {
  const code = nameOf(reset);
  if (reset === NGHTTP2_HTTP_1_1_REQUIRED) {
    return new ServerDisconnectedError(
      `${hostOf(call)} takes this request over HTTP/1.1 only (${code}): ask in a session with http2: false.`,
      { ...call.details(), code },
    );
  }
  const why = reset === NGHTTP2_NO_ERROR || reset === NGHTTP2_CANCEL ? 'cancelled' : 'ended';
  return new ServerDisconnectedError(
    `${hostOf(call)} ${why} the request before it answered (${code}): ask again, or set retry.`,
    { ...call.details(), code },
  );
}

function malformed(what: string, call: OpenCall): ClientPayloadError {
  return new ClientPayloadError(
    `The exchange with ${hostOf(call)} is not valid HTTP/2 (${what}): it is the server that must be mended.`,
    { ...call.details(), code: 'INVALID_RESPONSE' },
  );
}

// The platform answers a head with too many lines by this code; a server that wants fewer requests says it with GOAWAY.
function tooMuch(call: OpenCall): LimitExceededError {
  return new LimitExceededError(
    `The request to ${hostOf(call)} was ended with ENHANCE_YOUR_CALM: its response has more headers than can be kept, or the server wants fewer requests; ask for less.`,
    call.details(),
  );
}

function flooded(broken: Error, details: ErrorDetails): LimitExceededError {
  return new LimitExceededError(
    `The server sent more frames than a connection may bring beside its responses (${broken.message}): it is the server that must be mended.`,
    details,
  );
}

function tlsFailed(error: NodeJS.ErrnoException, call: OpenCall, details: ErrorDetails): ClientSslError {
  return new ClientSslError(`TLS with ${hostOf(call)} failed: ${explainTls(error, 'origin')}`, {
    ...details,
    code: error.code,
  });
}

function isShort({ head, length, received }: BrokenStream): boolean {
  return head !== undefined && length !== undefined && length !== received;
}

function truncated({ length, received }: BrokenStream, call: OpenCall): ClientPayloadError {
  const url = call.request?.url.href ?? 'the response';
  const details = call.details();
  if (length === undefined) {
    return new ClientPayloadError(`The body of ${url} broke off after ${received} bytes: ask again.`, {
      ...details,
      code: 'TRUNCATED',
    });
  }
  return new ContentLengthError(
    `The body of ${url} has ${received} bytes, while its Content-Length announced ${length}: it was truncated on the way, so ask again.`,
    details,
  );
}
