import type { Operation } from '@coloop/core';
import type { GivesBack } from '@coloop/core/lowlevel';
import type { ErrorDetails, HistoryEntry } from '../errors.ts';
import type { Request } from '../request/request.ts';
import type { Decoder, ResponseContext } from '../response/stream.ts';
import type { Timing } from '../timing.ts';
import type { OpenCall } from './call.ts';

/** What a response has to know of its request: the request itself, and the call that it belongs to. */
export class CallContext implements ResponseContext {
  readonly decoder: Decoder | null;
  readonly bodyless: boolean;
  readonly #request: Request;
  readonly #call: OpenCall;
  readonly #url: string | undefined;

  /**
   * @param decoder - decodes content codings; null if the body is left as it is
   * @param bodyless - whether the response can have no body
   * @param url - where the response comes from, if that is not the URL of the request
   */
  constructor(request: Request, call: OpenCall, decoder: Decoder | null, bodyless: boolean, url?: string) {
    this.#request = request;
    this.#call = call;
    this.decoder = decoder;
    this.bodyless = bodyless;
    this.#url = url;
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    return this.#url ?? this.#request.url.href;
  }

  get limits(): ResponseContext['limits'] {
    return this.#request.options.limits;
  }

  get history(): readonly HistoryEntry[] {
    return this.#call.history;
  }

  get held(): GivesBack {
    return this.#call;
  }

  timing(): Timing {
    return this.#call.timing();
  }

  errorDetails(): ErrorDetails {
    return this.#call.details();
  }

  run<T>(operation: () => Operation<T>): Promise<T> {
    return this.#call.scheduler.run(operation);
  }
}
