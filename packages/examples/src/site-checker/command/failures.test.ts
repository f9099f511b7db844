import { TaskGroupError } from '@coloop/core';
import {
  ClientConnectorError,
  ClientProxyConnectionError,
  ClientSslError,
  DnsError,
  ProxyResponseError,
  ServerTimeoutError,
  TooManyRedirectsError,
} from '@coloop/http';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../usage-error.ts';
import { sentenceOf } from './failures.ts';

const request = { method: 'GET', url: 'https://site.test/', proxy: 'http://proxy.test:3128/', attempts: 1 };
const answer = { request, headers: new Headers() };

describe('why a run could not be made', () => {
  test.each<[error: Error, sentence: RegExp]>([
    [new UsageError('Write it whole'), /^Write it whole$/],
    [
      new ProxyResponseError('', { ...answer, status: 407 }),
      /^The proxy proxy\.test:3128 refused the name and password/,
    ],
    [
      new ProxyResponseError('', { ...answer, status: 502 }),
      /proxy\.test:3128 did not connect to site\.test: it answered 502$/,
    ],
    [
      new ClientSslError('', { request, code: 'CERT_HAS_EXPIRED' }),
      /^The certificate of site\.test is not trusted \(CERT_HAS_/,
    ],
    [
      new DnsError('no such name', { request, code: 'ENOTFOUND' }),
      /^No address was found for site\.test \(ENOTFOUND\)/,
    ],
    [
      new ClientProxyConnectionError('', { request, code: 'ECONNREFUSED' }),
      /^The proxy proxy\.test:3128 cannot be reached/,
    ],
    [
      new ClientConnectorError('', { request, code: 'EHOSTUNREACH' }),
      /^site\.test cannot be reached \(EHOSTUNREACH\)$/,
    ],
    [new ServerTimeoutError('', { request, limit: 'total' }), /^site\.test did not answer in time: --timeout gives/],
    [
      new TooManyRedirectsError('in a circle.\nmore', { ...answer, status: 302 }),
      /^site\.test cannot be checked: in a circle$/,
    ],
  ])('%o is told in one sentence', (error, sentence) => {
    expect(sentenceOf(error)).toMatch(sentence);
  });

  test('is looked for inside the error of a group', () => {
    const cause = new UsageError('Write it whole');
    expect(sentenceOf(new TaskGroupError([cause], ['body']))).toBe('Write it whole');
  });

  test('is not claimed for a bug of the program', () => {
    expect(sentenceOf(new TypeError('x is not a function'))).toBeUndefined();
    expect(sentenceOf('text')).toBeUndefined();
  });
});
