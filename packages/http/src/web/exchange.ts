/*
 * One request to the platform's fetch and its response: both are promises of the platform, with one AbortController.
 */
import type { Operation } from '@coloop/core';
import type { OpenCall } from '../call/call.ts';
import { ContentLengthError, InvalidOptionError, LimitExceededError } from '../errors.ts';
import { noteOwnError } from '../request/own-errors.ts';
import type { Request } from '../request/request.ts';
import { IncomingBody } from '../response/incoming-body.ts';
import { CallbackWait, ignore, type Settle } from '../waits.ts';
import { nameOf, type WebKind } from './platform.ts';
import { brokenBody, unanswered } from './translate.ts';

/** The platform's fetch. */
export type WebFetch = (request: globalThis.Request) => Promise<globalThis.Response>;

/** One request to the platform's fetch and its response. */
export class WebExchange extends IncomingBody<OpenCall> {
  readonly controller: AbortController = new AbortController();
  readonly kind: WebKind;
  readonly #request: Request;
  #settle: Settle<globalThis.Response> | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #reading = false;

  constructor(request: Request, call: OpenCall, kind: WebKind) {
    super(call, request.options.timeouts);
    this.#request = request;
    this.kind = kind;
  }

  /** Sends and waits for the head. Cancellation: aborts. */
  send(web: globalThis.Request, fetch: WebFetch): Operation<globalThis.Response> {
    return new CallbackWait<globalThis.Response>('the head of the response', (settle) => {
      this.#settle = settle;
      this.startLimit('headers', this.#request.options.timeouts.headers);
      fetch(web).then(
        (response) => this.#headCame(response),
        (error: unknown) => this.fail(unanswered(error, this.call)),
      );
      return () => this.abort(undefined);
    });
  }

  get trailers(): never {
    throw new InvalidOptionError(`Trailers cannot be read in ${nameOf(this.kind)}: run this program on Node.`, {
      code: 'NOT_AVAILABLE',
    });
  }

  override closeNowait(): void {
    if (this.state === 'sending') this.abort(undefined);
    else super.closeNowait();
  }

  override addSizes(total: { sent: number; received: number }): void {
    super.addSizes(total);
    // The platform does not tell how much of it was sent.
    total.sent += this.#request.body?.length ?? 0;
  }

  /** Ends the request with an error of what the caller handed in, as it is. */
  failOwn(error: unknown): void {
    noteOwnError(this.call, error);
    this.breakOff(error);
  }

  protected pull(): void {
    if (this.#reading || this.#reader === undefined) return;
    this.#reading = true;
    this.#reader.read().then(
      (result) => this.#came(result),
      (error: unknown) => this.fail(brokenBody(error, this.received, this.call)),
    );
  }

  // The platform does not say how much is left.
  protected drain(): void {
    this.abort(undefined);
  }

  protected failed(error: unknown): void {
    this.#settle?.fail(error);
  }

  protected cutOff(): void {
    this.controller.abort();
  }

  #headCame(response: globalThis.Response): void {
    if (this.state !== 'sending') {
      response.body?.cancel().catch(ignore);
      return;
    }
    this.timer?.stop();
    this.call.enter('body');
    this.length = this.#lengthOf(response);
    this.#reader = response.body?.getReader();
    this.state = 'body';
    if (this.#reader === undefined) this.#complete();
    this.#settle?.wake(response);
  }

  // The length on the wire is that of what arrives here only where no coding was decoded, and across origins a browser
  // does not say whether one was.
  #lengthOf(response: globalThis.Response): number | undefined {
    const length = response.headers.get('content-length');
    if (length === null || this.kind === 'browser' || response.headers.has('content-encoding')) return undefined;
    return this.#request.method === 'HEAD' ? 0 : Number(length);
  }

  #came(result: ReadableStreamReadResult<Uint8Array>): void {
    this.#reading = false;
    if (this.state !== 'body') return;
    if (result.done) this.#checkLength();
    else this.#take(result.value);
  }

  #take(chunk: Uint8Array): void {
    this.received += chunk.length;
    const { onProgress, limits } = this.#request.options;
    if (this.received > limits.decompressed) {
      this.abort(
        new LimitExceededError(
          `The body is larger than ${limits.decompressed} bytes after decompression (limits.decompressed): raise the limit if the server means well.`,
          this.call.details(),
        ),
      );
      return;
    }
    try {
      onProgress?.({ direction: 'download', bytes: this.received, total: this.length });
    } catch (error) {
      this.failOwn(error);
    }
    // It may have ended the request or released the response.
    if (this.closed) return;
    if (chunk.length > 0) this.deliver(chunk);
    else if (this.awaited) this.pull();
  }

  #checkLength(): void {
    if (this.length === undefined || this.length === this.received) {
      this.#complete();
      return;
    }
    this.fail(
      new ContentLengthError(
        `The body of ${this.#request.url.href} has ${this.received} bytes, while its Content-Length announced ${this.length}: it was truncated on the way, so ask again.`,
        this.call.details(),
      ),
    );
  }

  #complete(): void {
    this.closedNow();
    this.end();
  }
}
