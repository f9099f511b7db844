import { run } from '@coloop/core';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { proxies } from './proxies.ts';

test('the proxy sees what goes through it, and nothing else', async () => {
  const before = { ...process.env };
  expect(await printed(() => run(proxies))).toEqual([
    'proxy and proxyAuth, an http target',
    '    proxy: GET, absolute URL, user reader: let through',
    '    answer: 200 hello',
    'credentials in the URL, an https target',
    '    proxy: CONNECT, a tunnel, user reader: let through',
    '    answer: 200 secret',
    'a wrong password, an https target',
    '    proxy: CONNECT, a tunnel, user reader: 407',
    '    ProxyResponseError 407',
    'a wrong password, an http target',
    '    proxy: GET, absolute URL, user reader: 407',
    '    answer: 407 This proxy wants a name and a password.',
    'http_proxy is set, trustEnv is not',
    '    answer: 200 hello',
    'http_proxy is set, trustEnv: true',
    '    proxy: GET, absolute URL, user reader: let through',
    '    answer: 200 hello',
    'no_proxy names the host',
    '    answer: 200 hello',
  ]);
  expect(process.env).toEqual(before);
});
