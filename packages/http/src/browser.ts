/** The door of @coloop/http for browsers and edge runtimes: the same words over the platform's fetch. */

// credentials
export { BasicAuth } from './auth/basic.ts';
export { BearerAuth } from './auth/bearer.ts';
export type { CacheOptions } from './cache/cache-options.ts';
export type { CacheStore, CacheStoreOptions } from './cache/store.ts';
export type { CacheUse, TraceEvent, TraceEvents, TraceSizes } from './call/trace.ts';
// errors
export {
  AddressNotAllowedError,
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
export type { Fields } from './fields.ts';
export type { HeadersInit } from './headers.ts';
export type { Limits } from './limits.ts';
export { type RateLimitOptions, rateLimit } from './middleware/rate-limit.ts';
export { type NextPage, type PagesSession, type PaginateOptions, paginate } from './pages/paginate.ts';
export { type CurlOptions, curl } from './recording/curl.ts';
export { type HarOptions, type HarRecording, har } from './recording/har.ts';
export { logRequests } from './recording/log-requests.ts';
export type {
  Har,
  HarContent,
  HarEntry,
  HarPair,
  HarRequest,
  HarResponse,
  HarTimings,
} from './recording/types.ts';
// bodies
export { type FilePart, Multipart, type PartOptions, type PartValue } from './request/body/multipart.ts';
export type { AddressCandidate, AllowAddress, NameResolver, ResolvedAddress } from './request/connection-options.ts';
export type {
  ProxyOption,
  ProxyOptions,
  RequestOptions,
  RetryOptions,
  SslOption,
} from './request/options.ts';
export type { Auth, Middleware, Next, Progress, Request } from './request/request.ts';
export type { TimeoutOptions } from './request/timeouts.ts';
export type { Params } from './request/url.ts';
export type { JsonOptions, StandardSchema } from './response/json.ts';
export type { Response } from './response/response.ts';
export type { BaseSessionOptions, EventsRequestOptions } from './session/base.ts';
export type { RequestOperation } from './session/request-operation.ts';
export type { FetchOptions } from './session/shared.ts';
export type { EventsOptions, EventsSource, ReconnectOptions } from './sse/events.ts';
export type { ServerSentEvent } from './sse/parser.ts';
export type { Phase, Timing } from './timing.ts';
export { fetch } from './web/fetch.ts';
// sessions
export { Session, type SessionOptions, type WebSocketRequestOptions } from './web/session.ts';
// what needs Node, and says so
export {
  ConnectionPool,
  CookieJar,
  cache,
  createSslContext,
  DigestAuth,
  filePart,
  fileStore,
  memoryStore,
  NetrcAuth,
  Resolver,
} from './web/unavailable.ts';
export type { WebSocket } from './web/websocket.ts';
export type { WebSocketMessage } from './websocket/base.ts';
export type { WebSocketOptions } from './websocket/options.ts';
export type { ReconnectingWebSocket, WebSocketReconnectOptions } from './websocket/reconnecting.ts';
