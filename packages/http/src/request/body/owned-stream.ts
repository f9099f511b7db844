/*
 * A stream that a caller handed in, as a source of bytes. From that moment it belongs to the request: its errors are
 * listened to, nobody else can send it, and it is closed once, whatever becomes of the request.
 */
import { defer, isCancelled, type Operation, type Source, until } from '@coloop/core';
import { InvalidOptionError } from '../../errors.ts';
import { ignore } from '../../waits.ts';
import { bytesOf, isReadableStream, isSource, type StreamInput } from './chunks.ts';

/** What was handed in, and can be read only once: it is never taken a second time. */
const taken = new WeakSet<object>();

/** Called with the error of a stream that fails by itself, also while nothing is read of it. */
export type StreamFailed = (error: unknown) => void;

/**
 * Takes a stream for one request; strings in it are encoded as UTF-8.
 *
 * @throws InvalidOptionError (BODY_SPENT) for a stream that is read, locked, closed, or belongs to another request; the
 *   error of a stream that has failed
 */
export function takeStream(stream: StreamInput, failed: StreamFailed = ignore): OwnedStream {
  if (taken.has(stream)) throw spent();
  if (isReadableStream(stream)) return new OwnedWebStream(stream, failed);
  if (isSource(stream)) return new OwnedSource(stream);
  return isNodeStream(stream) ? new OwnedNodeStream(stream, failed) : new OwnedIterable(stream);
}

/** Closes a source of the caller's whose request is over, so that what its cleanup throws concerns nobody any more. */
export function closeQuietly(source: Source<unknown>): Operation<void> {
  return quietly(() => source.close());
}

function* quietly(close: () => Operation<void>): Operation<void> {
  try {
    yield* close();
  } catch (error) {
    if (isCancelled(error)) throw error;
  }
}

/** The error for a stream that has nothing to give to this request. */
export function spent(): InvalidOptionError {
  return new InvalidOptionError(
    'The stream of the body was read, locked or closed before, or belongs to another request: give a function that makes it, so that each request has its own.',
    { code: 'BODY_SPENT' },
  );
}

/** One stream, from the moment that it was handed in. */
export abstract class OwnedStream implements Source<Uint8Array> {
  #begun = false;
  #ended = false;
  #closed = false;

