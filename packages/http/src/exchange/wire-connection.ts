import type { OpenCall } from '../call/call.ts';
import type { PooledConnection } from '../pool/pool.ts';
import type { Request } from '../request/request.ts';
import type { WireExchange } from './wire-exchange.ts';

/** A connection that carries requests, whatever is spoken on it. */
export interface WireConnection extends PooledConnection {
  /** An exchange for a request, which is not begun yet. */
  exchange(request: Request, call: OpenCall): WireExchange;
}

/** What a connection tells its pool. */
export interface ConnectionOwner {
  /** A response was read whole and the connection can be used again. */
  connectionFree(connection: PooledConnection): void;
  /** The connection cannot be used any more; said once. */
  connectionGone(connection: PooledConnection): void;
  /** The connection may serve more or fewer requests at once than before. */
  connectionResized(connection: PooledConnection): void;
}
