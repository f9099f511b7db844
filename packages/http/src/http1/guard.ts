/*
 * What stands between a socket and the codec: it counts bytes that bring no progress, takes out interim responses, and
 * pauses the connection while no task reads.
 */
import type { Duplex } from 'node:stream';
import { readHead } from '../connect/head.ts';
import { readerOf, type SocketReader } from '../connect/socket-reader.ts';
import { ClientPayloadError, LimitExceededError, ServerDisconnectedError } from '../errors.ts';

const START = Buffer.from('HTTP/1.1 1');
const VERSION_AT = 'HTTP/1.'.length;
/** Bytes of framing for each byte of a body: chunks of a single byte have five. */
const FRAMING = 16;
const STATUS_AT = 'HTTP/1.1 '.length;
const ZERO = 0x30;
const LF = 0x0a;
const SETTINGS_TYPE = 4;

/** Who waits for a response. */
export interface ResponseAwaiter {
  /** `100 Continue` came. */
  onContinue(): void;
}

/**
 * Watches what a socket hands to the codec.
 *
 * The codec counts header fields only; an endless reason phrase, chunk extension, trailer or run of interim responses has
 * none. Here every byte counts that brings no byte of a body, whatever it was meant to be; a body of tiny chunks with long
 * extensions is no more than that.
 *
 * It also takes out interim responses. Of those the codec regards `100 Continue` as an attack, while RFC 9110, section
 * 15.2, lets a server send it unasked and among others, and `expect100` asks for it.
 */
