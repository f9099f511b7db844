import type { OpenCall } from '../call/call.ts';
import type { Checkout } from '../pool/pool.ts';
import type { Request } from '../request/request.ts';

/** What the pool has to know of a call that wants a connection. */
export class CallCheckout implements Checkout {
  readonly queueLimit: number;
  readonly connectLimit: number;
  readonly ahead: boolean;
  readonly #call: OpenCall;

  /** @param ahead - whether it comes before every request that waits */
  constructor(request: Request, call: OpenCall, ahead: boolean) {
    const { queue, connect } = request.options.timeouts;
    this.queueLimit = queue;
    this.connectLimit = connect;
    this.ahead = ahead;
    this.#call = call;
  }

  remaining(): number {
    return Math.min(this.connectLimit, this.#call.remaining());
  }

  enter(phase: Parameters<Checkout['enter']>[0]): void {
    this.#call.enter(phase);
  }

  timeoutError(limit: 'queue' | 'connect', milliseconds: number): ReturnType<Checkout['timeoutError']> {
    return this.#call.timeoutError(limit, milliseconds);
  }
}
