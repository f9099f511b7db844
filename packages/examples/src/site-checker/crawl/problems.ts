/** What the client's answers and errors mean for a link, in the words of people who look after sites. */
import {
  ClientConnectorError,
  type ClientError,
  ClientPayloadError,
  ClientProxyConnectionError,
  ClientSslError,
  DecompressionError,
  DnsError,
  InvalidUrlError,
  LimitExceededError,
  ProxyResponseError,
  type Response,
  ServerDisconnectedError,
  ServerTimeoutError,
  type Timing,
} from '@coloop/http';
import type { Phases, Problem } from '../report/findings.ts';

/** The phases of the client, gathered into the three that the report draws. */
export function phasesOf(timing: Timing): Phases {
  return {
    setup: timing.prepare + timing.queue + timing.dns + timing.connect + timing.proxy + timing.tls,
    wait: timing.send + timing.headers + timing.redirect + timing.retry + timing.auth,
    body: timing.body,
  };
}

/** What says that we are not welcome, or that GET is not what the address is for: a person may find it in order. */
const REFUSED: ReadonlySet<number> = new Set([401, 402, 403, 405, 407, 429, 451, 999]);

/** @param accept statuses that are fine too */
export function problemOfStatus(
  { ok, status, reason }: Pick<Response, 'ok' | 'status' | 'reason'>,
  accept: readonly number[] = [],
): Problem | undefined {
  if (ok || accept.includes(status)) return undefined;
  return { why: REFUSED.has(status) ? 'refused' : 'status', text: `answered ${status} ${reason}`.trim() };
}

export function problemOf(error: ClientError): Problem {
  if (error instanceof ServerTimeoutError) return { why: 'timeout', text: timeoutText(error) };
  if (error instanceof DecompressionError) return { why: 'unreadable', text: 'the page cannot be unpacked' };
  if (error instanceof LimitExceededError)
    return { why: 'unreadable', text: 'the page is far larger unpacked than sent' };
  if (error instanceof ClientPayloadError) return { why: 'truncated', text: 'the page did not come whole' };
  if (error instanceof InvalidUrlError) return { why: 'url', text: 'is no address' };
  return { why: 'connection', text: connectionText(error) };
}

function timeoutText({ phase, timing }: ClientError): string {
  const waited = timing === undefined ? '' : ` within ${(timing.total / 1000).toFixed(1)} s`;
  return phase === 'body' ? `the page did not end${waited}` : `no answer${waited}`;
}

const CODES: Record<string, string> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is not trusted',
  EAI_AGAIN: 'the name cannot be looked up now',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the host cannot be reached',
  ENODATA: 'there is no such host',
  ENOTFOUND: 'there is no such host',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  ETIMEDOUT: 'the host cannot be reached',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is not trusted',
};

function connectionText(error: ClientError): string {
  if (error instanceof ProxyResponseError) return `the proxy answered ${error.status}`;
  if (error instanceof ClientProxyConnectionError) return 'the proxy cannot be reached';
  const known = Object.hasOwn(CODES, error.code) ? CODES[error.code] : undefined;
  if (known !== undefined) return known;
  if (error instanceof ClientSslError) return `no secure connection (${error.code})`;
  if (error instanceof DnsError) return `the name cannot be looked up (${error.code})`;
  if (error instanceof ClientConnectorError) return `no connection (${error.code})`;
  if (error instanceof ServerDisconnectedError) return 'the connection was closed without an answer';
  return `the answer is not valid HTTP (${error.code})`;
}

/** Codes of what may be over when it is tried again. */
const PASSING: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'ECONNABORTED']);

/** Whether a connection was lost that may hold the next time. */
export function isLostConnection(error: ClientError): boolean {
  if (
    error instanceof ServerTimeoutError ||
    error instanceof DecompressionError ||
    error instanceof LimitExceededError
  ) {
    return false;
  }
  return error instanceof ServerDisconnectedError || error instanceof ClientPayloadError || PASSING.has(error.code);
}
