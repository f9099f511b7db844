/** The door `@coloop/http/testing`: a simulated network, and a real server for what it cannot show. */

export { type Connection, PeerGoneError } from './connection.ts';
export type { Answer, AnswerHeaders, Handler, ServerRequest } from './handler.ts';
export type { LinkOptions } from './link.ts';
export type { NameAnswer, NameOptions } from './names.ts';
export type { ProxySeen, SimulatedNetwork } from './network.ts';
export type { Certificate } from './played-tls.ts';
export type { ListenOptions, Script, SimulatedHost } from './simulated-host.ts';
export { type SimulateOptions, simulate, simulation } from './simulation.ts';
export { type TestServer, testServer } from './test-server.ts';
export {
  type PeerOptions,
  type PeerRequest,
  type PeerScript,
  type WebSocketConversation,
  type WebSocketPeer,
  webSocket,
} from './web-socket.ts';
