import type { OpenCall } from '../call/call.ts';
import type { Checkout } from '../pool/pool.ts';
import type { Request } from '../request/request.ts';

/** What the pool has to know of a call that wants a connection. */
export class CallCheckout implements Checkout {
  readonly queueLimit: number;
  readonly connectLimit: number;
  readonly #call: OpenCall;

  constructor(request: Request, call: OpenCall) {
    const { queue, connect } = request.options.timeouts;
    this.queueLimit = queue;
    this.connectLimit = connect;
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
