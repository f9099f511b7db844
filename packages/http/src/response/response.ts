/*
 * The response of either platform: what a user sees of it, over a body that the transport brings in.
 */
import type { Operation, Source } from '@coloop/core';
import { acquisition, type GivesBack, readableStream } from '@coloop/core/lowlevel';
import { concat } from '../bytes/buffer.ts';
import type { Recycling } from '../bytes/recycling.ts';
import { own } from '../checks.ts';
import { decodeText, textDecoder } from '../decode/charset.ts';
import { LineSource } from '../decode/line-source.ts';
import { ClientResponseError, type HistoryEntry, type ResponseErrorDetails } from '../errors.ts';
import { showAs } from '../inspect.ts';
import { EXCERPT_SIZE } from '../limits.ts';
import type { Timing } from '../timing.ts';
import { ResponseBody } from './body.ts';
import { BodyChunks } from './chunks.ts';
import { checkJsonType, type JsonOptions, parseJson, validated } from './json.ts';
import { checkMemory, MemoryReader } from './reader.ts';
import type { BodyStream, HeaderLines, ResponseContext } from './stream.ts';

const NOTHING = new Uint8Array(0);

/**
 * The response to a request. It belongs to its session: `using`, the end of its body, or the session ends it.
 *
 * Any task may read it. A body that was read whole stays readable.
 */
export interface Response extends Disposable {
  readonly status: number;
  /** The reason phrase as the server wrote it, often empty. */
  readonly reason: string;
  /** True for 200 to 299. */
  readonly ok: boolean;
  readonly headers: Headers;
  /** The URL that answered, after redirects, without userinfo. */
  readonly url: string;
  readonly history: readonly HistoryEntry[];
  readonly timing: Timing;
  /** True once the connection is given back or gone. */
  readonly released: boolean;
  /** The trailer section, once the body was read whole. */
  readonly trailers: Headers | undefined;
  readonly body: ReadableStream<Uint8Array>;
  bytes(): Operation<Uint8Array<ArrayBuffer>>;
  text(encoding?: string): Operation<string>;
  json<T = unknown>(options?: JsonOptions<T>): Operation<T>;
  /** The decoded body chunk by chunk. */
  chunks(): Source<Uint8Array>;
  /**
   * Puts the next bytes of the decoded body into memory of yours, and returns how many they are: 0 at the end.
   *
   * The way without garbage: a large download takes half of the CPU time that `chunks()` takes, where each chunk is new
   * memory and yours to keep.
   *
   * Cancellation: loses no byte.
   *
   * @param memory - at least one byte of room; no more is put than has come
   * @throws InvalidOptionError if there is no room, at the call, and the errors of `chunks()`
   * @example
   * ```ts
   * import { Session } from '@coloop/http';
   * import { simulate } from '@coloop/http/testing';
   *
   * await simulate(function* (net) {
   *   net.serve('http://files.test', () => 'x'.repeat(100_000));
   *   const session = yield* Session.open();
   *   using response = yield* session.get('http://files.test/');
   *   const memory = new Uint8Array(65_536);
   *   let size = 0;
   *   for (let got = yield* response.readInto(memory); got > 0; got = yield* response.readInto(memory)) size += got;
   *   console.log(size); //> 100000
   * });
   * ```
   * Source: `io.RawIOBase.readinto` of Python, `Reader.Read` of Go.
   */
  readInto(memory: Uint8Array): Operation<number>;
  /** The decoded body line by line, without the line ends. */
  lines(): Source<string>;
  /** Throws ClientResponseError for a status of 400 and above, with the beginning of the body where all of it has come. */
  raiseForStatus(): this;
  /** Gives the connection back: reads on if little is left, else destroys it. */
  release(): Operation<void>;
  [Symbol.dispose](): void;
}

/** The head of a response, from the transport. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly lines: HeaderLines;
  /** What it came over, as in 'HTTP/2'; undefined for HTTP/1.1, and where the platform does not say. */
  readonly version?: string | undefined;
}

/** The response of either transport. */
export class HttpResponse implements Response {
  readonly status: number;
  readonly reason: string;
  /** @internal */
  readonly rawHeaders: HeaderLines;
  /** @internal */
  readonly stream: BodyStream;
  readonly #context: ResponseContext;
  readonly #body: ResponseBody;
  #headers: Headers | undefined;
  #web: ReadableStream<Uint8Array> | undefined;
  #reader: MemoryReader | undefined;
  #excerpt: string | undefined;

  constructor(head: ResponseHead, stream: BodyStream, context: ResponseContext) {
    this.status = head.status;
    this.reason = head.reason;
    this.rawHeaders = head.lines;
    this.stream = stream;
    this.#context = context;
    this.#body = new ResponseBody(head.lines, stream, context);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get headers(): Headers {
    this.#headers ??= this.rawHeaders.toHeaders();
    return this.#headers;
  }

