import { Lock, type Operation, type Source, until } from '@coloop/core';
import { decodeText, textDecoder } from './decode/charset.ts';
import { type Coding, parseCodings } from './decode/codings.ts';
import { LineSplitter } from './decode/line-splitter.ts';
import {
  ClientPayloadError,
  ClientResponseError,
  ContentTypeError,
  type ErrorDetails,
  type HistoryEntry,
  LimitExceededError,
} from './errors.ts';
import type { Limits } from './limits.ts';
import { own } from './own.ts';
import type { Timing } from './timing.ts';

/**
 * The bytes of a response's body as they come from the codec: framing removed, content codings still on.
 *
 * The transport implements it. `next()` applies backpressure: what nobody asks for stays on the wire.
 */
export interface BodyStream extends Source<Uint8Array> {
  /** The next piece; throws ClientPayloadError, ServerTimeoutError or SessionClosedError where the body does not come whole. */
  next(): Operation<IteratorResult<Uint8Array, void>>;
  /** The whole rest, where all of it has already arrived; undefined where something would have to be waited for. */
  restNowait(): readonly Uint8Array[] | undefined;
  /** Lets go of the connection: reads on if little is left, else destroys it. Waits until that has happened. */
  close(): Operation<void>;
  /** The same without waiting. */
  closeNowait(): void;
  /** True once the connection is given back or gone. */
  readonly closed: boolean;
  /** The bytes announced, where they are. */
  readonly length: number | undefined;
  /** The trailer section, once the body was read whole. */
  readonly trailers: Headers | undefined;
}

/** The header lines of a response, looked up without building the web's `Headers`. */
export interface HeaderLines {
  /** The values of a header joined by commas; null where it is missing. */
  get(lowerName: string): string | null;
  /** The values of a header, one per line: for Set-Cookie. */
  getAll(lowerName: string): readonly string[];
  toHeaders(): Headers;
}

/** How content codings are taken off; the platform's part of reading a body. */
export interface Decoder {
  readonly known: ReadonlySet<string>;
  /** Undefined where the body is too large to be decoded at once. */
  nowait(
    pieces: readonly Uint8Array[],
    codings: readonly Coding[],
    limits: Limits,
    details: () => ErrorDetails,
  ): Uint8Array | undefined;
  stream(
    body: Source<Uint8Array>,
    codings: readonly Coding[],
    limits: Limits,
    details: () => ErrorDetails,
  ): Source<Uint8Array>;
}

/** What a response has to know of its request. */
export interface ResponseContext {
  readonly method: string;
  /** Without userinfo, with the fragment of the request. */
  readonly url: string;
  readonly limits: Limits;
  /** Null where the body is left as it is. */
  readonly decoder: Decoder | null;
  readonly history: readonly HistoryEntry[];
  /** Whether this answer can have no body: to HEAD, or 204 and 304. */
  readonly bodyless: boolean;
  /** What every phase took up to now, or up to the end of the body. */
  timing(): Timing;
  /** Phase, request and timing for an error about this response. */
  errorDetails(): ErrorDetails;
  /** Runs an operation for a host that reads `body`. */
  run<T>(operation: () => Operation<T>): Promise<T>;
}

/** How `json()` reads. */
export interface JsonOptions<T> {
  /** The media type to insist on; null leaves it unchecked. Default: any JSON type. */
  readonly contentType?: string | null | undefined;
  /** Checks and types the value: any Standard Schema validator. */
  readonly schema?: StandardSchema<T> | undefined;
}

/** The part of a Standard Schema (standardschema.dev, version 1) that is used. */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

