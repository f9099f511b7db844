import { Notify } from '../../kernel/operation/notify.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import type { Acceptor } from './acceptor.ts';
import type { CheckedAddress } from './address.ts';

/** A server that listens; made by `listen`. */
export class Server {
  /** The port that it listens on; 0 for a unix socket. */
  readonly port: number;
  /** The address that it listens on; null for a unix socket. */
  readonly host: string | null;
  /** The path of its unix socket, or null. */
  readonly path: string | null;
  readonly #acceptor: Acceptor;
  readonly #label: string;
  readonly #ended = new Notify();
  #connections = 0;

  /** @internal */
  constructor(acceptor: Acceptor, { path, label }: CheckedAddress) {
    this.#acceptor = acceptor;
    this.#label = label;
    this.port = acceptor.port;
    this.host = acceptor.host;
    this.path = path ?? null;
  }

  /** How many connections are handled at this moment. */
  get connections(): number {
    return this.#connections;
  }

  /**
   * Listens no more, and waits until the handlers have ended. To give them a limit, write `moveOnAfter(ms, server.close())`:
   * the end of the scope cancels those that are left.
   *
   * Cancellation: only the wait ends.
   */
  *close(): Operation<void> {
    this.#acceptor.close();
    yield* this.#ended.until(`the connections of ${this.#label} to end`, () => this.#connections === 0, {
      value: undefined,
    });
  }

  /** @internal A handler has begun. */
  begun(): void {
    this.#connections++;
  }

  /** @internal A handler has ended. */
  ended(): void {
    this.#connections--;
    this.#ended.check();
  }
}
