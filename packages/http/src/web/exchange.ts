import type { Operation } from '@coloop/core';
import { bodyBusy } from '../bytes/body-errors.ts';
import type { CallStream, OpenCall } from '../call/call.ts';
import { ClientPayloadError, ContentLengthError, InvalidOptionError, LimitExceededError } from '../errors.ts';
import type { Request } from '../request/request.ts';
import { PieceWait } from '../response/chunk-wait.ts';
import type { BodyStream } from '../response/stream.ts';
import { CallbackWait, type Settle, Timer } from '../waits.ts';
import { nameOf, type WebKind } from './platform.ts';
import { brokenBody, unanswered } from './translate.ts';

/** The platform's fetch. */
export type WebFetch = (request: globalThis.Request) => Promise<globalThis.Response>;

/*
 * | state   | meaning                                          | leaves to       |
 * | sending | the head is awaited                              | body, ended, failed |
 * | body    | the head came; pieces come as they are asked for | ended, failed   |
 * | ended   | the body is complete                             | -               |
 * | failed  | broken, aborted, timed out or let go             | -               |
 */
type State = 'sending' | 'body' | 'ended' | 'failed';

/** One request to the platform's fetch and its answer, with one AbortController for both. */
export class WebExchange implements CallStream, BodyStream {
  readonly controller: AbortController = new AbortController();
  readonly kind: WebKind;
  length: number | undefined;
  readonly #request: Request;
  readonly #call: OpenCall;
  #state: State = 'sending';
  #error: unknown;
  #settle: Settle<globalThis.Response> | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #reading = false;
  #queue: Uint8Array[] = [];
  #received = 0;
  #wait: PieceWait | undefined;
  #timer: Timer | undefined;
  /** True once somebody let go of it before all of it was read. */
  #givenUp = false;

  constructor(request: Request, call: OpenCall, kind: WebKind) {
    this.#request = request;
    this.#call = call;
    this.kind = kind;
  }

  /** Sends and waits for the head. Cancellation: aborts. */
  head(web: globalThis.Request, fetch: WebFetch): Operation<globalThis.Response> {
    return new CallbackWait<globalThis.Response>('the head of the response', (settle) => {
      this.#settle = settle;
      const { headers } = this.#request.options.timeouts;
      this.#timerOf(() => this.abort(this.#call.timeoutError('headers', headers))).set(headers);
      fetch(web).then(
        (response) => this.#answered(response),
        (error: unknown) => this.#fail(unanswered(error, this.#call)),
      );
      return () => this.abort(undefined);
    });
  }

  get closed(): boolean {
    return this.#state === 'ended' || this.#state === 'failed';
  }

  get trailers(): never {
    throw new InvalidOptionError(`Trailers cannot be read in ${nameOf(this.kind)}: run this program on Node.`, {
      code: 'NOT_AVAILABLE',
    });
  }

  next(): Operation<IteratorResult<Uint8Array, void>> {
    return new PieceWait(this);
  }

