/** The front door of @coloop/http. */

// credentials and cookies
export { BasicAuth } from './auth/basic.ts';
export { BearerAuth } from './auth/bearer.ts';
export { DigestAuth } from './auth/digest.ts';
export { NetrcAuth } from './auth/netrc.ts';
export { cache } from './cache/cache.ts';
export type { CacheOptions } from './cache/cache-options.ts';
export { fileStore } from './cache/file-store.ts';
export { type CacheStore, type CacheStoreOptions, memoryStore } from './cache/store.ts';
export type { CacheUse, TraceEvent, TraceEvents, TraceSizes } from './call/trace.ts';
export { Resolver } from './connect/resolver.ts';
export type { ResolverOptions } from './connect/resolver-options.ts';
export { createSslContext, type SslContext, type SslOptions } from './connect/ssl.ts';
export { CookieJar, type CookieJarOptions } from './cookies/jar.ts';
export type { DownloadOptions, DownloadResult } from './download/download.ts';
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
export { type FetchOptions, fetch } from './node/fetch.ts';
// sessions
export {
  type DownloadRequestOptions,
  type EventsRequestOptions,
  Session,
  type SessionOptions,
  type WebSocketRequestOptions,
} from './node/session.ts';
export { type NextPage, type PagesSession, type PaginateOptions, paginate } from './pages/paginate.ts';
// connections
export { ConnectionPool } from './pool/connection-pool.ts';
export type { PoolStats } from './pool/pool.ts';
export type { PoolOptions } from './pool/pool-options.ts';
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
export { filePart } from './request/body/file-part.ts';
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
export type { BaseSessionOptions } from './session/base.ts';
export type { RequestOperation } from './session/request-operation.ts';
export type { EventsOptions, EventsSource, ReconnectOptions } from './sse/events.ts';
export type { ServerSentEvent } from './sse/parser.ts';
export type { Phase, Timing } from './timing.ts';
export type { WebSocketMessage } from './websocket/base.ts';
export type { WebSocketOptions } from './websocket/options.ts';
export type { ReconnectingWebSocket, WebSocketReconnectOptions } from './websocket/reconnecting.ts';
export type { WebSocket } from './websocket/websocket.ts';
