/* The reads of a TCP socket: into memory that is shared or used again, and past the stream to the codec. */
import type { OnReadOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The size of a read, as libuv has it; larger ones are hardly ever filled. */
const READ_SIZE = 65_536;
/** How much memory is kept for later reads: the reader of a body hands back at most this many chunks at once. */
const MAX_SPARES = 3;
/** The memory that all sockets read into while little comes: each chunk is copied out of it. */
const SHARED = Buffer.allocUnsafeSlow(READ_SIZE);

const readers = new WeakMap<Duplex, SocketReader>();

/**
 * Reads a TCP socket into memory of its own choice, and offers each chunk to the codec within the read.
 *
 * By itself Node allocates 64 KiB for every read and cuts them down to what came, and its stream hands a chunk on by way of
 * a list, a tick and an event. Here all sockets share the memory that they read into, and a chunk is offered to the codec
 * of the connection within the read. Measured together over 150,000 and more requests: about 5 % of the CPU time of a GET
 * of 1 KiB; in short runs compilation hides it.
 *
 * A read that fills more than half of the shared memory is taken for the beginning of a large body: from then on the
 * socket reads into memory that goes to the user as it is, until the response ends, so that a download is not copied.
 *
 * The reader of such a body hands each chunk back when it is used up, and the next reads fill it again. New memory for
 * every read is the greatest cost of a download: the engine counts it as if the heap had grown, and collects all of it
 * every 16 MiB or so.
 */
export class SocketReader implements OnReadOpts {
  /** Is offered every chunk that no unread bytes stand before; returns false if it did not take the chunk. */
  take: ((chunk: Buffer) => boolean) | undefined;
  #socket: Socket | undefined;
  /** The memory that the next read fills; undefined: new memory. */
  #next: Buffer | undefined = SHARED;
  readonly #spares: Buffer[] = [];

  /** @param socket - the one that was made with this reader as its option `onread` */
  attach(socket: Socket): void {
    this.#socket = socket;
    readers.set(socket, this);
  }

  /** Gives up all memory but the shared one: the response is complete, and an idle connection needs none of its own. */
  dropMemory(): void {
    this.#next = SHARED;
    this.#spares.length = 0;
  }

  /**
   * Takes a chunk back that is not read any more.
   *
   * @param chunk - the only one that was cut out of its read
   */
  recycle(chunk: Uint8Array): void {
    // A chunk from a pool of Node's own is smaller than half of that pool, so it cannot be mistaken for one of these.
    const own = chunk.byteOffset === 0 && chunk.buffer.byteLength === READ_SIZE && chunk.length > READ_SIZE / 2;
    if (!own || this.#next === SHARED || this.#spares.length === MAX_SPARES) return;
    this.#spares.push(Buffer.from(chunk.buffer));
  }

  // The platform asks for it after every read.
  readonly buffer = (): Uint8Array => {
    this.#next ??= this.#spares.pop() ?? Buffer.allocUnsafeSlow(READ_SIZE);
    return this.#next;
  };

  // A chunk that is not taken is read as from any other stream: by 'data', by 'readable', or by a layer on this socket.
  readonly callback = (size: number, memory: Uint8Array): boolean => {
    const socket = this.#socket as Socket;
    const chunk = this.#chunkOf(memory as Buffer, size);
    if (this.take !== undefined && socket.readableLength === 0 && this.take(chunk)) return true;
    return socket.push(chunk);
  };

  #chunkOf(memory: Buffer, size: number): Buffer {
    const much = size > READ_SIZE / 2;
    if (much) this.#next = undefined;
    if (much && memory !== SHARED) return size === READ_SIZE ? memory : memory.subarray(0, size);
    const chunk = Buffer.allocUnsafe(size);
    memory.copy(chunk, 0, 0, size);
    return chunk;
  }
}

/** The reader of a TCP socket of this client; undefined for every other stream. */
export function readerOf(socket: Duplex): SocketReader | undefined {
  return readers.get(socket);
}
