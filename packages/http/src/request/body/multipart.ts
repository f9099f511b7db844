/* Multipart forms: their parts, and the body that writes them. */
import type { Operation, Source } from '@coloop/core';
import { show } from '@coloop/core/lowlevel';
import { concat } from '../../bytes/buffer.ts';
import { checkNames, checkText, codePoint, invalid, invalidKind, own } from '../../checks.ts';
import { ClientPayloadError, InvalidOptionError } from '../../errors.ts';
import { type HeadersInit, RequestHeaders } from '../../headers.ts';
import type { RequestBody } from './body.ts';
import { BufferedBody } from './buffered.ts';
import { bytesOf, isStream, type StreamInput } from './chunks.ts';
import { closeQuietly, OwnedStream, takeStream } from './owned-stream.ts';

/** A file that is read while it is sent, as `filePart(path)` makes it. */
export interface FilePart {
  readonly filename: string;
  /** In bytes. */
  readonly length: number;
  /** Begins to read; called for every pass. */
  readonly open: () => Source<Uint8Array>;
}

/** What a part may hold; a function makes it anew for every pass. */
export type PartValue =
  | string
  | Uint8Array
  | Blob
  | FilePart
  | StreamInput
  | (() => string | Uint8Array | Blob | StreamInput);

/** What is said of a part beside its value. */
export interface PartOptions {
  /** Makes the part a file of this name. */
  readonly filename?: string;
  /** The media type; `application/octet-stream` for files without one of their own. */
  readonly type?: string;
  /** The exact number of bytes of a stream, so that the request can say its length. */
  readonly length?: number;
  readonly headers?: HeadersInit;
}

const PART_OPTIONS: readonly (keyof PartOptions)[] = ['filename', 'type', 'length', 'headers'];

/** One part, checked. */
interface Part {
  readonly head: Uint8Array;
  readonly length: number | undefined;
  readonly replayable: boolean;
  readonly value: PartContent;
}

type PartContent = Exclude<PartValue, FilePart>;

/**
 * A multipart form: fields and files in the order in which they were appended, files streamed while they are sent.
 *
 * @example
 * ```ts no-run
 * const form = new Multipart().append('title', 'Report').append('file', 'all is well', { filename: 'report.txt', type: 'text/plain' });
 * const response = yield* session.post(url, { multipart: form });
 * ```
 *
 * Source: RFC 7578, with names escaped as the HTML standard does (section 4.10.21.8).
 */
export class Multipart {
  readonly #parts: Part[] = [];

  /**
   * Adds a part.
   *
   * @param value - text, bytes, a Blob or File, a file of the disk (`filePart(path)`), a stream, or a function that
   *   makes one
   * @param options - the file's name, or more
   * @throws InvalidOptionError for a name, file name or type with control characters
   */
  append(name: string, value: PartValue, options: string | PartOptions = {}): this {
    const given: PartOptions = typeof options === 'string' ? { filename: options } : options;
    checkNames('Multipart.append', given, PART_OPTIONS);
    this.#parts.push(partOf(name, value, given));
    return this;
  }

