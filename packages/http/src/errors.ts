/*
 * ClientError
 *   InvalidUrlError               a URL that cannot be requested
 *   InvalidOptionError            an option, header or argument that cannot be right (before a byte is sent)
 *   SessionClosedError            the session or pool was closed before or under the request
 *   ClientResponseError           the server answered, and the response is the error
 *     ContentTypeError            json() met a body that does not say it is JSON
 *     TooManyRedirectsError       more hops than maxRedirects
 *     RedirectError               a redirect that cannot or must not be followed
 *     WebSocketHandshakeError     the server did not switch to WebSocket
 *     ProxyResponseError          the proxy refused a CONNECT, 407 among them
 *   ClientConnectionError         there was no response
 *     ClientConnectorError        no connection came about
 *       DnsError                  the host's name has no address
 *       AddressNotAllowedError    `allowAddress` refuses every address of the host
 *       ClientSslError            the TLS handshake or the certificate failed
 *         FingerprintMismatchError
 *       ClientProxyConnectionError  the proxy could not be reached or does not speak its protocol
 *     ServerDisconnectedError     the connection ended before the head of the response
 *     ServerTimeoutError          a limit of `timeout` passed; also a TimeoutError of @coloop/core
 *   ClientPayloadError            the head came, the body did not come whole or right
 *     ContentLengthError          fewer or more bytes than announced
 *     DecompressionError          the content coding is broken, truncated or unknown
 *     LimitExceededError          more bytes than `limits` allows
 */
import { TimeoutError } from '@coloop/core';
import { errorToJson } from '@coloop/core/lowlevel';
import { redactCause, redactHeaders, redactUrls } from './redact.ts';
import type { Phase, Timing } from './timing.ts';

/** Which request an error is about; never holds credentials. */
export interface RequestSummary {
  readonly method: string;
  /** Without userinfo. */
  readonly url: string;
  /** The proxy that was used, without credentials. */
  readonly proxy: string | undefined;
  /** How often the request was put on a connection, 1 for the first time. */
  readonly attempts: number;
}

/** What is known about a failure beside its sentence. */
export interface ErrorDetails {
  readonly code?: string | undefined;
  readonly phase?: Phase | undefined;
  readonly request?: RequestSummary | undefined;
  readonly timing?: Timing | undefined;
  readonly cause?: unknown;
}

/** One response on the way to the last one: a redirect that was followed. */
export interface HistoryEntry {
  readonly status: number;
  /** Without userinfo. */
  readonly url: string;
  readonly headers: Headers;
  readonly timing: Timing;
}

/** What an error knows about a response. */
export interface ResponseErrorDetails extends ErrorDetails {
  readonly status: number;
  readonly headers: Headers;
  readonly history?: readonly HistoryEntry[] | undefined;
  /** The beginning of the body, if it was read. */
  readonly body?: string | undefined;
}

/** The sentence of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The root of every error that this client throws.
 *
 * `code` is the system's code if the system failed (`ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`), else a word of the class.
 */
export class ClientError extends Error {
  readonly code: string;
  // Declared only, and set where known: an inspected error shows what there is.
  declare readonly phase: Phase | undefined;
  declare readonly request: RequestSummary | undefined;
  declare readonly timing: Timing | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(redactUrls(message), causeOf(details));
    this.code = details.code ?? new.target.defaultCode;
    if (details.phase !== undefined) this.phase = details.phase;
    if (details.request !== undefined) this.request = details.request;
    if (details.timing !== undefined) this.timing = details.timing;
  }

  /** The error for `JSON.stringify`: its name, message, code and cause, and the lines of its user's in its stack. */
  toJSON(): Record<string, unknown> {
    return errorToJson(this);
  }

  protected static readonly defaultCode: string = 'CLIENT_ERROR';

  static {
    nameClass(ClientError, 'ClientError');
  }
}

/** A URL that cannot be requested: malformed, of another scheme, or outside the session's base. */
export class InvalidUrlError extends ClientError {
  protected static override readonly defaultCode: string = 'INVALID_URL';
  static {
    nameClass(InvalidUrlError, 'InvalidUrlError');
  }
}

