/*
 * One request on a connection of HTTP/2 and its response: a stream.
 */
import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { OpenCall } from '../call/call.ts';
import type { Route } from '../connect/route.ts';
import { ContentLengthError, LimitExceededError, ServerDisconnectedError } from '../errors.ts';
import { type BodyOpener, type OutgoingBody, type RepeatReason, WireExchange } from '../exchange/wire-exchange.ts';
import { isOwnError } from '../request/own-errors.ts';
import type { Request } from '../request/request.ts';
import { IDEMPOTENT } from '../request/semantics.ts';
import { LineList } from '../response/header-lines.ts';
import { ignore, Timer } from '../waits.ts';
import { messageFields } from './message.ts';
import { type BrokenStream, codeOf, isRefusal, isUnbegun, translate } from './translate.ts';
import { BodyWriter, type WriterOwner } from './writer.ts';

/** What an exchange needs of its connection. */
export interface Http2Line {
  /** Whether it takes requests. */
  readonly takes: boolean;
  /** Whether it is over for its streams, too. */
  readonly lost: boolean;
  /** Why it broke, where it did. */
  readonly broken: Error | undefined;
  /** Whether the server has said that it takes no more requests. */
  readonly leaving: boolean;
  /** Whether the server has said that it does not look at a stream. */
  isAbove(stream: number): boolean;
  send(fields: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream;
  /** The exchange is over, in whatever way. */
  ended(exchange: Http2Exchange): void;
}

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;
/** The flag of a frame after which none comes. */
const END_STREAM = 0x1;
/** How long `100 Continue` is waited for: curl's and Go's second. */
const CONTINUE_TIME = 1_000;

/** One request and its response, as a stream of a connection that carries many. */
export class Http2Exchange extends WireExchange implements WriterOwner {
  readonly #connection: Http2Line;
  #stream: ClientHttp2Stream | undefined;
  #writer: BodyWriter | undefined;
  #expectation: Timer | undefined;
  #trailers: LineList | undefined;
  /** Bytes of interim responses. */
  #interim = 0;
  /** Whether the server has ended the stream by itself, and not by a reset. */
  #whole = false;
  /** Whether the server has not looked at the request. */
  #unprocessed = false;
  #error: unknown;

  constructor(connection: Http2Line, request: Request, call: OpenCall) {
    super(request, call);
    this.#connection = connection;
  }

  // ---- what the transport asks for ----

  start(route: Route, bodies: BodyOpener): void {
    const { request, call } = this;
    // Before a body is opened that could not be opened again.
    if (!this.#connection.takes) {
      this.#unprocessed = true;
      this.#broke();
      return;
    }
    const fields = messageFields(request, route);
    const body = bodies.bodyOf(this);
    call.enter('send');
    try {
      this.#stream = this.#connection.send(fields, body === null);
    } catch (error) {
      this.#error = error;
      this.#unprocessed = isUnbegun(error);
      this.#broke();
      return;
    }
    this.#listen(this.#stream);
    this.#write(this.#stream, body);
  }