  /** @internal The parts up to now; later ones do not change a request that is under way. */
  parts(): readonly Part[] {
    return [...this.#parts];
  }

  /**
   * Takes over the fields and files of a web form. Line ends of names and fields become CRLF, those of files and of their names stay.
   *
   * Source: the HTML standard, section 4.10.21.8 ("multipart/form-data encoding algorithm").
   */
  static from(form: FormData): Multipart {
    const multipart = new Multipart();
    for (const [name, value] of form) {
      multipart.append(withCrlf(name), typeof value === 'string' ? withCrlf(value) : value);
    }
    return multipart;
  }
}

/**
 * Writes a form with a boundary that no part's author can foresee.
 *
 * @param entropy - fills bytes that cannot be guessed
 * @param take - makes a stream the request's own
 */
export function multipartBody(
  form: Multipart | FormData,
  entropy: (bytes: Uint8Array) => Uint8Array,
  take: (stream: StreamInput) => OwnedStream = takeStream,
): RequestBody {
  const parts = (form instanceof Multipart ? form : Multipart.from(form))
    .parts()
    .map((part) => (isStream(part.value) ? { ...part, value: take(part.value) } : part));
  const boundary = `coloop-${hex(entropy(new Uint8Array(16)))}`;
  const type = `multipart/form-data; boundary=${boundary}`;
  const text = new TextEncoder();
  const opening = text.encode(`--${boundary}\r\n`);
  const closing = text.encode(`--${boundary}--\r\n`);
  let length: number | undefined = closing.length;
  for (const part of parts) {
    length =
      part.length === undefined || length === undefined
        ? undefined
        : length + opening.length + part.head.length + part.length + LINE_END.length;
  }
  if (length !== undefined && parts.every(({ value }) => typeof value === 'string' || value instanceof Uint8Array)) {
    return new BufferedBody(written(parts, opening, closing, length), type);
  }
  return new MultipartBody(parts, opening, closing, length, type);
}

class MultipartBody implements RequestBody {
  readonly length: number | undefined;
  readonly type: string;
  readonly replayable: boolean;
  readonly #parts: readonly Part[];
  readonly #opening: Uint8Array;
  readonly #closing: Uint8Array;
  #opened = false;

  constructor(
    parts: readonly Part[],
    opening: Uint8Array,
    closing: Uint8Array,
    length: number | undefined,
    type: string,
  ) {
    this.#parts = parts;
    this.#opening = opening;
    this.#closing = closing;
    this.length = length;
    this.type = type;
    this.replayable = parts.every((part) => part.replayable);
  }

  get spent(): boolean {
    return this.#opened && !this.replayable;
  }

