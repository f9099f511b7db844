import {
  ClientConnectorError,
  ClientError,
  ClientProxyConnectionError,
  ClientSslError,
  ContentLengthError,
  DecompressionError,
  DnsError,
  InvalidUrlError,
  LimitExceededError,
  ProxyResponseError,
  ServerDisconnectedError,
  ServerTimeoutError,
} from '@coloop/http';
import { describe, expect, test } from 'vitest';
import { isLostConnection, phasesOf, problemOf, problemOfStatus } from './problems.ts';

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
  const request = { method: 'GET', url: 'https://site.test/', proxy: undefined, attempts: 1 };

  test.each<[error: ClientError, why: string, text: string]>([
    [new ServerTimeoutError('', { limit: 'total', phase: 'headers' }), 'timeout', 'no answer'],
    [
      new ServerTimeoutError('', { limit: 'total', phase: 'body', timing }),
      'timeout',
      'the page did not end within 0.1 s',
    ],
    [new ContentLengthError('10 of 20 bytes'), 'truncated', 'the page did not come whole'],
    [new DecompressionError('bad gzip: set decompress'), 'unreadable', 'the page cannot be unpacked'],
    [new LimitExceededError('raise limits.ratio'), 'unreadable', 'the page is far larger unpacked than sent'],
    [new InvalidUrlError('no URL'), 'url', 'is no address'],
    [new ClientConnectorError('', { code: 'ECONNREFUSED' }), 'connection', 'the connection was refused'],
    [new ClientConnectorError('', { code: 'EWHATEVER' }), 'connection', 'no connection (EWHATEVER)'],
    [new DnsError('', { code: 'ENOTFOUND' }), 'connection', 'there is no such host'],
    [new ClientSslError('', { code: 'CERT_HAS_EXPIRED' }), 'connection', 'the certificate has expired'],
    [new ClientSslError('', { code: 'EPROTO' }), 'connection', 'no secure connection (EPROTO)'],
    [new ServerDisconnectedError('use retry'), 'connection', 'the connection was closed without an answer'],
    [new ClientProxyConnectionError('', { request }), 'connection', 'the proxy cannot be reached'],
    [new ProxyResponseError('', { status: 502, headers: new Headers() }), 'connection', 'the proxy answered 502'],
    [new ClientError('bad head', { code: 'HPE_INVALID' }), 'connection', 'the answer is not valid HTTP (HPE_INVALID)'],
  ])('%o is reported in the words of the owner of a site', (error, why, text) => {
    expect(problemOf(error)).toEqual({ why, text });
  });

  test('is tried again if the connection was lost, and only then', () => {
    expect(isLostConnection(new ServerDisconnectedError(''))).toBe(true);
    expect(isLostConnection(new ContentLengthError(''))).toBe(true);
    expect(isLostConnection(new ClientConnectorError('', { code: 'ECONNRESET' }))).toBe(true);
    expect(isLostConnection(new ClientConnectorError('', { code: 'ECONNREFUSED' }))).toBe(false);
    expect(isLostConnection(new DecompressionError(''))).toBe(false);
    expect(isLostConnection(new ServerTimeoutError('', { limit: 'total' }))).toBe(false);
  });
});

test('a status is fine, refused or broken', () => {
  const answer = (status: number) => ({ ok: status < 300, status, reason: '' });
  expect(problemOfStatus(answer(204))).toBeUndefined();
  expect(problemOfStatus(answer(403))).toEqual({ why: 'refused', text: 'answered 403' });
  expect(problemOfStatus(answer(404))).toEqual({ why: 'status', text: 'answered 404' });
  expect(problemOfStatus(answer(404), [404])).toBeUndefined();
});