export class SocketGuard {
  readonly #socket: Duplex;
  readonly #reader: SocketReader | undefined;
  readonly #read: (size?: number) => Buffer | null;
  /** The most bytes without progress. */
  limit = 65_536;
  /** True while a response may come. */
  expecting = false;
  /** True once a byte of the present response came. */
  touched = false;
  #idleBytes = 0;
  /** True until the head of the final response begins. */
  #atHead = false;
  #held: Buffer | undefined;
  /** Cleared at the end of its response: an idle connection would keep it in memory, with all that it holds. */
  #awaiter: ResponseAwaiter | undefined;
  /** What the socket has just read, until the codec takes it. */
  #offered: Buffer | undefined;
  /** True while the codec is shown nothing: what comes stays with the socket, and then with the peer. */
  #paused = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.#read = socket.read.bind(socket) as (size?: number) => Buffer | null;
    // Replaced on this one socket: the codec calls it for every byte that it parses.
    // The stream itself calls it with 0, which only asks for more and must take nothing.
    socket.read = (size?: number) => (size === 0 ? this.#read(0) : this.#next());
    this.#reader = readerOf(socket);
    if (this.#reader !== undefined) this.#reader.take = (chunk) => this.#offer(chunk);
  }

  /** A response is awaited. */
  begin(limit: number, awaiter: ResponseAwaiter): void {
    this.limit = limit;
    this.expecting = true;
    this.touched = false;
    this.#idleBytes = 0;
    this.#atHead = true;
    this.#held = undefined;
    this.#awaiter = awaiter;
  }

  /** So many bytes of the body came: the framing of chunks may cost so many times as much, and no more. */
  progress(bytes: number): void {
    this.#idleBytes = Math.max(0, this.#idleBytes - bytes * (1 + FRAMING));
  }

  /** The head was understood; interim ones count on. */
  headDone(): void {
    this.#atHead = false;
    this.#idleBytes = 0;
  }

  /**
   * No task wants more for now.
   *
   * The codec has a pause of its own, but ends the process if a connection ends during it.
   */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on, a moment later: this may be called within the codec, which takes one chunk at a time. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    queueMicrotask(() => {
      if (!this.#socket.destroyed) this.#socket.emit('readable');
    });
  }

  /** The response is complete. */
  end(): void {
    this.expecting = false;
    this.#paused = false;
    this.#awaiter = undefined;
    this.#reader?.dropMemory();
  }

  /** A chunk that was the whole of its read is used up: the socket may read into its memory again. */
  recycle(chunk: Uint8Array): void {
    this.#reader?.recycle(chunk);
  }

  // The codec takes all that there is at this event.
  #offer(chunk: Buffer): boolean {
    if (this.#paused) return false;
    this.#offered = chunk;
    this.#socket.emit('readable');
    const taken = this.#offered === undefined;
    this.#offered = undefined;
    return taken;
  }

  #next(): Buffer | null {
    while (!this.#paused) {
      const chunk = this.#offered ?? this.#read();
      this.#offered = undefined;
      if (chunk === null) return null;
      const passed = this.#inspect(chunk);
      if (passed !== undefined) return passed;
      if (this.#socket.destroyed) return null;
    }
    return null;
  }

  #inspect(chunk: Buffer): Buffer | undefined {
    if (!this.expecting) {
      const error = new ServerDisconnectedError(
        'The server sent bytes that no request asked for: the connection was closed.',
        { code: 'UNSOLICITED_DATA' },
      );
      this.#socket.destroy(error);
      return undefined;
    }
    this.touched = true;
    if (this.#idleBytes > this.limit) {
      this.#socket.destroy(
        new LimitExceededError(
          `The server sent more than ${this.limit} bytes of head, chunk headers or trailers: raise limits.headers if it means well.`,
        ),
      );
      return undefined;
    }
    this.#idleBytes += chunk.length;
    return this.#atHead ? this.#withoutInterim(chunk) : chunk;
  }

  #withoutInterim(chunk: Buffer): Buffer | undefined {
    const held = this.#held;
    const bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
    this.#held = undefined;
    if (!beginsLikeInterim(bytes)) {
      return this.#withWholeLine(bytes);
    }
    let interim: ReturnType<typeof readHead>;
    try {
      interim = readHead(bytes);
    } catch {
      // It is not what it seemed, and the codec refuses it.
      this.#atHead = false;
      return bytes;
    }
    if (interim === undefined) {
      this.#held = bytes;
      return undefined;
    }
    const { value, used } = interim;
    if (value.status === 100) this.#awaiter?.onContinue();
    return used < bytes.length ? this.#withoutInterim(bytes.subarray(used)) : undefined;
  }

  /** The codec keeps of a reason phrase only what comes in one chunk, so it is given the first line whole. */
  #withWholeLine(bytes: Buffer): Buffer | undefined {
    if (!beginsLikeHttp1(bytes) || bytes[STATUS_AT] === ZERO) {
      this.#atHead = false;
      this.#socket.destroy(notHttp(bytes));
      return undefined;
    }
    if (!bytes.includes(LF)) {
      this.#held = bytes;
      return undefined;
    }
    this.#atHead = false;
    return bytes;
  }
}

function beginsLikeHttp1(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, VERSION_AT);
  for (let index = 0; index < length; index++) if (bytes[index] !== START[index]) return false;
  return true;
}

// The codec takes HTTP/2.0 in a status line, and says little about what is not HTTP at all.
function notHttp(bytes: Buffer): ClientPayloadError {
  // Its SETTINGS: a frame of type 4, which a server of HTTP/2 begins with.
  if (bytes[0] === 0 && bytes[1] === 0 && bytes[3] === SETTINGS_TYPE) {
    return new ClientPayloadError(
      "The server speaks HTTP/2 alone: open the session with http2: true for https: URLs, and http2: 'only' for http: ones.",
      { code: 'INVALID_RESPONSE' },
    );
  }
  const start = JSON.stringify(bytes.toString('latin1', 0, 20));
  return new ClientPayloadError(
    `The response is not HTTP/1.1: it begins with ${start}. Check the port, and whether the server wants https.`,
    { code: 'INVALID_RESPONSE' },
  );
}

function beginsLikeInterim(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, START.length);
  for (let index = 0; index < length; index++) {
    // The minor version may be anything.
    if (bytes[index] !== START[index] && index !== VERSION_AT) return false;
  }
  // No request here asks for another protocol: the codec refuses it.
  return bytes.toString('latin1', START.length, START.length + 2) !== '01';
}
