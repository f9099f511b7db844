/*
 * Makes of what the codec or the socket threw what the user gets.
 */
import type { OpenCall } from '../call/call.ts';
import {
  ClientError,
  ClientPayloadError,
  ContentLengthError,
  complete,
  type ErrorDetails,
  InvalidOptionError,
  LimitExceededError,
  ServerDisconnectedError,
} from '../errors.ts';
import { NOT_SENT } from './connection.ts';

/** What is known of an exchange that failed. */
export interface FailedExchange {
  /** Set once the head came. */
  readonly head: unknown;
  readonly length: number | undefined;
  readonly received: number;
}

/** The error of a failed exchange for the user. An error of the user's own body comes back as it is. */
export function translate(error: unknown, exchange: FailedExchange, call: OpenCall): unknown {
  const details = { ...call.details(), cause: error };
  if (error instanceof ClientError) return complete(error, details);
  const code = codeOf(error);
  if (code === undefined) return error;
  // Two lengths, or a length beside chunks: the codec finds out at the head already.
  const contradictory = code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && exchange.head === undefined;
  if (code.startsWith('HPE_') || contradictory || isUpgrade(error)) return malformed(code, error as Error, details);
  const known = KNOWN.get(code);
  if (known !== undefined) return known(error as Error, details);
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

function malformed(code: string, error: Error, details: ErrorDetails): ClientPayloadError {
  return new ClientPayloadError(
    `The response is not valid HTTP/1.1 (${error.message || code}): it is the server that must be mended.`,
    { ...details, code: 'INVALID_RESPONSE' },
  );
}

// The codec has no code of its own for a response of 101 that no request asked for.
function isUpgrade(error: unknown): boolean {
  return error instanceof Error && error.message === 'bad upgrade';
}

type Translation = (error: Error, details: ErrorDetails) => ClientError;

/** What the codec finds wrong with the request, or too much of the response. */
const KNOWN: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  [
    'UND_ERR_INVALID_ARG',
    (error, details) => new InvalidOptionError(`The request cannot be sent (${error.message}): change it.`, details),
  ],
  [
    'UND_ERR_NOT_SUPPORTED',
    (error, details) => new InvalidOptionError(`The request cannot be sent (${error.message}): change it.`, details),
  ],
  [
    'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
    (_, details) =>
      new ContentLengthError(
        'The body of the request does not have the length that its Content-Length announces: leave the header out.',
        details,
      ),
  ],
  [
    'UND_ERR_HEADERS_OVERFLOW',
    (_, details) => new LimitExceededError('The server sent more headers than can be kept: ask it for fewer.', details),
  ],
]);

function disconnected(error: Error, call: OpenCall, details: ErrorDetails): ServerDisconnectedError {
  const { request } = call;
  const what = request === undefined ? 'The server' : `${request.url.host}`;
  const system = codeOf(error);
  const code = system?.startsWith('UND_') ? undefined : system;
  return new ServerDisconnectedError(
    `${what} closed the connection before it answered (${error.message}): ask again, or set retry.`,
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