  open(): Source<Uint8Array> {
    if (this.spent) {
      throw new InvalidOptionError(
        'The multipart form holds a stream and was sent already: give a function that makes the stream, so that it can be sent again.',
        { code: 'BODY_SPENT' },
      );
    }
    this.#opened = true;
    // From here on the pass closes them, those that it does not come to as well.
    for (const { value } of this.#parts) if (value instanceof OwnedStream) value.open();
    return new MultipartSource(this.#parts, this.#opening, this.#closing);
  }
}

class MultipartSource implements Source<Uint8Array> {
  readonly #parts: readonly Part[];
  readonly #opening: Uint8Array;
  readonly #closing: Uint8Array;
  #index = 0;
  #current: Source<Uint8Array> | undefined;
  #left = 0;
  #done = false;

  constructor(parts: readonly Part[], opening: Uint8Array, closing: Uint8Array) {
    this.#parts = parts;
    this.#opening = opening;
    this.#closing = closing;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    if (this.#done) return { done: true, value: undefined };
    if (this.#current !== undefined) return yield* this.#nextOfPart(this.#current);
    const part = this.#parts[this.#index];
    if (part === undefined) {
      this.#done = true;
      return { done: false, value: this.#closing };
    }
    const content = contentOf(part.value);
    if (content instanceof Uint8Array) {
      this.#index++;
      return { done: false, value: concat([this.#opening, part.head, content, LINE_END]) };
    }
    this.#current = content;
    this.#left = part.length ?? Number.POSITIVE_INFINITY;
    return { done: false, value: concat([this.#opening, part.head]) };
  }

  *close(): Operation<void> {
    this.#done = true;
    const current = this.#current;
    this.#current = undefined;
    if (current !== undefined) yield* closeQuietly(current);
    for (const { value } of this.#parts) if (value instanceof OwnedStream) yield* closeQuietly(value);
  }

  *#nextOfPart(current: Source<Uint8Array>): Operation<IteratorResult<Uint8Array, void>> {
    const chunk = yield* current.next();
    if (!chunk.done) {
      this.#left -= chunk.value.length;
      if (this.#left < 0) {
        yield* closeQuietly(current);
        throw this.#wrongLength('more');
      }
      return chunk;
    }
    if (this.#left > 0 && this.#left !== Number.POSITIVE_INFINITY) throw this.#wrongLength('fewer');
    this.#current = undefined;
    this.#index++;
    yield* closeQuietly(current);
    return { done: false, value: LINE_END };
  }

  // The length of the whole was announced: a part of another length would shift what follows.
  #wrongLength(what: string): ClientPayloadError {
    return new ClientPayloadError(
      `Part ${this.#index + 1} of the multipart form has ${what} bytes than its length says (${this.#parts[this.#index]?.length}): check whether the file changes while it is sent.`,
      { code: 'PART_LENGTH', phase: 'send' },
    );
  }
}

function partOf(name: string, value: PartValue, options: PartOptions): Part {
  if (typeof name !== 'string') {
    throw invalidKind('The name of a multipart part', name, 'give text');
  }
  if (isFilePart(value)) {
    return partOf(name, value.open, { filename: value.filename, length: value.length, ...options });
  }
  const isBlob = value instanceof Blob;
  if (
    typeof value !== 'string' &&
    !(value instanceof Uint8Array) &&
    typeof value !== 'function' &&
    !isBlob &&
    !isStream(value)
  ) {
    throw invalidKind(`The multipart part ${show(name)}`, value, 'give text, bytes, a Blob, a stream or a function');
  }
  const content = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  const filename =
    checkText('Multipart.append.filename', own(options, 'filename')) ??
    (value instanceof File ? value.name : isBlob ? 'blob' : undefined);
  const type =
    checkText('Multipart.append.type', own(options, 'type')) ??
    (isBlob && value.type !== '' ? value.type : filename === undefined ? undefined : OCTETS);
  return {
    head: new TextEncoder().encode(headOf(name, filename, type, own(options, 'headers'))),
    length: lengthOf(name, content, own(options, 'length')),
    replayable: isBlob || !isStream(content),
    value: content,
  };
}

function isFilePart(value: PartValue): value is FilePart {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'open');
}

function lengthOf(name: string, value: PartContent, given: number | undefined): number | undefined {
  const actual = value instanceof Uint8Array ? value.length : value instanceof Blob ? value.size : undefined;
  if (given === undefined) return actual;
  if (!Number.isSafeInteger(given) || given < 0 || (actual !== undefined && actual !== given)) {
    const advice = 'give its exact number of bytes, or leave it out';
    throw invalid(`The length of the multipart part ${show(name)}`, given, advice);
  }
  return given;
}

function headOf(
  name: string,
  filename: string | undefined,
  type: string | undefined,
  headers: HeadersInit | undefined,
): string {
  let head = `Content-Disposition: form-data; name="${escaped(name, 'name')}"`;
  if (filename !== undefined) head += `; filename="${escaped(filename, 'file name')}"`;
  let lines = RequestHeaders.from(headers);
  if (lines.has('content-disposition')) {
    throw new InvalidOptionError(
      'The header Content-Disposition of a multipart part is made from its name and filename: leave it out of its headers.',
    );
  }
  if (type !== undefined && !lines.has('content-type')) lines = lines.append('Content-Type', type);
  for (const [header, value] of lines) head += `\r\n${header}: ${value}`;
  return `${head}\r\n\r\n`;
}

function escaped(text: string, what: string): string {
  if (typeof text !== 'string') throw invalidKind(`The ${what} of a multipart part`, text, 'give text');
  const safe = text.replace(/["\r\n]/g, (character) => ESCAPES[character] as string);
  const control = /\p{Cc}/u.exec(safe);
  if (control !== null) {
    throw new InvalidOptionError(
      `The ${what} ${show(text)} of a multipart part has the control character ${codePoint(control[0])}: remove it.`,
    );
  }
  return safe;
}

function withCrlf(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '%22', '\r': '%0D', '\n': '%0A' };
const OCTETS = 'application/octet-stream';
const LINE_END = new Uint8Array([13, 10]);

function contentOf(value: PartContent): Uint8Array | Source<Uint8Array> {
  const content = typeof value === 'function' ? value() : value;
  if (content instanceof OwnedStream) return content;
  if (content instanceof Blob) return takeStream(content.stream()).open();
  return isStream(content) ? takeStream(content).open() : bytesOf(content);
}

function written(parts: readonly Part[], opening: Uint8Array, closing: Uint8Array, length: number): Uint8Array {
  const chunks = parts.flatMap((part) => [opening, part.head, bytesOf(part.value), LINE_END]);
  return concat([...chunks, closing], length);
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
