/** The door of @coloop/http for browsers and edge runtimes: the same words over the platform's fetch. */

// what needs Node, and says so
export {
  ConnectionPool,
  CookieJar,
  createSslContext,
  DigestAuth,
  filePart,
  NetrcAuth,
  Resolver,
} from './absent.ts';
// credentials
export { BasicAuth } from './auth/basic.ts';
export { BearerAuth } from './auth/bearer.ts';
export type { EventsRequestOptions } from './base-session.ts';
// bodies
export { type FilePart, Multipart, type PartOptions, type PartValue } from './body/multipart.ts';
export { fetch } from './browser-fetch.ts';
// sessions
export { Session, type SessionOptions, type WebSocketRequestOptions } from './browser-session.ts';
// errors
export {
  ClientConnectionError,
  ClientConnectorError,
  ClientError,
  ClientPayloadError,
  ClientProxyConnectionError,
  ClientResponseError,
  ClientSslError,
  ContentLengthError,
  ContentTypeError,
  DecompressionError,
  DnsError,
  FingerprintMismatchError,
  type HistoryEntry,
  InvalidOptionError,
  InvalidUrlError,
  LimitExceededError,
  ProxyResponseError,
  RedirectError,
  type RequestSummary,
  ServerDisconnectedError,
  ServerTimeoutError,
  SessionClosedError,
  TooManyRedirectsError,
  WebSocketHandshakeError,
} from './errors.ts';
export type { HeadersInit } from './headers.ts';
export type { Limits } from './limits.ts';
export { type RateLimitOptions, rateLimit } from './middleware/rate-limit.ts';
export type {
  ProxyOption,
  ProxyOptions,
  RequestOptions,
  RetryOptions,
  SslOption,
} from './options.ts';
export type { Auth, Middleware, Next, Progress, Request } from './request.ts';
export type { JsonOptions, Response, StandardSchema } from './response.ts';
export type { FetchOptions } from './root-session.ts';
export type { EventsOptions, EventsSource, ReconnectOptions } from './sse/events.ts';
export type { ServerSentEvent } from './sse/parser.ts';
export type { TimeoutOptions } from './timeouts.ts';
export type { Phase, Timing } from './timing.ts';
export type { TraceEvent, TraceEvents } from './trace.ts';
export type { Params } from './url.ts';
export type { WebSocketOptions } from './websocket/options.ts';
export type { WebSocket, WebSocketMessage } from './websocket/web-websocket.ts';
