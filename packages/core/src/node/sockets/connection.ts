import type { Socket } from 'node:net';
import type { Source } from '../../kernel/operation/source.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { race } from '../../tasks/race.ts';
import { ByteReader } from '../streams/byte-reader.ts';
import { ByteWriter } from '../streams/byte-writer.ts';
import { HostCondition } from '../streams/host-condition.ts';
import { HostPause } from '../streams/host-pause.ts';

/** How long a scope waits at its end for the other side to take what was written, in ms. */
const TIME_TO_LEAVE = 2_000;

/** An end of a connection over TCP, TLS or a unix socket; made by `connect` and `listen`. */
export class Connection implements Source<Uint8Array> {
  /** The address of the other end; null for a unix socket. */
  readonly remoteAddress: { readonly host: string; readonly port: number } | null;
  readonly #socket: Socket;
  readonly #label: string;
  readonly #reader: ByteReader;
  readonly #writer: ByteWriter;
  readonly #changed = new HostCondition();
  #onClosed: (() => void) | null = null;

  /** @internal */
  constructor(socket: Socket, label: string) {
    this.#socket = socket;
    this.#label = label;
    const { remoteAddress: host, remotePort: port } = socket;
    this.remoteAddress = host === undefined || port === undefined ? null : { host, port };
    socket.setNoDelay(true);
    this.#reader = new ByteReader(socket, label);
    this.#writer = new ByteWriter(socket, label);
    socket.on('close', () => {
      this.#changed.check();
      this.#onClosed?.();
    });
  }

  /** The protocol that both sides have chosen over TLS (ALPN), or null. */
  get protocol(): string | null {
    const { alpnProtocol } = this.#socket as { alpnProtocol?: string | false };
    return alpnProtocol || null;
  }

  /**
   * The next bytes: as soon as there are any, all that are there; done at the end.
   *
   * Cancellation: takes nothing.
   *
   * @throws the error of the socket.
   */
  next(): Operation<IteratorResult<Uint8Array, void>> {
    return this.#reader.next();
  }

  /**
   * Reads what is there, as soon as anything is; an empty array at the end.
   *
   * Cancellation: takes nothing.
   *
   * @param max how many bytes at most; all that are there by default
   * @throws the error of the socket; RangeError for a number of bytes that is not a whole one.
   */
  read(max?: number): Operation<Uint8Array> {
    return this.#reader.read(max);
  }

  /**
   * Reads exactly `count` bytes.
   *
   * Cancellation: takes nothing.
   *
   * @param count how many, at least 0
   * @throws IncompleteReadError when the end comes first; the error of the socket.
   */
  readExactly(count: number): Operation<Uint8Array> {
    return this.#reader.readExactly(count);
  }

  /**
   * Reads up to and with a separator.
   *
   * Cancellation: takes nothing.
   *
   * @param separator a text or bytes; the end of a line by default
   * @param limit how many bytes may stand before it, 65,536 by default; beyond that the bytes stay where they are
   * @throws IncompleteReadError when the end comes first; LimitOverrunError; the error of the socket.
   */
  readUntil(separator?: string | Uint8Array, limit?: number): Operation<Uint8Array> {
    return this.#reader.readUntil(separator, limit);
  }

  /**
   * The lines, in UTF-8 and without their ends; the last one needs no end.
   *
   * @param limit how many bytes a line may have, 65,536 by default
   * @returns a source: `next` throws LimitOverrunError for a longer line
   */
  lines(limit?: number): Source<string> {
    return this.#reader.lines(limit);
  }

  /**
   * Writes, and waits while the other side takes less than was written.
   *
   * Cancellation: before its turn nothing was written; afterwards all of it is on its way.
   *
   * @param data bytes, or text that goes out in UTF-8
   * @throws ClosedChannelError after `end` or `close`; the error of the socket; TypeError for other data.
   */
  write(data: string | Uint8Array): Operation<void> {
    return this.#writer.write(data);
  }

  /**
   * Ends this direction, after all that was written has left; the other direction can still be read.
   *
   * Cancellation: only the wait ends.
   *
   * @throws the error of the socket.
   */
  end(): Operation<void> {
    return this.#writer.end();
  }

  /**
   * Closes both directions, after all that was written has left. Closing twice changes nothing. The end of the scope closes,
   * too, and gives up what has not left two seconds later.
   *
   * Cancellation: what has not left is given up.
   */
  *close(): Operation<void> {
    const socket = this.#socket;
    try {
      socket.destroySoon();
      yield* this.#changed.until(`${this.#label} to close`, () => socket.destroyed);
    } finally {
      socket.destroy();
      yield* this.#reader.close();
    }
  }

  /** @internal The end of its scope: what was written has a while to leave, as nobody stands by who could give up. */
  *release(): Operation<void> {
    yield* race([this.close(), new HostPause(`${this.#label} to close`, TIME_TO_LEAVE)]);
  }

  /** @internal Whether an error came from the other side, or from the network. */
  threw(error: unknown): boolean {
    return this.#reader.threw(error) || this.#writer.threw(error);
  }

  /** @internal Calls `then` when there is nothing left to close. */
  whenClosed(then: () => void): void {
    this.#onClosed = then;
    if (this.#socket.closed) then();
  }
}
