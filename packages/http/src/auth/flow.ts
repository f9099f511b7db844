/* Authentication schemes as generators without I/O, and the middleware that runs one around a single hop. */
import type { Operation } from '@coloop/core';
import { ClientPayloadError } from '../errors.ts';
import type { Next, Request, RequestBody } from '../request/request.ts';
import type { Response } from '../response/response.ts';

/** What an authentication scheme sees of the request that it signs. */
export interface AuthRequest {
  readonly method: string;
  readonly url: URL;
  /**
   * The bytes of the body if they are known before it is sent, empty if there is none; undefined for a stream.
   */
  readonly body: Uint8Array | undefined;
}

/** What an authentication scheme sees of the response. */
export interface AuthReply {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/**
 * One authentication of one request, without I/O: yields the value of the Authorization header for the next attempt
 * (undefined: none) and receives the response to it. When the generator ends, the last response is the result.
 *
 * The framework of challenges and credentials is RFC 9110, section 11.
 */
export type AuthFlow = Generator<string | undefined, void, AuthReply>;

/**
 * Carries out a flow: sends what it asks for until it is content.
 *
 * Cancellation: a response that is not handed on is released.
 *
 * @throws ClientPayloadError if the request has to be repeated and its body cannot be
 */
export function* applyFlow(flow: AuthFlow, request: Request, next: Next): Operation<Response> {
  let step = flow.next();
  for (;;) {
    const credentials = step.done ? undefined : step.value;
    const response = yield* next(
      credentials === undefined
        ? request
        : request.with({ headers: request.headers.set('Authorization', credentials) }),
    );
    if (step.done) return response;
    let handedOn = false;
    try {
      step = flow.next(response);
      if (step.done) {
        handedOn = true;
        return response;
      }
      checkRepeatable(request);
    } finally {
      if (!handedOn) response[Symbol.dispose]();
    }
    request.call.enter('auth');
  }
}

/** The view of a request that a flow may have; the body is opened only if the flow asks for its bytes. */
export function authRequest(request: Request): AuthRequest {
  return {
    method: request.method,
    url: request.url,
    get body() {
      return bytesOf(request.body);
    },
  };
}

function bytesOf(body: RequestBody | null): Uint8Array | undefined {
  if (body === null) return NO_BYTES;
  if (!body.replayable || body.length === undefined) return undefined;
  const content = body.open();
  return content instanceof Uint8Array ? content : undefined;
}

const NO_BYTES = new Uint8Array(0);

function checkRepeatable(request: Request): void {
  if (request.body === null || request.body.replayable) return;
  throw new ClientPayloadError(
    `${request.method} ${request.url.href} was refused with a challenge after its body was sent, and a stream cannot be sent twice: give the body as a function that makes it, or as bytes.`,
    { code: 'BODY_SPENT', phase: 'auth', request: request.call.summary(request) },
  );
}
