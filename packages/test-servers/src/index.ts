/** Real servers on loopback, each with a `close`, and what belongs to them. */
export { CA, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from './certificates.ts';
export type { Closable } from './closable.ts';
export { type Folder, makeFolder } from './folder.ts';
export {
  type CannedServer,
  type Http2Listener,
  startCanned,
  startHttp,
  startHttp2,
  startHttp2Tls,
  startHttps,
  startTcp,
} from './http.ts';
export { type NameServer, startNameServer } from './name-server.ts';
export { freePort, listens } from './ports.ts';
export { startProgram } from './programs/program.ts';
export { REDIS, type RunningRedis, redisTitle, startRedis } from './programs/redis.ts';
export { type ProxyOptions, type ProxyRequest, type RunningProxy, startProxy } from './proxies/proxy.ts';
export { type RunningSocksProxy, startSocksProxy } from './proxies/socks-proxy.ts';
export { type RunningServer, startServer } from './server.ts';
export { type RunningWebSockets, startWebSockets, type WebSocketsOptions } from './web-sockets.ts';
