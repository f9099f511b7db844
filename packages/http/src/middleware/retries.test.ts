import { now, type Operation } from '@coloop/core';
import { runTest } from '@coloop/core/testing';
import { describe, expect, test } from 'vitest';
import {
  ClientConnectorError,
  ClientError,
  ClientSslError,
  ProxyResponseError,
  ServerDisconnectedError,
  ServerTimeoutError,
} from '../errors.ts';
import { FakeNext, type FakeRequest, FakeResponse, fakeRequest } from '../fixtures/requests.ts';
import { takeStream } from '../request/body/owned-stream.ts';
import { StreamedBody } from '../request/body/streamed.ts';
import type { RetryPolicy } from '../request/request.ts';
import type { Response } from '../response/response.ts';
import { retries, retryWait } from './retries.ts';

const policy: RetryPolicy = {
  attempts: 4,
  delay: 100,
  factor: 2,
  maxDelay: 30_000,
  jitter: false,
  statuses: new Set([429, 503]),
  methods: new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']),
};
const refused = new ClientConnectorError('refused');
const busy = (headers: Record<string, string> = {}): FakeResponse => new FakeResponse(503, headers);

/** Runs a request on virtual time and tells what came of it and when. */
function outcome(fake: FakeNext, request: FakeRequest = {}): Promise<{ status: number | string; at: number }> {
  return runTest(() => timed(fake, { options: { retry: policy }, ...request }));
}

function* timed(fake: FakeNext, request: FakeRequest): Operation<{ status: number | string; at: number }> {
  let status: number | string;
  try {
    const response: Response = yield* retries(fakeRequest('https://example.com/', request), fake.next);
    status = response.status;
  } catch (error) {
    status = error instanceof Error ? error.name : 'unknown';
  }
  return { status, at: now() };
}

describe('retries', () => {
  test('calls again with growing waits, and releases the responses in between', async () => {
    const answers = [busy(), new FakeResponse(429), new FakeResponse(200)];
    expect(await outcome(new FakeNext(...answers))).toEqual({ status: 200, at: 300 });
    expect(answers.map(({ releases }) => releases)).toEqual([1, 1, 0]);
  });

  test('gives the last answer, or the last error, when the calls are used up', async () => {
    expect(await outcome(new FakeNext(busy(), busy(), busy(), busy()))).toEqual({ status: 503, at: 700 });
    expect(await outcome(new FakeNext(refused, busy(), refused, refused))).toEqual({
      status: 'ClientConnectorError',
      at: 700,
    });
  });

  test('is off unless asked for', async () => {
    expect(await outcome(new FakeNext(busy()), { options: {} })).toEqual({ status: 503, at: 0 });
  });

  test('waits as long as Retry-After says, 0 meaning at once', async () => {
    expect(await outcome(new FakeNext(busy({ 'retry-after': '7' }), new FakeResponse(200)))).toEqual({
      status: 200,
      at: 7000,
    });
    expect(await outcome(new FakeNext(busy({ 'retry-after': '0' }), new FakeResponse(200)))).toEqual({
      status: 200,
      at: 0,
    });
    expect(await outcome(new FakeNext(busy({ 'retry-after': 'soon' }), new FakeResponse(200)))).toEqual({
      status: 200,
      at: 100,
    });
  });

  test('waits no longer than maxDelay, whatever Retry-After says', async () => {
    const options = { retry: { ...policy, maxDelay: 500 } };
    for (const value of ['3600', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT']) {
      const next = new FakeNext(busy({ 'retry-after': value }), new FakeResponse(200));
      expect(await outcome(next, { options })).toEqual({ status: 200, at: 500 });
    }
  });

  test('gives the answer at once when the wait would outlast the total limit', async () => {
    const answer = busy({ 'retry-after': '20' });
    expect(await outcome(new FakeNext(answer), { remaining: 19_000 })).toEqual({ status: 503, at: 0 });
    expect(answer.releases).toBe(0);
    expect(await outcome(new FakeNext(refused), { remaining: 50 })).toEqual({ status: 'ClientConnectorError', at: 0 });
  });

  test('repeats only methods that it may repeat, and no stream that was sent', async () => {
    expect(await outcome(new FakeNext(busy()), { method: 'POST' })).toEqual({ status: 503, at: 0 });
    async function* stream(): AsyncGenerator<string> {
      yield 'x';
    }
    expect(
      await outcome(new FakeNext(busy()), { method: 'PUT', body: new StreamedBody(takeStream(stream())) }),
    ).toEqual({
      status: 503,
      at: 0,
    });
  });

  test('repeats after errors that may pass, and after no others', async () => {
    const proxy = (status: number): Error => new ProxyResponseError('proxy', { status, headers: new Headers() });
    const details = { limit: 'connect' as const };
    for (const error of [
      refused,
      new ServerDisconnectedError('gone'),
      new ServerTimeoutError('slow', details),
      proxy(503),
    ]) {
      expect(await outcome(new FakeNext(error, new FakeResponse(200)))).toEqual({ status: 200, at: 100 });
    }
    for (const error of [
      new ClientSslError('certificate'),
      new ServerTimeoutError('late', { limit: 'total' }),
      proxy(407),
      proxy(403),
      new ClientError('wrong'),
      new Error('foreign'),
    ]) {
      expect(await outcome(new FakeNext(error))).toEqual({ status: error.name, at: 0 });
    }
  });

  test('starts the history of redirects anew with every call', async () => {
    const request = fakeRequest('https://example.com/', { options: { retry: policy } });
    const fake = new FakeNext(busy(), new FakeResponse(200));
    request.call.history.push({
      status: 302,
      url: 'x',
      headers: new Headers(),
      timing: request.call.timeline.at(0),
    });
    await runTest(() => retries(request, fake.next));
    expect(request.call.history).toEqual([]);
  });
});

describe('retryWait', () => {
  const wait = (calls: number, changes: Partial<RetryPolicy>, random = 0.5): number | undefined =>
    retryWait(
      { ...policy, attempts: 100, ...changes },
      { method: 'GET', bodySpent: false, calls, outcome: refused },
      { random: () => random, wallNow: () => 0 },
    );

  test('draws from the whole range below the ceiling under jitter', () => {
    expect([1, 2, 3].map((calls) => wait(calls, { jitter: true }))).toEqual([50, 100, 200]);
    expect(wait(3, { jitter: true }, 0)).toBe(0);
  });

  test('never waits longer than maxDelay, however many calls were made', () => {
    expect(wait(20, { maxDelay: 1000 })).toBe(1000);
    expect(wait(99, { factor: 1e9 })).toBe(30_000);
  });
});
