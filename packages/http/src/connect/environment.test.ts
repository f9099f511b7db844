import { describe, expect, test } from 'vitest';
import { type Environment, environmentProxy, parseNoProxy } from './environment.ts';

const proxyFor = (url: string, environment: Environment): string | null =>
  environmentProxy(new URL(url), environment)?.url ?? null;

describe('the proxy of the environment', () => {
  test('depends on the scheme, and ALL_PROXY fills in', () => {
    const environment = { HTTP_PROXY: 'http://a', ALL_PROXY: 'socks5://c' };
    expect(proxyFor('http://h/', environment)).toBe('http://a');
    expect(proxyFor('https://h/', environment)).toBe('socks5://c');
    expect(proxyFor('wss://h/', { https_proxy: 'http://b' })).toBe('http://b');
  });

  test('is read from the lower-case variable first', () => {
    expect(proxyFor('http://h/', { http_proxy: 'http://low', HTTP_PROXY: 'http://up' })).toBe('http://low');
  });

  test('is off where the variable is set but empty', () => {
    expect(proxyFor('http://h/', { http_proxy: '', HTTP_PROXY: 'http://up', ALL_PROXY: 'http://all' })).toBeNull();
  });

  test('is not taken from HTTP_PROXY under CGI, where a request header could set it', () => {
    expect(proxyFor('http://h/', { HTTP_PROXY: 'http://evil', REQUEST_METHOD: 'GET' })).toBeNull();
    expect(proxyFor('http://h/', { http_proxy: 'http://good', REQUEST_METHOD: 'GET' })).toBe('http://good');
    expect(proxyFor('https://h/', { HTTPS_PROXY: 'http://good', REQUEST_METHOD: 'GET' })).toBe('http://good');
  });

  test('is not read from Object.prototype', () => {
    Object.defineProperty(Object.prototype, 'http_proxy', { value: 'http://evil', configurable: true });
    try {
      expect(proxyFor('http://h/', {})).toBeNull();
    } finally {
      Reflect.deleteProperty(Object.prototype, 'http_proxy');
    }
  });
});

describe('NO_PROXY', () => {
  const cases: [list: string, url: string, covered: boolean][] = [
    ['example.com', 'http://example.com/', true],
    ['example.com', 'http://EXAMPLE.com./', true],
    ['example.com.', 'http://example.com/', true],
    ['example.com', 'http://a.b.example.com/', true],
    ['example.com', 'http://notexample.com/', false],
    ['.example.com', 'http://example.com/', false],
    ['.example.com', 'http://a.example.com/', true],
    ['*.example.com', 'http://a.example.com/', true],
    ['*.example.com', 'http://example.com/', false],
    ['*', 'https://anything.example/', true],
    ['a, b  c', 'http://c/', true],
    ['example.com:8080', 'http://example.com:8080/', true],
    ['example.com:8080', 'http://example.com/', false],
    ['example.com:443', 'https://example.com/', true],
    ['10.0.0.0/8', 'http://10.200.3.4/', true],
    ['10.0.0.0/8', 'http://11.0.0.1/', false],
    ['192.168.1.1', 'http://192.168.1.1:9000/', true],
    ['192.168.1.1', 'http://[::ffff:192.168.1.1]/', true],
    ['192.168.1.1', 'http://0xc0.0xa8.1.1/', true],
    ['192.168.1.1', 'http://3232235777/', true],
    ['0xc0a80101', 'http://192.168.1.1/', true],
    ['::ffff:192.168.1.1', 'http://192.168.1.1/', true],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['[fd12::1]:8080', 'http://[fd12::1]:8080/', true],
    ['[fd12::1]:8080', 'http://[fd12::1]/', false],
    ['localhost', 'http://127.0.0.1:3000/', true],
    ['localhost', 'http://[::1]/', true],
    ['127.0.0.1', 'http://localhost/', true],
    ['127.0.0.1', 'http://127.5.5.5/', true],
    ['::1', 'http://localhost./', true],
    ['::1', 'http://app.localhost/', true],
    ['127.0.0.0/8', 'http://[::ffff:127.0.0.1]/', true],
    ['localhost', 'http://localhost.example.com/', false],
    ['10.0.0.1', 'http://10.0.0.1.example.com/', false],
    ['bücher.example', 'http://bücher.example/', true],
    ['BÜCHER.example.', 'http://shop.xn--bcher-kva.example/', true],
    ['.bücher.example', 'http://shop.bücher.example./', true],
    ['*.bücher.example:8080', 'http://shop.bücher.example:8080/', true],
    ['xn--bcher-kva.example', 'http://bücher.example/', true],
    ['bücher。example', 'http://bücher.example/', true],
    ['ex%61mple.com', 'http://example.com/', true],
    ['127.1', 'http://127.0.0.1/', true],
    ['.', 'http://example.com/', false],
    ['*.', 'http://example.com/', false],
    [':8080', 'http://example.com:8080/', false],
    ['.:8080', 'http://example.com:8080/', false],
    ['http://example.com', 'http://example.com/', false],
    ['', 'http://example.com/', false],
    [',,', 'http://example.com/', false],
  ];
  test.each(cases)('%j and %s: %s', (list, url, covered) => {
    expect(parseNoProxy(list).covers(new URL(url))).toBe(covered);
  });
});
