/*
 * The body of a response as a whole: gathered once, kept for any number of readers, or given away chunk by chunk.
 */
import { isCancelled, Lock, type Operation, type Source } from '@coloop/core';
import { atCaller } from '@coloop/core/lowlevel';
import { ByteBuffer, copyOf, joined } from '../bytes/buffer.ts';
import { bodyBusy } from '../bytes/single-reader.ts';
import { type Coding, parseCodings } from '../decode/codings.ts';
import { ClientPayloadError, complete, LimitExceededError } from '../errors.ts';
import type { BodyStream, HeaderLines, ResponseContext } from './stream.ts';

/*
 * | state    | meaning                                                      | leaves to         |
 * | fresh    | nothing was read                                             | reading, streamed |
 * | reading  | bytes() gathers; what it has is kept if it is cancelled      | whole             |
 * | whole    | all of it is here, for any number of readers                 | -                 |
 * | streamed | chunks(), readInto(), lines() or body have taken it          | -                 |
 * | broken   | reading it whole failed: every later reader gets that error  | -                 |
 */

const NO_CODINGS: readonly Coding[] = [];

/** Reads one body; a response has one. */
export class ResponseBody {
  readonly #lines: HeaderLines;
  readonly #stream: BodyStream;
  readonly #context: ResponseContext;
  #buffer: ByteBuffer | undefined;
  #whole: Uint8Array | undefined;
  #size = 0;
  #source: Source<Uint8Array> | undefined;
  #streamed = false;
  #released = false;
  #lock: Lock | undefined;
  #error: unknown;

  constructor(lines: HeaderLines, stream: BodyStream, context: ResponseContext) {
    this.#lines = lines;
    this.#stream = stream;
    this.#context = context;
  }

  /** All bytes. Cancellation: keeps what has come, for the next reader. */
  *read(): Operation<Uint8Array> {
    return this.readNowait() ?? (yield* this.gather());
  }