  get url(): string {
    return this.#context.url;
  }

  get history(): readonly HistoryEntry[] {
    return this.#context.history;
  }

  get timing(): Timing {
    return this.#context.timing();
  }

  get released(): boolean {
    return this.stream.closed;
  }

  get trailers(): Headers | undefined {
    return this.stream.trailers;
  }

  get body(): ReadableStream<Uint8Array> {
    this.#web ??= this.webStream(this.chunks());
    return this.#web;
  }

  bytes(): Operation<Uint8Array<ArrayBuffer>> {
    // No memory of a body is shared with another thread.
    return this.#body.read() as Operation<Uint8Array<ArrayBuffer>>;
  }

  *text(encoding?: string): Operation<string> {
    return decodeText(yield* this.#body.read(), this.rawHeaders.get('content-type'), encoding);
  }

  *json<T = unknown>(options: JsonOptions<T> = {}): Operation<T> {
    checkJsonType(this, this.rawHeaders.get('content-type'), own(options, 'contentType'));
    const value = parseJson(this, decodeText(yield* this.#body.read(), null, 'utf-8'));
    const schema = own(options, 'schema');
    return schema === undefined ? (value as T) : yield* validated(this, schema, value);
  }

  chunks(): Source<Uint8Array> {
    return new BodyChunks(this.#body, true);
  }

  /**
   * @internal `chunks()` for a reader that uses each chunk up and hands it back.
   *
   * Middleware that has put a `chunks` of its own in that place may keep what it sees: its chunks are not handed back.
   */
  recyclableChunks(): Source<Uint8Array> & Recycling {
    return this.chunks === HttpResponse.prototype.chunks ? new BodyChunks(this.#body, false) : this.chunks();
  }

  readInto(memory: Uint8Array): Operation<number> {
    checkMemory(memory);
    return this.readMemory(memory);
  }

  private *readMemory(memory: Uint8Array): Operation<number> {
    // The reader may hold bytes that no task has read, of a connection that was given back.
    this.#body.checkReleased();
    this.#reader ??= new MemoryReader(this.recyclableChunks());
    return yield* this.#reader.read(memory);
  }

  lines(): Source<string> {
    const contentType = this.rawHeaders.get('content-type');
    return new LineSource(this.recyclableChunks(), contentType, this.#context.limits.buffered);
  }

  raiseForStatus(): this {
    if (this.status < 400) return this;
    const body = this.#excerpt ?? this.excerptNowait();
    this[Symbol.dispose]();
    const status = `${this.status} ${this.reason}`.trimEnd();
    throw new ClientResponseError(`${this.#context.method} ${this.url} was answered with ${status}.`, {
      ...this.errorDetails(),
      body,
    });
  }

  /** @internal Reads as much of the body as an error shows. */
  *readExcerpt(): Operation<void> {
    const source = this.recyclableChunks();
    const chunks: Uint8Array[] = [];
    for (let size = 0; size < EXCERPT_SIZE; ) {
      const chunk = yield* source.next();
      if (chunk.done) break;
      chunks.push(chunk.value);
      size += chunk.value.length;
      this.#excerpt = this.excerptOf(concat(chunks));
    }
  }

  private excerptNowait(): string {
    try {
      return this.excerptOf(this.#body.readNowait() ?? NOTHING);
    } catch {
      // The body was read by another task, or cannot be read: the status is what matters.
      return '';
    }
  }

  private excerptOf(bytes: Uint8Array): string {
    const beginning = bytes.subarray(0, EXCERPT_SIZE);
    // Streaming: a character that is cut is left out.
    return textDecoder(beginning, this.rawHeaders.get('content-type'), undefined).decode(beginning, { stream: true });
  }

  release(): Operation<void> {
    this.#body.release();
    return this.stream.close();
  }

  [Symbol.dispose](): void {
    this.#body.release();
    this.stream.closeNowait();
  }

  /** @internal */
  get [acquisition](): GivesBack | undefined {
    return this.#context.held;
  }

  /** The web's form of the body, read by a host. */
  private webStream(source: Source<Uint8Array>): ReadableStream<Uint8Array> {
    const context = this.#context;
    return readableStream(
      () => context.run(() => source.next()),
      () => context.run(() => source.close()),
    );
  }

  static {
    showAs(HttpResponse, 'Response', (response) => response.#view());
  }

  #view(): object {
    const { status, reason, url, released } = this;
    const { method } = this.#context;
    return { status, reason, method, url, phase: this.#context.errorDetails().phase, released };
  }

  /** @internal What an error about this response tells. */
  errorDetails(): ResponseErrorDetails {
    const { status, headers, history } = this;
    return { ...this.#context.errorDetails(), status, headers, history };
  }
}
