import type { OnReadOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The size of a read, as libuv has it; larger ones are hardly ever filled. */
const READ_SIZE = 65_536;
/** So many pieces may wait for their reader at once; more are never handed back together. */
const MOST_SPARES = 3;
/** What sockets read into as long as little comes: each piece is copied out of it, and nothing of it handed on. */
const SHARED = Buffer.allocUnsafeSlow(READ_SIZE);

const readers = new WeakMap<Duplex, SocketReader>();

/**
 * How bytes come off a TCP socket.
 *
 * By itself Node makes 64 KiB for every read and cuts them down to what came, and its stream hands a piece on by way of
 * a list, a tick and an event. Here all sockets share what they read into, and a piece is offered to whoever speaks on
 * the connection within the read. Measured together over 150,000 and more requests: about 5 % of the CPU time of a GET
 * of 1 KiB; in short runs compilation hides it.
 *
 * A read that fills the better part of the shared memory is the beginning of much: from then on the socket reads into
 * memory that goes to the user as it is, until the answer ends: a download is not copied once more.
 *
 * Whoever has used such a piece up hands it back, and it is read into again. New memory for every read is what a
 * download costs most of: the engine counts it as if the heap had grown, and collects all of it every 16 MiB or so.
 */
export class SocketReader implements OnReadOpts {
  /** Is offered every piece that nothing stands in front of; false where it was not taken. */
  take: ((piece: Buffer) => boolean) | undefined;
  #socket: Socket | undefined;
  /** What the next read fills; undefined: new memory. */
  #next: Buffer | undefined = SHARED;
  readonly #spares: Buffer[] = [];

  /** The socket that was made with this as its option `onread`. */
  attach(socket: Socket): void {
    this.#socket = socket;
    readers.set(socket, this);
  }

  /** The answer is complete: an idle connection has no memory of its own. */
  rest(): void {
    this.#next = SHARED;
    this.#spares.length = 0;
  }

  /**
   * Takes a piece back that nobody reads any more.
   *
   * @param piece - the only one that was cut out of its read
   */
  recycle(piece: Uint8Array): void {
    // No piece of a pool of Node's: those are smaller than half of it.
    const own = piece.byteOffset === 0 && piece.buffer.byteLength === READ_SIZE && piece.length > READ_SIZE / 2;
    if (!own || this.#next === SHARED || this.#spares.length === MOST_SPARES) return;
    this.#spares.push(Buffer.from(piece.buffer));
  }

  // Asked after every read.
  readonly buffer = (): Uint8Array => {
    this.#next ??= this.#spares.pop() ?? Buffer.allocUnsafeSlow(READ_SIZE);
    return this.#next;
  };

  // A piece that is not taken is read like any other stream's: by 'data', by 'readable', by what stands on this socket.
  readonly callback = (size: number, memory: Uint8Array): boolean => {
    const socket = this.#socket as Socket;
    const piece = this.#pieceOf(memory as Buffer, size);
    if (this.take !== undefined && socket.readableLength === 0 && this.take(piece)) return true;
    return socket.push(piece);
  };

  #pieceOf(memory: Buffer, size: number): Buffer {
    const much = size > READ_SIZE / 2;
    if (much) this.#next = undefined;
    if (much && memory !== SHARED) return size === READ_SIZE ? memory : memory.subarray(0, size);
    const piece = Buffer.allocUnsafe(size);
    memory.copy(piece, 0, 0, size);
    return piece;
  }
}

/** The reader of a TCP socket of this client; undefined for every other stream. */
export function readerOf(socket: Duplex): SocketReader | undefined {
  return readers.get(socket);
}