  /** Whether a pass over it has begun; it is closed by whoever makes that pass. */
  get begun(): boolean {
    return this.#begun;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Begins the one pass. */
  open(): this {
    this.#begun = true;
    return this;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    if (this.#ended || this.#closed) return END;
    const chunk = yield* this.read();
    if (!chunk.done) return { done: false, value: bytesOf(chunk.value) };
    this.#ended = true;
    return END;
  }

  *close(): Operation<void> {
    if (this.#closed) return;
    this.#closed = true;
    const rest = this.end(this.#ended);
    if (rest !== undefined) yield* rest;
  }

  /** Closes it where nobody can wait: what takes time is done at the end of the current scope. */
  closeNowait(): void {
    if (this.#closed) return;
    this.#closed = true;
    const rest = this.end(this.#ended);
    if (rest !== undefined) defer(() => quietly(() => rest));
  }

  protected abstract read(): Operation<IteratorResult<unknown, unknown>>;

  /**
   * Ends it; what takes time is the operation that is returned.
   *
   * @param complete - whether it was read to its end
   */
  protected abstract end(complete: boolean): Operation<void> | undefined;
}

class OwnedSource extends OwnedStream {
  readonly #source: Source<unknown>;

  constructor(source: Source<unknown>) {
    super();
    taken.add(source);
    this.#source = source;
  }

  protected read(): Operation<IteratorResult<unknown, unknown>> {
    return this.#source.next();
  }

  protected end(): Operation<void> {
    return this.#source.close();
  }
}

class OwnedWebStream extends OwnedStream {
  readonly #reader: ReadableStreamDefaultReader;

  constructor(stream: ReadableStream, failed: StreamFailed) {
    super();
    if (stream.locked || isDisturbed(stream)) throw spent();
    // From here on nobody else can read it.
    this.#reader = stream.getReader();
    this.#reader.closed.catch((error: unknown) => {
      if (!this.closed) failed(error);
    });
  }

  protected read(): Operation<IteratorResult<unknown, unknown>> {
    return until(this.#reader.read());
  }

  protected end(complete: boolean): undefined {
    if (!complete) this.#reader.cancel().catch(ignore);
  }
}

class OwnedIterable extends OwnedStream {
  readonly #iterable: AsyncIterable<unknown>;
  #iterator: AsyncIterator<unknown> | undefined;

  constructor(iterable: AsyncIterable<unknown>) {
    super();
    this.#iterable = iterable;
    // An iterator is used up by one pass, and has to be ended where none begins; an iterable makes one for each.
    if (!isIterator(iterable)) return;
    taken.add(iterable);
    this.#iterator = iterable;
  }

  protected *read(): Operation<IteratorResult<unknown, unknown>> {
    this.#iterator ??= this.#begin();
    return yield* until(Promise.resolve(this.#iterator.next()));
  }

  protected end(complete: boolean): undefined {
    // Not waited for: a generator that stands in a wait of its own ends after that.
    if (!complete) Promise.resolve(this.#iterator?.return?.()).catch(ignore);
  }

  #begin(): AsyncIterator<unknown> {
    const iterator = this.#iterable[Symbol.asyncIterator]();
    if (taken.has(iterator)) throw spent();
    taken.add(iterator);
    return iterator;
  }
}

/** What of a stream of Node is used; those of the package readable-stream have it, too. */
interface NodeStream extends AsyncIterable<unknown> {
  readonly readable: boolean;
  readonly errored?: unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  destroy(): unknown;
}

class OwnedNodeStream extends OwnedStream {
  readonly #stream: NodeStream;
  readonly #iterator: AsyncIterator<unknown>;
  #failure: { readonly error: unknown } | undefined;

  constructor(stream: NodeStream, failed: StreamFailed) {
    super();
    taken.add(stream);
    this.#stream = stream;
    // First of all, and never taken off: an error of what is refused, or over, must not end the process either.
    stream.on('error', (error) => {
      if (this.closed) return;
      this.#failure ??= { error };
      failed(error);
    });
    if (stream.errored != null) throw stream.errored;
    if (!stream.readable) throw spent();
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  protected *read(): Operation<IteratorResult<unknown, unknown>> {
    let chunk: IteratorResult<unknown, unknown>;
    try {
      chunk = yield* until(this.#iterator.next());
    } catch (error) {
      throw isCancelled(error) || this.#failure === undefined ? error : this.#failure.error;
    }
    // For its iterator an error without a value is an end like any other.
    if (this.#failure !== undefined) throw this.#failure.error;
    return chunk;
  }

  protected end(complete: boolean): undefined {
    if (!complete || this.#failure !== undefined) this.#stream.destroy();
  }
}

function isNodeStream(value: StreamInput): value is NodeStream {
  return 'on' in value && typeof value.on === 'function' && 'destroy' in value && typeof value.destroy === 'function';
}

function isIterator(value: AsyncIterable<unknown>): value is AsyncIterableIterator<unknown> {
  return 'next' in value && typeof value.next === 'function';
}

/** Whether something of a stream was read or cancelled, as the Fetch standard asks before it sends one. */
function isDisturbed(stream: ReadableStream): boolean {
  // Node says it by this property, without loading its fetch; where it is missing, a Response refuses such a stream.
  const said = (stream as { readonly [DISTURBED]?: unknown })[DISTURBED];
  if (typeof said === 'boolean') return said;
  try {
    new Response(stream);
    return false;
  } catch {
    return true;
  }
}

const DISTURBED: unique symbol = Symbol.for('nodejs.stream.disturbed') as never;
const END: IteratorReturnResult<void> = { done: true, value: undefined };