/** An option that cannot be right; nothing was sent. A wrong URL is an {@link InvalidUrlError}. */
export class InvalidOptionError extends ClientError {
  protected static override readonly defaultCode: string = 'INVALID_OPTION';
  static {
    nameClass(InvalidOptionError, 'InvalidOptionError');
  }
}

/** The session, or its pool, is closed. */
export class SessionClosedError extends ClientError {
  protected static override readonly defaultCode: string = 'SESSION_CLOSED';
  static {
    nameClass(SessionClosedError, 'SessionClosedError');
  }
}

/** The server answered and the response is the error. No response at all is a {@link ClientConnectionError}. */
export class ClientResponseError extends ClientError {
  readonly status: number;
  readonly headers: Headers;
  readonly history: readonly HistoryEntry[];
  /** The beginning of the body, if it was read; empty otherwise. */
  readonly body: string;

  constructor(message: string, details: ResponseErrorDetails) {
    super(message, details);
    this.status = details.status;
    this.headers = redactHeaders(details.headers);
    this.history = (details.history ?? []).map((entry) => ({ ...entry, headers: redactHeaders(entry.headers) }));
    this.body = details.body ?? '';
  }

  protected static override readonly defaultCode: string = 'BAD_STATUS';
  static {
    nameClass(ClientResponseError, 'ClientResponseError');
  }
}

/** `json()` met a body whose content type does not say JSON. */
export class ContentTypeError extends ClientResponseError {
  protected static override readonly defaultCode: string = 'CONTENT_TYPE';
  static {
    nameClass(ContentTypeError, 'ContentTypeError');
  }
}

/** The server redirected more often than `maxRedirects` allows. */
export class TooManyRedirectsError extends ClientResponseError {
  protected static override readonly defaultCode: string = 'TOO_MANY_REDIRECTS';
  static {
    nameClass(TooManyRedirectsError, 'TooManyRedirectsError');
  }
}

/** A redirect that cannot or must not be followed: no usable Location, another scheme, a body that is spent, `redirect: 'error'`. */
export class RedirectError extends ClientResponseError {
  protected static override readonly defaultCode: string = 'REDIRECT';
  static {
    nameClass(RedirectError, 'RedirectError');
  }
}

/** The server did not switch to the WebSocket protocol as RFC 6455 asks. */
export class WebSocketHandshakeError extends ClientResponseError {
  protected static override readonly defaultCode: string = 'WEBSOCKET_HANDSHAKE';
  static {
    nameClass(WebSocketHandshakeError, 'WebSocketHandshakeError');
  }
}

/** The proxy refused to open a tunnel; its response is here. A proxy that cannot be reached is a {@link ClientProxyConnectionError}. */
export class ProxyResponseError extends ClientResponseError {
  protected static override readonly defaultCode: string = 'PROXY_RESPONSE';
  static {
    nameClass(ProxyResponseError, 'ProxyResponseError');
  }
}

/** There was no response. */
export class ClientConnectionError extends ClientError {
  protected static override readonly defaultCode: string = 'CONNECTION';
  static {
    nameClass(ClientConnectionError, 'ClientConnectionError');
  }
}

/** No connection came about. One that broke later is a {@link ServerDisconnectedError}. */
export class ClientConnectorError extends ClientConnectionError {
  protected static override readonly defaultCode: string = 'CONNECT';
  static {
    nameClass(ClientConnectorError, 'ClientConnectorError');
  }
}

/** The host's name has no address, or its nameservers do not say. */
export class DnsError extends ClientConnectorError {
  protected static override readonly defaultCode: string = 'DNS';
  static {
    nameClass(DnsError, 'DnsError');
  }
}

/** `allowAddress` refuses every address that the request could go to; nothing was connected to, and it is never tried again. */
export class AddressNotAllowedError extends ClientConnectorError {
  protected static override readonly defaultCode: string = 'ADDRESS_NOT_ALLOWED';
  static {
    nameClass(AddressNotAllowedError, 'AddressNotAllowedError');
  }
}

/** The TLS handshake failed, or the certificate is not trusted. */
export class ClientSslError extends ClientConnectorError {
  protected static override readonly defaultCode: string = 'TLS';
  static {
    nameClass(ClientSslError, 'ClientSslError');
  }
}

