/* The middleware that repeats failed requests, and the rules for when and how late it does. */
import { type Operation, random, sleep } from '@coloop/core';
import { defaultScheduler } from '@coloop/core/lowlevel';
import {
  AddressNotAllowedError,
  ClientConnectionError,
  ClientResponseError,
  ClientSslError,
  ProxyResponseError,
  ServerTimeoutError,
} from '../errors.ts';
import { isOwnError } from '../request/own-errors.ts';
import type { Next, Request, RetryPolicy } from '../request/request.ts';
import type { Response } from '../response/response.ts';
import { valuesOf } from '../response/single-values.ts';
import { parseRetryAfter } from './retry-after.ts';

/**
 * Calls again where `retry` asks for it: after a failed connection and after the statuses it names, for methods it
 * names.
 *
 * The waits grow by `factor` and have full jitter; a Retry-After decides instead if there is one, up to `maxDelay`. One budget
 * (`attempts`) holds for the call with all its redirects, and no wait begins that the total limit would cut off: the
 * last response or error comes at once then.
 *
 * Cancellation: also during a wait; a response that is not handed on is released.
 *
 * Source: RFC 9110, sections 9.2.2 and 10.2.3; full jitter after Brooker, "Exponential Backoff And Jitter" (2015).
 */
export function retries(request: Request, next: Next): Operation<Response> {
  const policy = request.options.retry;
  return policy === null ? next(request) : retry(request, next, policy);
}

function* retry(request: Request, next: Next, policy: RetryPolicy): Operation<Response> {
  for (let calls = 1; ; calls++) {
    let outcome: Response | RetryableError;
    try {
      outcome = yield* next(request);
    } catch (error) {
      if (!retryable(error) || isOwnError(request.call, error)) throw error;
      outcome = error;
    }
    const wait = waitAfter(request, policy, calls, outcome);
    if (wait === undefined) {
      if (outcome instanceof Error) throw outcome;
      return outcome;
    }
    request.call.enter('retry');
    if (!(outcome instanceof Error)) yield* outcome.release();
    yield* sleep(wait);
    // The next call walks its redirects anew.
    request.call.history.length = 0;
  }
}

/** An error that may pass. */
type RetryableError = ClientConnectionError | ServerTimeoutError | ProxyResponseError;

function waitAfter(request: Request, policy: RetryPolicy, calls: number, outcome: unknown): number | undefined {
  const { call, method, body } = request;
  const wait = retryWait(policy, { method, bodySpent: body?.spent ?? false, calls, outcome });
  return wait === undefined || wait >= call.remaining() ? undefined : wait;
}

/** What decides about another call. */
export interface RetryCase {
  readonly method: string;
  /** Whether the body is a stream that was sent. */
  readonly bodySpent: boolean;
  /** How many calls were made. */
  readonly calls: number;
  readonly outcome: unknown;
}

/**
 * Decides how long to wait before the next call, in milliseconds; undefined if there is none.
 *
 * @param draw - a number from 0 up to 1, and the time; by default the scheduler's
 */
export function retryWait(
  policy: RetryPolicy,
  { method, bodySpent, calls, outcome }: RetryCase,
  draw: { random(): number; wallNow(): number } = { random, wallNow: () => defaultScheduler().wallNow() },
): number | undefined {
  if (calls >= policy.attempts || bodySpent || !policy.methods.has(method.toUpperCase())) return undefined;
  const response = responseOf(outcome);
  if (response !== undefined) {
    if (!policy.statuses.has(response.status)) return undefined;
    const [first = null] = valuesOf(response, 'retry-after');
    const asked = parseRetryAfter(first, draw.wallNow());
    if (asked !== undefined) return Math.min(asked, policy.maxDelay);
  }
  const ceiling = Math.min(policy.maxDelay, policy.delay * policy.factor ** (calls - 1));
  return policy.jitter ? draw.random() * ceiling : ceiling;
}

function responseOf(outcome: unknown): { readonly status: number; readonly headers: Headers } | undefined {
  if (outcome instanceof ClientResponseError) return outcome;
  return outcome instanceof Error ? undefined : (outcome as { readonly status: number; readonly headers: Headers });
}

/**
 * Errors after which another call may fare better: no connection, or one that broke; never a certificate or an address that
 * is not allowed, never the total limit.
 */
function retryable(error: unknown): error is RetryableError {
  if (error instanceof ServerTimeoutError) return error.limit !== 'total';
  if (error instanceof ProxyResponseError) return error.status !== 407;
  if (error instanceof AddressNotAllowedError) return false;
  return error instanceof ClientConnectionError && !isOfTls(error);
}

// A proxy's TLS is the cause of an error of the proxy.
function isOfTls(error: ClientConnectionError): boolean {
  return error instanceof ClientSslError || error.cause instanceof ClientSslError;
}