/** What a Standard Schema answers. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/**
 * The answer to a request. It belongs to its session: `using`, the end of its body, or the session ends it.
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
  bytes(): Operation<Uint8Array>;
  text(encoding?: string): Operation<string>;
  json<T = unknown>(options?: JsonOptions<T>): Operation<T>;
  /** The decoded body piece by piece. */
  chunks(): Source<Uint8Array>;
  /** The decoded body line by line, without the line ends. */
  lines(): Source<string>;
  /** Throws ClientResponseError for a status of 400 and above. */
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
  readonly #body: WholeBody;
  #headers: Headers | undefined;
  #web: ReadableStream<Uint8Array> | undefined;

  constructor(head: ResponseHead, stream: BodyStream, context: ResponseContext) {
    this.status = head.status;
    this.reason = head.reason;
    this.rawHeaders = head.lines;
    this.stream = stream;
    this.#context = context;
    this.#body = new WholeBody(head.lines, stream, context);
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
    this.#web ??= webStream(this.chunks(), this.#context);
    return this.#web;
  }

  bytes(): Operation<Uint8Array> {
    return this.#body.read();
  }

  text(encoding?: string): Operation<string> {
    return readText(this.#body, this.rawHeaders.get('content-type'), encoding);
  }

  json<T = unknown>(options: JsonOptions<T> = {}): Operation<T> {
    return readJson<T>(this, this.#body, options);
  }

  chunks(): Source<Uint8Array> {
    return this.#body.pieces();
  }

  lines(): Source<string> {
    return new Lines(this.chunks(), this.rawHeaders.get('content-type'), this.#context.limits.buffered);
  }

  raiseForStatus(): this {
    if (this.status < 400) return this;
    this[Symbol.dispose]();
    throw new ClientResponseError(
      `${this.#context.method} ${this.url} was answered with ${this.status} ${this.reason}`.trimEnd(),
      this.errorDetails(),
    );
  }

  release(): Operation<void> {
    this.#body.release();
    return this.stream.close();
  }

  [Symbol.dispose](): void {
    this.#body.release();
    this.stream.closeNowait();
  }

  /** @internal What an error about this response tells. */
  errorDetails(): ErrorDetails & { status: number; headers: Headers; history: readonly HistoryEntry[] } {
    const { status, headers, history } = this;
    return { ...this.#context.errorDetails(), status, headers, history };
  }
}

/*
 * | state   | meaning                                             | leaves to        |
 * | fresh   | nothing was read                                    | reading, streamed |
 * | reading | bytes() gathers; what it has is kept if it is cancelled | whole        |
 * | whole   | all of it is here, for any number of readers        | -                |
 * | streamed | chunks(), lines() or body have taken it            | -                |
 */
class WholeBody {
  readonly #lines: HeaderLines;
  readonly #stream: BodyStream;
  readonly #context: ResponseContext;
  readonly #pieces: Uint8Array[] = [];
  #size = 0;
  #whole: Uint8Array | undefined;
  #source: Source<Uint8Array> | undefined;
  #streamed = false;
  #released = false;
  #lock: Lock | undefined;

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
    if (this.#whole !== undefined) return this.#whole;
    this.check();
    if (this.#source !== undefined) return undefined;
    const { decoder, limits } = this.#context;
    const pieces = this.#stream.restNowait();
    if (pieces === undefined) return undefined;
    const codings = this.codings();
    const decoded =
      codings.length === 0
        ? joined(pieces)
        : decoder?.nowait(pieces, codings, limits, () => this.#context.errorDetails());
    if (decoded === undefined) {
      this.#source = this.#decoded(new ArraySource(pieces), codings);
      return undefined;
    }
    return this.finish(decoded);
  }

  get lock(): Lock {
    this.#lock ??= new Lock();
    return this.#lock;
  }

  /** The decoded pieces, for bytes() and for those who read piece by piece. */
  source(): Source<Uint8Array> {
    this.#source ??= this.#decoded(this.#stream, this.codings());
    return this.#source;
  }

  keep(piece: Uint8Array): void {
    this.#size += piece.length;
    const { buffered } = this.#context.limits;
    if (this.#size > buffered) {
      this.#stream.closeNowait();
      throw new LimitExceededError(
        `The body of ${this.#context.url} has more than ${buffered} bytes (limits.buffered): read it with chunks(), or raise the limit.`,
        this.#context.errorDetails(),
      );
    }
    this.#pieces.push(piece);
  }

  finish(bytes: Uint8Array = joined(this.#pieces)): Uint8Array {
    const { buffered } = this.#context.limits;
    if (bytes.length > buffered && this.#pieces.length === 0) this.keep(bytes);
    this.#whole = bytes;
    this.#pieces.length = 0;
    return bytes;
  }

  pieces(): Source<Uint8Array> {
    if (this.#whole !== undefined) return new ArraySource([this.#whole]);
    this.check();
    this.#streamed = true;
    return this.#pieces.length === 0 ? this.source() : new ArraySource(this.#pieces, this.source());
  }

  check(): void {
    const { url } = this.#context;
    if (this.#streamed) {
      throw new ClientPayloadError(
        `The body of ${url} was already read piece by piece, and is gone: use bytes(), text() or json() first, which keep it.`,
        { ...this.#context.errorDetails(), code: 'BODY_CONSUMED' },
      );
    }
    if (this.#released) {
      throw new ClientPayloadError(`The response of ${url} was released before its body was read: read it first.`, {
        ...this.#context.errorDetails(),
        code: 'RELEASED',
      });
    }
  }

  codings(): readonly Coding[] {
    const { decoder, limits, bodyless } = this.#context;
    if (decoder === null || bodyless) return NO_CODINGS;
    const header = this.#lines.get('content-encoding');
    return header === null ? NO_CODINGS : parseCodings(header, decoder.known, limits.codings);
  }

  #decoded(raw: Source<Uint8Array>, codings: readonly Coding[]): Source<Uint8Array> {
    const { decoder, limits } = this.#context;
    if (decoder === null || codings.length === 0) return raw;
    return decoder.stream(raw, codings, limits, () => this.#context.errorDetails());
  }
}

const NO_CODINGS: readonly Coding[] = [];

function* readWhole(body: WholeBody): Operation<Uint8Array> {
  const ready = body.nowait();
  if (ready !== undefined) return ready;
  // Several tasks may ask at once: the first one reads, the others find it whole.
  using _held = yield* body.lock.acquire();
  const found = body.nowait();
  if (found !== undefined) return found;
  const source = body.source();
  for (let piece = yield* source.next(); !piece.done; piece = yield* source.next()) body.keep(piece.value);
  return body.finish();
}

function* readText(body: WholeBody, contentType: string | null, encoding: string | undefined): Operation<string> {
  return decodeText(yield* body.read(), contentType, encoding);
}

function* readJson<T>(response: HttpResponse, body: WholeBody, options: JsonOptions<T>): Operation<T> {
  const contentType = response.rawHeaders.get('content-type');
  checkJsonType(response, contentType, own(options, 'contentType'));
  const text = decodeText(yield* body.read(), null, 'utf-8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const start = JSON.stringify(text.slice(0, 40));
    throw new ClientPayloadError(`The body of ${response.url} is no JSON: it begins with ${start}.`, {
      ...response.errorDetails(),
      code: 'INVALID_JSON',
      cause,
    });
  }
  const schema = own(options, 'schema');
  return schema === undefined ? (value as T) : yield* validated(response, schema, value);
}

function* validated<T>(response: HttpResponse, schema: StandardSchema<T>, value: unknown): Operation<T> {
  const answer = schema['~standard'].validate(value);
  const result = answer instanceof Promise ? yield* until(answer) : answer;
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ message, path }) => `${pathOf(path)}${message}`).join('; ');
  throw new ClientPayloadError(`The JSON of ${response.url} does not match the schema: ${issues}`, {
    ...response.errorDetails(),
    code: 'SCHEMA',
    cause: result.issues,
  });
}

function pathOf(path: readonly unknown[] | undefined): string {
  if (path === undefined || path.length === 0) return '';
  const keys = path.map((key) => (typeof key === 'object' && key !== null && 'key' in key ? key.key : key));
  return `${keys.map(String).join('.')}: `;
}

function checkJsonType(response: HttpResponse, actual: string | null, wanted: string | null | undefined): void {
  if (wanted === null) return;
  const type = (actual ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const fits = wanted === undefined ? JSON_TYPE.test(type) : type === wanted.trim().toLowerCase();
  if (fits) return;
  throw new ContentTypeError(
    `${response.url} was answered with the content type ${actual === null ? 'missing' : JSON.stringify(actual)}, not ${wanted ?? 'JSON'}: check the address, or read it with json({ contentType: null }).`,
    response.errorDetails(),
  );
}

// The JSON MIME types of https://mimesniff.spec.whatwg.org/#json-mime-type.
const JSON_TYPE = /^(application\/json|text\/json|[^/]+\/[^/]+\+json)$/;

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (first === undefined) return new Uint8Array(0);
  if (pieces.length === 1) return first;
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
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

/** The body as lines of text. */
class Lines implements Source<string> {
  readonly #chunks: Source<Uint8Array>;
  readonly #contentType: string | null;
  readonly #splitter: LineSplitter;
  readonly #waiting: string[] = [];
  #decoder: TextDecoder | undefined;
  #ended = false;

  constructor(chunks: Source<Uint8Array>, contentType: string | null, most: number) {
    this.#chunks = chunks;
    this.#contentType = contentType;
    this.#splitter = new LineSplitter(most);
  }

  next(): Operation<IteratorResult<string, void>> {
    return nextLine(this);
  }

  close(): Operation<void> {
    this.#ended = true;
    return this.#chunks.close();
  }

  /** @internal */
  nowait(): IteratorResult<string, void> | undefined {
    const line = this.#waiting.shift();
    if (line !== undefined) return { done: false, value: line };
    return this.#ended ? { done: true, value: undefined } : undefined;
  }

  /** @internal */
  more(): Operation<IteratorResult<Uint8Array, void>> {
    return this.#chunks.next();
  }

  /** @internal */
  take(piece: IteratorResult<Uint8Array, void>): void {
    if (piece.done) {
      this.#ended = true;
      const rest = this.#decoder?.decode();
      if (rest !== undefined && rest !== '') this.#waiting.push(...this.#splitter.push(rest));
      const last = this.#splitter.end();
      if (last !== undefined) this.#waiting.push(last);
      return;
    }
    this.#decoder ??= textDecoder(piece.value, this.#contentType, undefined);
    for (const line of this.#splitter.push(this.#decoder.decode(piece.value, { stream: true })))
      this.#waiting.push(line);
  }
}

function* nextLine(lines: Lines): Operation<IteratorResult<string, void>> {
  for (;;) {
    const line = lines.nowait();
    if (line !== undefined) return line;
    lines.take(yield* lines.more());
  }
}

/** The web's form of a source, read by a host. */
function webStream(source: Source<Uint8Array>, context: ResponseContext): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await context.run(() => source.next());
        if (piece.done) controller.close();
        else controller.enqueue(piece.value);
      },
      async cancel() {
        await context.run(() => source.close());
      },
    },
    { highWaterMark: 0 },
  );
}
