import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../errors.ts';
import { parseProxy } from './proxy.ts';

describe('parseProxy', () => {
  test('takes the credentials out of the URL and keeps them out of what is shown', () => {
    const proxy = parseProxy('http://us%40er:p%3Ass@proxy.example:3128', 'proxy');
    expect(proxy).toMatchObject({
      protocol: 'http:',
      hostname: 'proxy.example',
      port: 3128,
      display: 'http://proxy.example:3128',
    });
    expect(proxy.authorization).toBe(`Basic ${btoa('us@er:p:ss')}`);
  });

  test('knows the default ports, and a bare host:port as an HTTP proxy', () => {
    expect(parseProxy('https://p', 'proxy').port).toBe(443);
    expect(parseProxy('socks5h://p', 'proxy').port).toBe(1080);
    expect(parseProxy('p:3128', 'proxy')).toMatchObject({ protocol: 'http:', hostname: 'p', port: 3128 });
    expect(parseProxy('socks5://[::1]:1081', 'proxy')).toMatchObject({
      hostname: '::1',
      port: 1081,
      display: 'socks5://[::1]:1081',
    });
  });

  test('prefers proxyAuth, also for SOCKS', () => {
    const proxy = parseProxy('socks5://old:old@p', 'proxy', { authorization: `Basic ${btoa('new:secret')}` });
    expect([proxy.username, proxy.password, proxy.authorization]).toEqual(['new', 'secret', undefined]);
  });

  test('gives different credentials different keys', () => {
    const keys = ['http://p', 'http://a:1@p', 'http://a:2@p', 'https://p:80'].map(
      (url) => parseProxy(url, 'proxy').key,
    );
    expect(new Set(keys).size).toBe(4);
  });

  test.each([
    'ftp://u:topsecret@p',
    'http://u:topsecret@',
    'http://u:top secret@p:99999',
    'socks4://u:topsecret@p',
    'http://u:topse/cret@p',
  ])('refuses %s without repeating the password', (url) => {
    try {
      parseProxy(url, 'proxy');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(inspect(error)).not.toMatch(/secret|topse/);
    }
  });
});