  restNowait(): readonly Uint8Array[] | undefined {
    if (this.#state !== 'ended' || this.#givenUp) return undefined;
    const rest = this.#queue;
    this.#queue = [];
    return rest;
  }

  *close(): Operation<void> {
    this.closeNowait();
  }

  closeNowait(): void {
    if (this.#queue.length > 0) this.#givenUp = true;
    this.#queue = [];
    if (this.#state === 'body' || this.#state === 'sending') this.abort(undefined);
  }

  /** Ends the exchange where it stands; whoever waits or comes later gets `error`. */
  abort(error: unknown): void {
    if (this.closed) return;
    this.#queue = [];
    this.#fail(error ?? this.#releasedError());
    this.controller.abort();
  }

  /** @internal The next piece or the end; undefined: wait. */
  pieceNowait(): IteratorResult<Uint8Array, void> | undefined {
    if (this.#wait !== undefined) throw bodyBusy();
    const piece = this.#queue.shift();
    if (piece !== undefined) return { done: false, value: piece };
    if (this.#state === 'failed') throw this.#error;
    if (this.#givenUp) throw this.#releasedError();
    return this.#state === 'ended' ? { done: true, value: undefined } : undefined;
  }

  /** @internal */
  awaitPiece(wait: PieceWait | undefined): void {
    this.#wait = wait;
    if (wait === undefined) {
      this.#timer?.stop();
      return;
    }
    const { idle } = this.#request.options.timeouts;
    this.#timerOf(() => this.abort(this.#call.timeoutError('idle', idle))).set(idle);
    this.#read();
  }

  #answered(response: globalThis.Response): void {
    if (this.#state !== 'sending') {
      response.body?.cancel().catch(ignore);
      return;
    }
    this.#timer?.stop();
    this.#call.enter('body');
    this.length = this.#lengthOf(response);
    this.#reader = response.body?.getReader();
    this.#state = 'body';
    if (this.#reader === undefined) this.#end();
    this.#settle?.wake(response);
  }

  // The length on the wire is that of what arrives here only where no coding was taken off, and across origins a browser
  // does not say whether one was.
  #lengthOf(response: globalThis.Response): number | undefined {
    const length = response.headers.get('content-length');
    if (length === null || this.kind === 'browser' || response.headers.has('content-encoding')) return undefined;
    return this.#request.method === 'HEAD' ? 0 : Number(length);
  }

  #read(): void {
    if (this.#reading || this.#reader === undefined) return;
    this.#reading = true;
    this.#reader.read().then(
      (piece) => this.#came(piece),
      (error: unknown) => this.#fail(brokenBody(error, this.#received, this.#call)),
    );
  }

  #came(piece: ReadableStreamReadResult<Uint8Array>): void {
    this.#reading = false;
    if (this.#state !== 'body') return;
    if (piece.done) {
      this.#finish();
      return;
    }
    const { value } = piece;
    this.#received += value.length;
    const { onProgress, limits } = this.#request.options;
    if (this.#received > limits.decompressed) {
      this.abort(
        new LimitExceededError(
          `the body is larger than ${limits.decompressed} bytes after decompression (limits.decompressed)`,
          this.#call.details(),
        ),
      );
      return;
    }
    onProgress?.({ direction: 'download', bytes: this.#received, total: this.length });
    // It may have ended the request or let go of the response.
    if (this.closed) return;
    if (value.length > 0) this.#deliver(value);
    else if (this.#wait !== undefined) this.#read();
  }

  #deliver(value: Uint8Array): void {
    const wait = this.#wait;
    this.#wait = undefined;
    this.#timer?.stop();
    if (wait === undefined) this.#queue.push(value);
    else wait.wake({ done: false, value });
  }

  #finish(): void {
    if (this.length !== undefined && this.length !== this.#received) {
      this.#fail(
        new ContentLengthError(
          `The body of ${this.#request.url.href} has ${this.#received} bytes, while its Content-Length announced ${this.length}.`,
          this.#call.details(),
        ),
      );
      return;
    }
    this.#end();
  }

  #end(): void {
    this.#state = 'ended';
    this.#timer?.stop();
    const wait = this.#wait;
    this.#wait = undefined;
    wait?.wake({ done: true, value: undefined });
    this.#call.streamEnded(this);
  }

  #fail(error: unknown): void {
    if (this.closed) return;
    this.#state = 'failed';
    this.#error = error;
    this.#timer?.stop();
    this.#settle?.fail(error);
    const wait = this.#wait;
    this.#wait = undefined;
    wait?.fail(error);
    this.#call.streamEnded(this);
  }

  #releasedError(): ClientPayloadError {
    return new ClientPayloadError('The response was released before its body was read to the end.', {
      ...this.#call.details(),
      code: 'RELEASED',
    });
  }

  #timerOf(ring: () => void): Timer {
    this.#timer?.stop();
    this.#timer = new Timer(this.#call.scheduler, ring);
    return this.#timer;
  }
}

function ignore(): void {}
