import { type Operation, type Source, until } from '@coloop/core';
import { concat } from '../bytes/concat.ts';
import type { Recycling } from '../bytes/recycling.ts';
import { decodeText, textDecoder } from '../decode/charset.ts';
import { Lines } from '../decode/line-source.ts';
import {
  ClientPayloadError,
  ClientResponseError,
  ContentTypeError,
  type ErrorDetails,
  type HistoryEntry,
} from '../errors.ts';
import { own } from '../own.ts';
import type { Timing } from '../timing.ts';
import { WholeBody } from './body.ts';
import { BodyPieces, OwnPieces } from './chunks.ts';
import { checkMemory, MemoryReader } from './reader.ts';
import type { BodyStream, HeaderLines, ResponseContext } from './stream.ts';

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
  /**
   * Puts the next bytes of the decoded body into memory of yours, and returns how many they are: 0 at the end.
   *
   * The way without garbage: a large download takes half of the CPU time that `chunks()` takes, where each piece is new
   * memory and yours to keep.
   *
   * Cancellation: loses no byte.
   *
   * @param memory - at least one byte of room; no more is put than has come
   * @throws InvalidOptionError for no room, at the call, and the errors of `chunks()`
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
  #reader: MemoryReader | undefined;
  #excerpt: string | undefined;

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
    const pieces = new BodyPieces(this.#body);
    return new OwnPieces(pieces, this.#body.shares);
  }

  /** @internal `chunks()` for who uses each piece up; where middleware has put its own in that place it may keep them. */
  ownChunks(): Source<Uint8Array> & Recycling {
    return this.chunks === HttpResponse.prototype.chunks ? new BodyPieces(this.#body) : this.chunks();
  }

  readInto(memory: Uint8Array): Operation<number> {
    checkMemory(memory);
    return readInto(this, memory);
  }

  /** @internal */
  get reader(): MemoryReader {
    // It may hold bytes that nobody has read, of a connection that is given back.
    this.#body.checkReleased();
    this.#reader ??= new MemoryReader(this.ownChunks());
    return this.#reader;
  }

  lines(): Source<string> {
    return new Lines(this.ownChunks(), this.rawHeaders.get('content-type'), this.#context.limits.buffered);
  }

  raiseForStatus(): this {
    if (this.status < 400) return this;
    const body = this.#excerpt ?? this.excerptNowait();
    this[Symbol.dispose]();
    throw new ClientResponseError(
      `${this.#context.method} ${this.url} was answered with ${this.status} ${this.reason}`.trimEnd(),
      { ...this.errorDetails(), body },
    );
  }

  /** @internal Reads as much of the body as an error shows. */
  *readExcerpt(): Operation<void> {
    const chunks = this.ownChunks();
    const pieces: Uint8Array[] = [];
    for (let size = 0; size < EXCERPT; ) {
      const piece = yield* chunks.next();
      if (piece.done) break;
      pieces.push(piece.value);
      size += piece.value.length;
      this.#excerpt = this.excerptOf(concat(pieces));
    }
  }

  private excerptNowait(): string {
    try {
      return this.excerptOf(this.#body.nowait() ?? NOTHING);
    } catch {
      // It was read by somebody else, or cannot be: the status is what matters.
      return '';
    }
  }

  private excerptOf(bytes: Uint8Array): string {
    const beginning = bytes.subarray(0, EXCERPT);
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

  /** @internal What an error about this response tells. */
  errorDetails(): ErrorDetails & { status: number; headers: Headers; history: readonly HistoryEntry[] } {
    const { status, headers, history } = this;
    return { ...this.#context.errorDetails(), status, headers, history };
  }
}

/** How much of a body an error shows, in bytes. */
const EXCERPT = 1_024;
const NOTHING = new Uint8Array(0);

function* readInto(response: HttpResponse, memory: Uint8Array): Operation<number> {
  return yield* response.reader.read(memory);
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
