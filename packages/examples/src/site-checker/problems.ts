/** What the client's answers and errors mean for a link. */
import {
  ClientError,
  ClientPayloadError,
  DecompressionError,
  InvalidUrlError,
  LimitExceededError,
  RedirectError,
  type Response,
  ServerTimeoutError,
  type Timing,
  TooManyRedirectsError,
} from '@coloop/http';
import { firstLine } from './failures.ts';
import type { Phases, Problem, Visit } from './report/findings.ts';

/** The phases of the client, gathered into the three that the report draws. */
export function phasesOf(timing: Timing): Phases {
  return {
    setup: timing.prepare + timing.queue + timing.dns + timing.connect + timing.proxy + timing.tls,
    wait: timing.send + timing.headers + timing.redirect + timing.retry + timing.auth,
    body: timing.body,
  };
}

export function problemOfStatus({ ok, status, reason }: Response): Problem | undefined {
  return ok ? undefined : { why: 'status', text: `answered ${status} ${reason}`.trim() };
}

/** What is known of a request that failed. Throws the error itself when it is not one of the client's: then it is a bug. */
export function problemOfError(error: unknown): Omit<Visit, 'url' | 'startedAt' | 'endedAt'> {
  if (!(error instanceof ClientError)) throw error;
  return {
    kind: 'other',
    title: undefined,
    status: undefined,
    redirects: 0,
    bytes: 0,
    phases: error.timing && phasesOf(error.timing),
    problem: problemOf(error),
  };
}

function problemOf(error: ClientError): Problem {
  if (error instanceof ServerTimeoutError) return { why: 'timeout', text: timeoutText(error) };
  if (error instanceof TooManyRedirectsError) return { why: 'redirects', text: 'redirects without end' };
  if (error instanceof RedirectError) return { why: 'redirects', text: firstLine(error.message) };
  if (error instanceof DecompressionError || error instanceof LimitExceededError) {
    return { why: 'unreadable', text: firstLine(error.message) };
  }
  if (error instanceof ClientPayloadError) return { why: 'truncated', text: 'the page did not come whole' };
  if (error instanceof InvalidUrlError) return { why: 'url', text: 'is no address' };
  return { why: 'connection', text: firstLine(error.message) };
}

function timeoutText({ phase, timing }: ClientError): string {
  const waited = timing === undefined ? '' : ` within ${(timing.total / 1000).toFixed(1)} s`;
  return phase === 'body' ? `the page did not end${waited}` : `no answer${waited}`;
}
