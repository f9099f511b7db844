import {
  ClientConnectorError,
  ContentLengthError,
  DecompressionError,
  ServerTimeoutError,
  TooManyRedirectsError,
} from '@coloop/http';
import { describe, expect, test } from 'vitest';
import { phasesOf, problemOfError } from './problems.ts';

const timing = {
  prepare: 1,
  queue: 2,
  dns: 3,
  connect: 4,
  proxy: 5,
  tls: 6,
  send: 7,
  headers: 8,
  body: 9,
  redirect: 10,
  retry: 11,
  auth: 12,
  total: 78,
};

test('the phases of the client become connection, wait and body', () => {
  expect(phasesOf(timing)).toEqual({ setup: 21, wait: 48, body: 9 });
});

describe('a request that failed', () => {
  test.each<[error: Error, why: string, text: RegExp]>([
    [new ServerTimeoutError('', { limit: 'total', phase: 'headers' }), 'timeout', /^no answer$/],
    [
      new ServerTimeoutError('', { limit: 'total', phase: 'body', timing }),
      'timeout',
      /^the page did not end within 0\.1 s$/,
    ],
    [new TooManyRedirectsError('', { status: 302, headers: new Headers() }), 'redirects', /without end/],
    [new ContentLengthError('10 of 20 bytes'), 'truncated', /did not come whole/],
    [new DecompressionError('bad gzip'), 'unreadable', /bad gzip/],
    [new ClientConnectorError('refused'), 'connection', /refused/],
  ])('%o is named for what it means to a reader', (error, why, text) => {
    expect(problemOfError(error).problem).toMatchObject({ why, text: expect.stringMatching(text) });
  });

  test('is not invented for a bug of the program', () => {
    const bug = new TypeError('x is not a function');
    expect(() => problemOfError(bug)).toThrow(bug);
  });
});
