/*
 * Makes of what the codec or the socket threw what the user gets.
 */
import type { OpenCall } from '../call/call.ts';
import { explainTls, isTlsFailure } from '../connect/tls-advice.ts';
import {
  ClientError,
  ClientPayloadError,
  ClientSslError,
  ContentLengthError,
  complete,
  type ErrorDetails,
  InvalidOptionError,
  LimitExceededError,
  ServerDisconnectedError,
} from '../errors.ts';
import { NOT_SENT } from './codec.ts';

/** What is known of an exchange that failed. */
export interface FailedExchange {
  /** Set once the head came. */
  readonly head: unknown;
  readonly length: number | undefined;
  readonly received: number;
}

/**
 * The error of a failed exchange for the user, in words of ours.
 *
 * What comes here is of the codec or of the socket, whatever it looks like: errors of the caller's own body and callbacks
 * go past the codec.
 *
 * @param said - what the codec threw
 * @param broken - why the socket broke first: of that the codec may say no more than that it did
 */
export function translate(said: unknown, exchange: FailedExchange, call: OpenCall, broken?: Error): ClientError {
  const error = broken !== undefined && isCodecs(said) && !isCodecs(broken) ? broken : said;
  if (error instanceof ClientError) return complete(error, { ...call.details(), cause: error });
  const code = codeOf(error);
  // An error of the codec is no cause that would say more: it speaks of the codec.
  const details = { ...call.details(), cause: code?.startsWith('UND_') ? undefined : error };
  // Two lengths, or a length beside chunks: the codec finds out at the head already.
  const contradictory = code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && exchange.head === undefined;
  if (code === undefined || CODEC.test(code) || contradictory || isUpgrade(error)) return malformed(error, call);
  if (isTlsFailure(error) && exchange.head === undefined) return tlsFailed(error, call, details);
  const known = KNOWN.get(code);
  if (known !== undefined) return known(details);
  return exchange.head === undefined ? disconnected(error as Error, call, details) : truncated(exchange, call, details);
}

/** Whether a failed request was certainly not seen by the server. */
export function isUnsent(error: unknown): boolean {
  return codeOf(error) === NOT_SENT;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // llhttp's reason is in the message; the code is missing for most of them.
  if (error.name === 'HTTPParserError') return 'HPE_INVALID';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}

function isCodecs(error: unknown): boolean {
  return codeOf(error)?.startsWith('UND_') === true;
}

/** Its parser's findings, and what it had not expected at all. */
const CODEC = /^(?:HPE_|ERR_ASSERTION$)/;

function malformed(error: unknown, call: OpenCall): ClientPayloadError {
  const found = error instanceof Error ? error.message : '';
  const what = FINDINGS.find(([pattern]) => pattern.test(found))?.[1] ?? 'it is framed wrongly';
  return new ClientPayloadError(`The response is not valid HTTP/1.1 (${what}): it is the server that must be mended.`, {
    ...call.details(),
    code: 'INVALID_RESPONSE',
  });
}

/** What the codec's findings are about; the first that fits. */
const FINDINGS: readonly (readonly [RegExp, string])[] = [
  [/transfer-encoding/i, 'its Transfer-Encoding is wrong'],
  [/content-length/i, 'its Content-Length is wrong'],
  [/chunk/i, 'a chunk of its body is wrong'],
  [/header/i, 'a header line is wrong'],
  [/status/i, 'its status is wrong'],
  [/upgrade/i, 'it changes to another protocol, which was not asked for'],
  [/version|HTTP/, 'its version is wrong'],
];

// The codec has no code of its own for a response of 101 that no request asked for.
function isUpgrade(error: unknown): boolean {
  return error instanceof Error && error.message === 'bad upgrade';
}

/** TLS ended after its handshake: a server of TLS 1.3 refuses the client's certificate only then. */
function tlsFailed(error: NodeJS.ErrnoException, call: OpenCall, details: ErrorDetails): ClientSslError {
  const { request } = call;
  const { code } = error;
  // A request for an http: URL meets TLS only on its way to a proxy.
  if (request?.url.protocol === 'http:') {
    const what = `TLS with the proxy ${request.options.proxy?.display} failed: ${explainTls(error, 'proxy')}`;
    return new ClientSslError(what, { ...details, code });
  }
  return new ClientSslError(`TLS with ${request?.url.host} failed: ${explainTls(error, 'origin')}`, {
    ...details,
    code,
  });
}

type Translation = (details: ErrorDetails) => ClientError;

/** What the codec finds wrong with the request, or too much of the response. */
const KNOWN: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  ['UND_ERR_INVALID_ARG', unsendable],
  ['UND_ERR_NOT_SUPPORTED', unsendable],
  [
    'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
    (details) =>
      new ContentLengthError(
        'The body of the request does not have the length that its Content-Length announces: leave the header out.',
        details,
      ),
  ],
  [
    'UND_ERR_HEADERS_OVERFLOW',
    (details) => new LimitExceededError('The server sent more headers than can be kept: ask it for fewer.', details),
  ],
]);

function unsendable(details: ErrorDetails): InvalidOptionError {
  return new InvalidOptionError(
    'The request has a method, a URL or headers that HTTP/1.1 cannot carry: change them.',
    details,
  );
}

function disconnected(error: Error, call: OpenCall, details: ErrorDetails): ServerDisconnectedError {
  const { request } = call;
  const what = request === undefined ? 'The server' : `${request.url.host}`;
  const system = codeOf(error);
  const code = system?.startsWith('UND_') ? undefined : system;
  const why = code === undefined ? '' : ` (${error.message})`;
  return new ServerDisconnectedError(
    `${what} closed the connection before it answered${why}: ask again, or set retry.`,
    { ...details, code },
  );
}

function truncated(exchange: FailedExchange, call: OpenCall, details: ErrorDetails): ClientPayloadError {
  const url = call.request?.url.href ?? 'the response';
  if (exchange.length === undefined) {
    return new ClientPayloadError(`The body of ${url} broke off after ${exchange.received} bytes: ask again.`, {
      ...details,
      code: 'TRUNCATED',
    });
  }
  return new ContentLengthError(
    `The body of ${url} has ${exchange.received} bytes, while its Content-Length announced ${exchange.length}: it was truncated on the way, so ask again.`,
    details,
  );
}