  mayRepeat(error: unknown, reused: boolean): RepeatReason | undefined {
    const { request } = this;
    if (!(error instanceof ServerDisconnectedError) || isOwnError(request.call, error)) return undefined;
    if (this.head !== undefined || request.body?.spent === true) return undefined;
    if (this.#unprocessed) return 'unprocessed';
    const isStale = reused && this.#connection.lost && IDEMPOTENT.has(request.method);
    return isStale && request.body?.replayable !== false ? 'stale' : undefined;
  }

  // ---- what the task sees ----

  get trailers(): Headers | undefined {
    return this.state === 'ended' ? (this.#trailers ?? new LineList([])).toHeaders() : undefined;
  }

  // The memory that a chunk lies in is the platform's.
  recycle(): void {}

  // ---- what the connection says ----

  /** The stream is over, or its connection, and nothing more comes. */
  over(): void {
    this.#ended();
    this.#broke();
  }

  // ---- what the writer says ----

  written(bytes: number): void {
    this.bodySent(bytes);
  }

  ending(bytes: number): boolean {
    const announced = this.request.headers.get('content-length');
    if (announced === undefined || Number(announced) === bytes) return true;
    this.abort(
      new ContentLengthError(
        'The body of the request does not have the length that its Content-Length announces: leave the header out.',
        this.call.details(),
      ),
    );
    return false;
  }

  finished(): void {
    if (this.state === 'sending') this.requestSent();
  }

  // ---- what the stream says ----

  #listen(stream: ClientHttp2Stream): void {
    // A stream that is reset ends for its reader as one that is complete, but it is closed by then.
    const push = stream.push.bind(stream);
    stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (chunk === null && !stream.closed) this.#takeRest(stream);
      return push(chunk, encoding);
    };
    stream.on('headers', (_headers, _flags, ...raw) => this.#interimCame(raw));
    stream.on('continue', () => this.#sendBody());
    stream.on('response', (headers, flags, ...raw) => this.#responseCame(headers, flags, raw));
    stream.on('trailers', (_trailers, flags, ...raw) => this.#trailersCame(flags, raw));
    stream.on('error', (error) => {
      this.#error ??= error;
    });
    stream.on('close', () => this.over());
  }

  /**
   * Bytes are taken from here on: the platform tells of a head one tick later than of the bytes that came with it.
   */
  #takeBody(stream: ClientHttp2Stream): void {
    stream.on('data', (chunk: Buffer) => this.#dataCame(chunk));
    stream.on('end', () => this.#ended());
    if (this.#whole) this.#takeRest(stream);
  }

  /** All of the response is here, and would be lost if its connection ended before a task reads. */
  #takeRest(stream: ClientHttp2Stream): void {
    this.#whole = true;
    if (this.head === undefined) return;
    while (stream.readableLength > 0 && stream.read() !== null);
  }

  #write(stream: ClientHttp2Stream, body: OutgoingBody): void {
    if (body === null) {
      this.requestSent();
      return;
    }
    const writer = new BodyWriter(stream, body, this);
    this.#writer = writer;
    this.watchStall(() => writer.taken);
    if (!this.request.options.expect100) {
      writer.begin();
      return;
    }
    this.#expectation = new Timer(this.call.scheduler, () => this.#sendBody());
    this.#expectation.set(CONTINUE_TIME);
  }

  #sendBody(): void {
    this.#expectation?.stop();
    if (this.state === 'sending') this.#writer?.begin();
  }

  #interimCame(raw: readonly unknown[]): void {
    this.#interim += linesOf(raw).size;
    this.#checkSize(this.#interim);
  }

  #responseCame(headers: IncomingHttpHeaders & IncomingHttpStatusHeader, flags: number, raw: readonly unknown[]): void {
    if (this.state !== 'sending') return;
    this.#expectation?.stop();
    this.timer?.stop();
    if ((flags & END_STREAM) !== 0) this.#whole = true;
    const lines = linesOf(raw);
    if (!this.#checkSize(lines.size)) return;
    const status = headers[':status'] ?? 0;
    const length = lines.get('content-length');
    if (this.bodyless(status)) this.length = 0;
    else if (length !== null) this.length = Number(length);
    this.headCame({ status, reason: '', lines, version: 'HTTP/2' }, false);
    if (this.#stream !== undefined) this.#takeBody(this.#stream);
  }

  #trailersCame(flags: number, raw: readonly unknown[]): void {
    if ((flags & END_STREAM) !== 0) this.#whole = true;
    const lines = linesOf(raw);
    if (this.#checkSize(lines.size)) this.#trailers = lines;
  }

  #dataCame(chunk: Buffer): void {
    this.chunkCame(chunk);
    if (this.full && !this.#whole) this.#stream?.pause();
  }

  #ended(): void {
    if (this.state === 'failed' || this.closed) return;
    const isComplete = this.#whole && this.head !== undefined;
    // What broke is told by 'close', with its reason.
    if (!isComplete || (this.length !== undefined && this.length !== this.received && !this.#isBodyless)) return;
    this.upload?.stop();
    const stream = this.#stream;
    // The server has answered before the body was sent: it does not want the rest.
    if (stream?.writableFinished === false) stream.close(NGHTTP2_CANCEL);
    this.closedNow();
    this.#connection.ended(this);
    this.end();
  }

  /** Ends it with the reason, unless it has ended. */
  #broke(): void {
    if (this.closed) return;
    this.#unprocessed ||= this.#wasUnseen;
    this.fail(translate(this.#view, this.call));
    this.cutOff();
  }

  get #isBodyless(): boolean {
    return this.head !== undefined && this.bodyless(this.head.status);
  }

  get #wasUnseen(): boolean {
    const stream = this.#stream;
    if (this.head !== undefined) return false;
    if (stream === undefined || stream.id === undefined) return isUnbegun(this.#error) || this.#connection.lost;
    return isRefusal(stream.rstCode) || isUnbegun(this.#error) || this.#connection.isAbove(stream.id);
  }

  get #view(): BrokenStream {
    const { head, length, received, request } = this;
    const { broken, lost, leaving } = this.#connection;
    const reset = this.#stream?.rstCode ?? NGHTTP2_NO_ERROR;
    const unprocessed = this.#unprocessed;
    const spent = request.body?.spent === true;
    return {
      head,
      length,
      received,
      reset,
      broken: broken ?? ofConnection(this.#error),
      lost,
      leaving,
      unprocessed,
      spent,
    };
  }

  #checkSize(size: number): boolean {
    const { limits } = this.request.options;
    if (size <= limits.headers) return true;
    this.abort(
      new LimitExceededError(
        `The server sent ${size} bytes of headers, more than ${limits.headers}: raise limits.headers if it means well.`,
        this.call.details(),
      ),
    );
    return false;
  }

  // ---- what its body asks for ----

  protected pull(): void {
    this.#stream?.resume();
  }

  protected override failed(error: unknown): void {
    this.#expectation?.stop();
    super.failed(error);
  }

  protected cutOff(): void {
    const stream = this.#stream;
    if (stream !== undefined && !stream.closed) stream.on('error', ignore).close(NGHTTP2_CANCEL);
    this.#connection.ended(this);
  }
}

/** The error of a stream where it is that of its connection, which its connection is told later. */
function ofConnection(error: unknown): Error | undefined {
  return error instanceof Error && codeOf(error) !== 'ERR_HTTP2_STREAM_ERROR' ? error : undefined;
}

/** The lines as the platform gives them behind its own form, without the pseudo-fields. */
function linesOf([raw]: readonly unknown[]): LineList {
  const all = raw as readonly string[];
  let start = 0;
  while (all[start]?.startsWith(':') === true) start += 2;
  return new LineList(start === 0 ? all : all.slice(start));
}
