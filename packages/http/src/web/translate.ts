/*
 * Makes of what the platform's fetch threw what the user gets.
 */
import type { OpenCall } from '../call/call.ts';
import {
  ClientConnectionError,
  ClientConnectorError,
  ClientError,
  ClientPayloadError,
  ClientSslError,
  complete,
  DnsError,
  type ErrorDetails,
  messageOf,
  ServerDisconnectedError,
} from '../errors.ts';

/**
 * The error of a request that the platform's fetch rejected.
 *
 * Browsers hide the reason on purpose, so that pages cannot explore networks; other runtimes put it into `cause`.
 */
export function unanswered(error: unknown, call: OpenCall): unknown {
  if (error instanceof ClientError) return complete(error, call.details());
  const code = codeOf(error);
  const details: ErrorDetails = { ...call.details(), code, cause: error };
  const what = call.request === undefined ? 'The request' : `${call.request.method} ${call.request.url.href}`;
  if (code === undefined) {
    return new ClientConnectionError(
      `${what} was not answered, and the platform does not say why (${messageOf(error)}): check the address, the server's certificate, and whether the server allows this page's origin (CORS).`,
      { ...details, code: 'FETCH_FAILED' },
    );
  }
  const Class = classOf(code);
  return new Class(`${what} was not answered (${code}): check the address and the network.`, details);
}

/** The error of a body that breaks off. */
export function brokenBody(error: unknown, received: number, call: OpenCall): unknown {
  if (error instanceof ClientError) return complete(error, call.details());
  const url = call.request?.url.href ?? 'the response';
  return new ClientPayloadError(
    `The body of ${url} broke off after ${received} bytes (${messageOf(error)}): ask again.`,
    { ...call.details(), code: 'TRUNCATED', cause: error },
  );
}

function classOf(code: string): typeof ClientConnectionError {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return DnsError;
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET') return ServerDisconnectedError;
  if (/CERT|TLS|SSL|SIGNATURE|ISSUER/.test(code)) return ClientSslError;
  return code.startsWith('E') ? ClientConnectorError : ClientConnectionError;
}

function codeOf(error: unknown): string | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 4; each = each.cause, depth++) {
    const code = 'code' in each ? each.code : undefined;
    if (typeof code === 'string' && code !== '') return code;
    if (each instanceof AggregateError && each.errors[0] instanceof Error) return codeOf(each.errors[0]);
  }
  return undefined;
}