  /** All bytes, where that needs no waiting. */
  readNowait(): Uint8Array | undefined {
    if (this.#whole !== undefined) return this.untransferred(this.#whole);
    this.check();
    if (this.#source !== undefined) return undefined;
    const { decoder, limits } = this.#context;
    const chunks = this.#stream.restNowait();
    if (chunks === undefined) return undefined;
    // The stream has nothing left.
    try {
      const codings = this.codings();
      const decoded =
        codings.length === 0
          ? joined(chunks)
          : decoder?.nowait(chunks, codings, limits, () => this.#context.errorDetails());
      if (decoded !== undefined) return this.keepWhole(decoded);
      this.#source = this.decoded(new ListSource(chunks), codings);
      return undefined;
    } catch (error) {
      return this.breakWith(error);
    }
  }

  /** The decoded chunks, for a reader that takes them one by one; they are gone afterwards. */
  chunks(): Source<Uint8Array> {
    if (this.#whole !== undefined) return new ListSource([copyOf(this.untransferred(this.#whole))]);
    this.check();
    if (this.#lock?.locked === true) throw bodyBusy();
    const source = this.decodedStream();
    this.#streamed = true;
    const before = this.#buffer?.chunks ?? [];
    return before.length === 0 ? source : new ListSource(before, source);
  }

  /** Whether several chunks may lie in the same memory: parts of one read, or what one step of a coding gave. */
  get sharesMemory(): boolean {
    return this.#source !== this.#stream || this.#stream.length === undefined;
  }

  /** The response is released: what was not read by now cannot be read any more. */
  release(): void {
    this.#released = true;
  }

  /** Throws if the response was released before its body was read. */
  checkReleased(): void {
    if (!this.#released || this.#whole !== undefined) return;
    throw new ClientPayloadError(
      `The response of ${this.#context.url} was released before its body was read: read it first.`,
      { ...this.#context.errorDetails(), code: 'RELEASED' },
    );
  }

  // Apart from the usual case, in which the whole body came with the head: its frame is several times as large.
  private *gather(): Operation<Uint8Array> {
    // Several tasks may ask at once: the first one reads, the others find it whole.
    this.#lock ??= new Lock();
    using _held = yield* this.#lock.acquire();
    const found = this.readNowait();
    if (found !== undefined) return found;
    const source = this.decodedStream();
    try {
      for (let chunk = yield* source.next(); !chunk.done; chunk = yield* source.next()) this.keep(chunk.value);
    } catch (error) {
      // These concern only the task that was reading; any other error is the outcome for every reader.
      if (isCancelled(error) || (error instanceof ClientPayloadError && error.code === 'BODY_BUSY')) throw error;
      return this.breakWith(error);
    }
    return this.keepWhole(this.inMemory(() => this.#buffer?.take()) ?? joined([]));
  }

  private keep(chunk: Uint8Array): void {
    const raw = this.#source === this.#stream;
    // What is decoded may have any size.
    const expected = raw ? this.#stream.length : undefined;
    this.#buffer ??= new ByteBuffer(expected);
    this.checkSize(Math.max(this.#buffer.size + chunk.length, expected ?? 0));
    if (this.inMemory(() => this.#buffer?.add(chunk)) && raw) this.#stream.recycle?.(chunk);
  }

  private keepWhole(bytes: Uint8Array): Uint8Array {
    this.checkSize(bytes.length);
    this.#whole = bytes;
    this.#size = bytes.length;
    return bytes;
  }

  /** Every reader gets the same memory: after a transfer, to a worker for example, nothing of the body is left. */
  private untransferred(whole: Uint8Array): Uint8Array {
    if (whole.length === this.#size) return whole;
    throw new ClientPayloadError(
      `The body of ${this.#context.url} is gone: the memory that bytes() returned was transferred. Transfer a copy of it.`,
      { ...this.#context.errorDetails(), code: 'BODY_CONSUMED' },
    );
  }

  private inMemory<T>(make: () => T): T {
    try {
      return make();
    } catch (cause) {
      return this.breakWith(
        new LimitExceededError(
          `The body of ${this.#context.url} does not fit into one array here: ask again and read it with chunks(), and set limits.buffered.`,
          { ...this.#context.errorDetails(), cause },
        ),
      );
    }
  }

  private checkSize(size: number): void {
    const { buffered } = this.#context.limits;
    if (size <= buffered) return;
    this.breakWith(
      new LimitExceededError(
        `The body of ${this.#context.url} has more than ${buffered} bytes (limits.buffered): ask again and read it with chunks(), or raise the limit.`,
        this.#context.errorDetails(),
      ),
    );
  }

  /** A part of what came is lost: every reader from now on gets the same error, and never a false end. */
  private breakWith(error: unknown): never {
    this.#error ??= error;
    this.#stream.closeNowait();
    throw atCaller(error);
  }

  private check(): void {
    if (this.#error !== undefined) throw atCaller(this.#error);
    if (this.#streamed) {
      throw new ClientPayloadError(
        `The body of ${this.#context.url} was already read chunk by chunk, and is gone: use bytes(), text() or json() first, which keep it.`,
        { ...this.#context.errorDetails(), code: 'BODY_CONSUMED' },
      );
    }
    this.checkReleased();
  }

  private codings(): readonly Coding[] {
    const { decoder, limits, bodyless } = this.#context;
    if (decoder === null || bodyless) return NO_CODINGS;
    const header = this.#lines.get('content-encoding');
    if (header === null) return NO_CODINGS;
    try {
      return parseCodings(header, decoder.known, limits.codings);
    } catch (error) {
      this.#stream.closeNowait();
      throw complete(error, this.#context.errorDetails());
    }
  }

  /** The decoded chunks of the stream, the same source for bytes() and for chunks(). */
  private decodedStream(): Source<Uint8Array> {
    this.#source ??= this.decoded(this.#stream, this.codings());
    return this.#source;
  }

  private decoded(raw: Source<Uint8Array>, codings: readonly Coding[]): Source<Uint8Array> {
    const { decoder, limits } = this.#context;
    if (decoder === null || codings.length === 0) return raw;
    return decoder.stream(raw, codings, limits, () => this.#context.errorDetails());
  }
}

/** Gives what is in a list, and then what comes from another source. */
class ListSource implements Source<Uint8Array> {
  readonly #chunks: readonly Uint8Array[];
  readonly #rest: Source<Uint8Array> | undefined;
  #next = 0;

  constructor(chunks: readonly Uint8Array[], rest?: Source<Uint8Array>) {
    this.#chunks = [...chunks];
    this.#rest = rest;
  }

  next(): Operation<IteratorResult<Uint8Array, void>> {
    const chunk = this.#chunks[this.#next];
    this.#next += 1;
    if (chunk !== undefined) return ready({ done: false, value: chunk });
    return this.#rest === undefined ? ready({ done: true, value: undefined }) : this.#rest.next();
  }

  close(): Operation<void> {
    this.#next = this.#chunks.length;
    return this.#rest === undefined ? ready(undefined) : this.#rest.close();
  }
}

function* ready<T>(value: T): Operation<T> {
  return value;
}