/** The peer's certificate is not the pinned one. */
export class FingerprintMismatchError extends ClientSslError {
  protected static override readonly defaultCode: string = 'FINGERPRINT_MISMATCH';
  static {
    nameClass(FingerprintMismatchError, 'FingerprintMismatchError');
  }
}

/** The proxy could not be reached, or does not speak its protocol. Its refusal is a {@link ProxyResponseError}. */
export class ClientProxyConnectionError extends ClientConnectorError {
  protected static override readonly defaultCode: string = 'PROXY_CONNECT';
  static {
    nameClass(ClientProxyConnectionError, 'ClientProxyConnectionError');
  }
}

/** The connection ended before the head of the response came. A body that breaks off is a {@link ClientPayloadError}. */
export class ServerDisconnectedError extends ClientConnectionError {
  protected static override readonly defaultCode: string = 'SERVER_DISCONNECTED';
  static {
    nameClass(ServerDisconnectedError, 'ServerDisconnectedError');
  }
}

/** The head came; the body did not come whole or right. */
export class ClientPayloadError extends ClientError {
  protected static override readonly defaultCode: string = 'PAYLOAD';
  static {
    nameClass(ClientPayloadError, 'ClientPayloadError');
  }
}

/** The body has fewer or more bytes than Content-Length announced. */
export class ContentLengthError extends ClientPayloadError {
  protected static override readonly defaultCode: string = 'CONTENT_LENGTH';
  static {
    nameClass(ContentLengthError, 'ContentLengthError');
  }
}

/** The body's content coding is broken, truncated or unknown. */
export class DecompressionError extends ClientPayloadError {
  protected static override readonly defaultCode: string = 'DECOMPRESSION';
  static {
    nameClass(DecompressionError, 'DecompressionError');
  }
}

/** The peer sent more than `limits` allows. */
export class LimitExceededError extends ClientPayloadError {
  protected static override readonly defaultCode: string = 'LIMIT_EXCEEDED';
  static {
    nameClass(LimitExceededError, 'LimitExceededError');
  }
}

/** The key of `timeout` whose limit passed. */
export type TimeoutLimit = 'total' | 'queue' | 'connect' | 'headers' | 'idle';

/**
 * A limit of `timeout` passed; `limit` says which, `phase` where the request was then, `timing` what every phase took.
 *
 * It is a `TimeoutError` of @coloop/core, and a {@link ClientConnectionError}.
 */
export class ServerTimeoutError extends TimeoutError implements ClientError {
  override readonly name: string = 'ServerTimeoutError';
  readonly code: string;
  // Declared only, and set where known: an inspected error shows what there is.
  declare readonly phase: Phase | undefined;
  declare readonly request: RequestSummary | undefined;
  declare readonly timing: Timing | undefined;
  readonly limit: TimeoutLimit;

  constructor(message: string, details: ErrorDetails & { readonly limit: TimeoutLimit }) {
    super(redactUrls(message));
    this.code = details.code ?? 'TIMEOUT';
    if (details.phase !== undefined) this.phase = details.phase;
    if (details.request !== undefined) this.request = details.request;
    if (details.timing !== undefined) this.timing = details.timing;
    this.limit = details.limit;
  }
}

// ServerTimeoutError descends from core's TimeoutError, and is one of ours all the same. Subclasses inherit this, hence `this`.
Object.defineProperty(ClientError, Symbol.hasInstance, {
  configurable: true,
  value(this: unknown, value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    return (this === ClientError || this === ClientConnectionError) && value instanceof ServerTimeoutError;
  },
});

function causeOf(details: ErrorDetails): ErrorOptions | undefined {
  return details.cause === undefined ? undefined : { cause: redactCause(details.cause) };
}

// On the prototype, so that a minified bundle keeps the names and an inspected error does not list them.
function nameClass(errorClass: { prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}

/** Fills in what an error of a lower layer could not know; what it has stays. */
export function complete<E>(error: E, details: ErrorDetails): E {
  if (!(error instanceof ClientError)) return error;
  const open = error as { -readonly [K in 'phase' | 'request' | 'timing']: ClientError[K] };
  if (open.phase === undefined && details.phase !== undefined) open.phase = details.phase;
  if (open.request === undefined && details.request !== undefined) open.request = details.request;
  if (open.timing === undefined && details.timing !== undefined) open.timing = details.timing;
  return error;
}
