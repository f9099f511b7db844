/*
 * The response to a handshake, for the credentials that it may ask for: a response like any other, whose body is as much of a
 * refusal as an error shows.
 */
import type { Operation } from '@coloop/core';
import type { ErrorDetails } from '../errors.ts';
import type { Request } from '../request/request.ts';
import { HttpResponse } from '../response/response.ts';
import type { BodyStream } from '../response/stream.ts';
import type { SchedulerView } from '../waits.ts';
import type { Handshake } from './handshake.ts';

/** Makes the response of a handshake; its release ends a connection that became a WebSocket. */
export function handshakeResponse(
  handshake: Handshake,
  request: Request,
  scheduler: SchedulerView,
  details: () => ErrorDetails,
): HttpResponse {
  const { call, method, url, options } = request;
  return new HttpResponse(handshake.head, new RefusalBody(handshake), {
    method,
    url: url.href,
    limits: options.limits,
    decoder: null,
    history: call.history,
    bodyless: false,
    timing: () => call.timeline.at(scheduler.now()),
    errorDetails: details,
    run: (operation) => scheduler.run(operation),
  });
}

/** Bytes that are all here. */
class RefusalBody implements BodyStream {
  readonly length = undefined;
  readonly trailers = undefined;
  readonly #handshake: Handshake;
  #rest: readonly Uint8Array[];
  #closed = false;

  constructor(handshake: Handshake) {
    this.#handshake = handshake;
    this.#rest = handshake.body.length === 0 ? [] : [handshake.body];
  }

  get closed(): boolean {
    return this.#closed;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    const [chunk] = this.restNowait();
    return chunk === undefined ? { done: true, value: undefined } : { done: false, value: chunk };
  }

  restNowait(): readonly Uint8Array[] {
    const rest = this.#rest;
    this.#rest = [];
    return rest;
  }

  *close(): Operation<void> {
    this.closeNowait();
  }

  closeNowait(): void {
    this.#closed = true;
    this.#handshake.codec?.terminate();
  }
}
