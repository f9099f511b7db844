import { isCancelled, Lock, type Operation, type Source } from '@coloop/core';
import { bodyBusy } from '../bytes/body-errors.ts';
import { copyOf, GatheredBytes, joined } from '../bytes/buffer.ts';
import { type Coding, parseCodings } from '../decode/codings.ts';
import { ClientPayloadError, complete, LimitExceededError } from '../errors.ts';
import type { BodyStream, HeaderLines, ResponseContext } from './stream.ts';

/*
 * | state   | meaning                                             | leaves to        |
 * | fresh   | nothing was read                                    | reading, streamed |
 * | reading | bytes() gathers; what it has is kept if it is cancelled | whole        |
 * | whole   | all of it is here, for any number of readers        | -                |
 * | streamed | chunks(), readInto(), lines() or body have taken it | -                |
 * | broken  | taking it whole failed: every later reader gets that error | -         |
 */
/** The body of a response as a whole, for any number of readers. */
export class WholeBody {
  readonly #lines: HeaderLines;
  readonly #stream: BodyStream;
  readonly #context: ResponseContext;
  #gathered: GatheredBytes | undefined;
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

  read(): Operation<Uint8Array> {
    return readWhole(this);
  }

  release(): void {
    this.#released = true;
  }

  /** All bytes, where that needs no waiting. */
  nowait(): Uint8Array | undefined {
    if (this.#whole !== undefined) return this.kept(this.#whole);
    this.check();
    if (this.#source !== undefined) return undefined;
    const { decoder, limits } = this.#context;
    const pieces = this.#stream.restNowait();
    if (pieces === undefined) return undefined;
    // The stream has nothing left.
    try {
      const codings = this.codings();
      const decoded =
        codings.length === 0
          ? joined(pieces)
          : decoder?.nowait(pieces, codings, limits, () => this.#context.errorDetails());
      if (decoded !== undefined) return this.finish(decoded);
      this.#source = this.decoded(new ArraySource(pieces), codings);
      return undefined;
    } catch (error) {
      return this.broken(error);
    }
  }

  get lock(): Lock {
    this.#lock ??= new Lock();
    return this.#lock;
  }

  /** The decoded pieces, for bytes() and for those who read piece by piece. */
  source(): Source<Uint8Array> {
    this.#source ??= this.decoded(this.#stream, this.codings());
    return this.#source;
  }

  keep(piece: Uint8Array): void {
    const raw = this.#source === this.#stream;
    // What is taken off a coding may have any size.
    const expected = raw ? this.#stream.length : undefined;
    this.#gathered ??= new GatheredBytes(expected);
    this.limit(Math.max(this.#gathered.size + piece.length, expected ?? 0));
    if (this.inMemory(() => this.#gathered?.add(piece)) && raw) this.#stream.recycle?.(piece);
  }

  finish(bytes = this.inMemory(() => this.#gathered?.take()) ?? joined([])): Uint8Array {
    this.limit(bytes.length);
    this.#whole = bytes;
    this.#size = bytes.length;
    return bytes;
  }

  /** Every reader gets the same memory: one that was given away, to a worker for example, leaves nothing of the body. */
  private kept(whole: Uint8Array): Uint8Array {
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
      return this.broken(
        new LimitExceededError(
          `The body of ${this.#context.url} does not fit into one array here: ask again and read it with chunks(), and set limits.buffered.`,
          { ...this.#context.errorDetails(), cause },
        ),
      );
    }
  }

  pieces(): Source<Uint8Array> {
    if (this.#whole !== undefined) return new ArraySource([copyOf(this.kept(this.#whole))]);
    this.check();
    if (this.#lock?.locked === true) throw bodyBusy();
    const source = this.source();
    this.#streamed = true;
    const before = this.#gathered?.pieces ?? [];
    return before.length === 0 ? source : new ArraySource(before, source);
  }

  /** Whether several pieces may be parts of the same memory: chunks of one read, or what one step of a coding gave. */
  get shares(): boolean {
    return this.#source !== this.#stream || this.#stream.length === undefined;
  }

  /** Reading a piece failed: that is the outcome for every reader, unless it concerns only who was reading. */
  failed(error: unknown): never {
    if (isCancelled(error) || (error instanceof ClientPayloadError && error.code === 'BODY_BUSY')) throw error;
    return this.broken(error);
  }

  private limit(size: number): void {
    const { buffered } = this.#context.limits;
    if (size <= buffered) return;
    this.broken(
      new LimitExceededError(
        `The body of ${this.#context.url} has more than ${buffered} bytes (limits.buffered): ask again and read it with chunks(), or raise the limit.`,
        this.#context.errorDetails(),
      ),
    );
  }

  /** What came is lost in part: whoever reads from now on gets the same error, and no end that is none. */
  private broken(error: unknown): never {
    this.#error ??= error;
    this.#stream.closeNowait();
    throw error;
  }

  /** Throws where somebody has let go of the response. */
  checkReleased(): void {
    if (!this.#released || this.#whole !== undefined) return;
    throw new ClientPayloadError(
      `The response of ${this.#context.url} was released before its body was read: read it first.`,
      { ...this.#context.errorDetails(), code: 'RELEASED' },
    );
  }

  check(): void {
    if (this.#error !== undefined) throw this.#error;
    const { url } = this.#context;
    if (this.#streamed) {
      throw new ClientPayloadError(
        `The body of ${url} was already read piece by piece, and is gone: use bytes(), text() or json() first, which keep it.`,
        { ...this.#context.errorDetails(), code: 'BODY_CONSUMED' },
      );
    }
    this.checkReleased();
  }

  codings(): readonly Coding[] {
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

  private decoded(raw: Source<Uint8Array>, codings: readonly Coding[]): Source<Uint8Array> {
    const { decoder, limits } = this.#context;
    if (decoder === null || codings.length === 0) return raw;
    return decoder.stream(raw, codings, limits, () => this.#context.errorDetails());
  }
}

const NO_CODINGS: readonly Coding[] = [];

function* readWhole(body: WholeBody): Operation<Uint8Array> {
  return body.nowait() ?? (yield* gather(body));
}

// Apart from the usual case, in which the whole body came with the head: its frame is several times as large.
function* gather(body: WholeBody): Operation<Uint8Array> {
  // Several tasks may ask at once: the first one reads, the others find it whole.
  using _held = yield* body.lock.acquire();
  const found = body.nowait();
  if (found !== undefined) return found;
  const source = body.source();
  try {
    for (let piece = yield* source.next(); !piece.done; piece = yield* source.next()) body.keep(piece.value);
  } catch (error) {
    body.failed(error);
  }
  return body.finish();
}

/** Gives what is in a list, and then what comes from another source. */
class ArraySource implements Source<Uint8Array> {
  readonly #pieces: readonly Uint8Array[];
  readonly #rest: Source<Uint8Array> | undefined;
  #next = 0;

  constructor(pieces: readonly Uint8Array[], rest?: Source<Uint8Array>) {
    this.#pieces = [...pieces];
    this.#rest = rest;
  }

  next(): Operation<IteratorResult<Uint8Array, void>> {
    const piece = this.#pieces[this.#next];
    this.#next += 1;
    if (piece !== undefined) return ready({ done: false, value: piece });
    return this.#rest === undefined ? ready({ done: true, value: undefined }) : this.#rest.next();
  }

  close(): Operation<void> {
    this.#next = this.#pieces.length;
    return this.#rest === undefined ? ready(undefined) : this.#rest.close();
  }
}

function* ready<T>(value: T): Operation<T> {
  return value;
}
