import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, Scheduler } from '@coloop/core';
import type { Clock } from '@coloop/core/lowlevel';
import fc from 'fast-check';
import { MemoryCookieStore, Store } from 'tough-cookie';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../errors.ts';
import { CookieJar } from './jar.ts';

const DAY = 86_400_000;

/** A scheduler at a fixed date. */
function at(wall: number): Scheduler {
  const clock: Clock = { now: () => 0, wallNow: () => wall, idleUntil: () => {}, busy: () => {} };
  return new Scheduler({ clock });
}

function on<T>(date: string, use: () => T): Promise<T> {
  return run(
    function* () {
      return use();
    },
    { scheduler: at(Date.parse(date)) },
  );
}

const url = 'https://www.example.com/shop/cart';

describe('CookieJar', () => {
  test('sends a cookie back to the host that set it, and to no other', () => {
    const jar = new CookieJar();
    expect(jar.isEmpty).toBe(true);
    expect(jar.set('a=1', url)).toBe(true);
    expect(jar.isEmpty).toBe(false);
    expect(jar.get('https://www.example.com/shop/')).toBe('a=1');
    expect(jar.get('https://example.com/shop/')).toBe('');
    expect(jar.get('https://sub.www.example.com/shop/')).toBe('');
    expect(jar.get('https://www.example.org/shop/')).toBe('');
  });

  test('sends a domain cookie to subdomains, and a path cookie below its path, longest path first', () => {
    const jar = new CookieJar();
    jar.set('a=1; Domain=.Example.com; Path=/', url);
    jar.set('b=2; Path=/shop', url);
    expect(jar.get('https://www.example.com/shop/x')).toBe('b=2; a=1');
    expect(jar.get('https://www.example.com/shopping')).toBe('a=1');
    expect(jar.get('https://deep.sub.example.com/')).toBe('a=1');
    expect(jar.get('https://notexample.com/')).toBe('');
  });

  test('replaces a cookie of the same name, domain and path, and removes one that has expired', () => {
    const jar = new CookieJar();
    jar.set('a=1; Path=/', url);
    jar.set('a=2; Path=/', url);
    expect(jar.get(url)).toBe('a=2');
    jar.set('a=; Path=/; Max-Age=0', url);
    expect(jar.get(url)).toBe('');
  });

  test('refuses public suffixes and foreign domains', () => {
    const jar = new CookieJar();
    for (const domain of ['com', 'co.uk', 'github.io', 'example.org', 'sub.www.example.com', 'ample.com']) {
      expect(jar.set(`a=1; Domain=${domain}`, url)).toBe(false);
    }
    expect(jar.set('a=1; Domain=co.uk', 'https://shop.co.uk/')).toBe(false);
    expect(jar.set('a=1; Domain=github.io', 'https://me.github.io/')).toBe(false);
    expect(jar.get(url)).toBe('');
  });

  test('keeps a cookie that a public suffix or a bare host sets for itself to that host alone', () => {
    const jar = new CookieJar();
    expect(jar.set('a=1; Domain=github.io', 'https://github.io/')).toBe(true);
    expect(jar.get('https://github.io/')).toBe('a=1');
    expect(jar.get('https://me.github.io/')).toBe('');
    expect(jar.set('b=1; Domain=intranet', 'http://intranet/')).toBe(true);
    expect(jar.get('http://intranet/')).toBe('b=1');
  });

  test('never sends a Secure cookie over http, not even to this machine, nor takes one from there', () => {
    const jar = new CookieJar();
    jar.set('s=1; Secure; Path=/', url);
    expect(jar.get('http://www.example.com/')).toBe('');
    expect(jar.get('https://www.example.com/')).toBe('s=1');
    expect(jar.get('wss://www.example.com/')).toBe('s=1');
    expect(jar.set('t=1; Secure', 'http://www.example.com/')).toBe(false);
    jar.set('l=1; Secure', 'https://localhost/');
    expect(jar.get('http://localhost/')).toBe('');
  });

  test('lets http neither overwrite nor shadow what https set as Secure', () => {
    const jar = new CookieJar();
    jar.set('sid=good; Secure; Domain=example.com; Path=/', url);
    expect(jar.set('sid=evil; Path=/', 'http://www.example.com/')).toBe(false);
    expect(jar.set('sid=evil; Domain=example.com; Path=/x', 'http://sub.example.com/')).toBe(false);
    expect(jar.set('sid=other; Path=/', 'http://example.org/')).toBe(true);
    expect(jar.get(url)).toBe('sid=good');
  });

  test('lets http on one host of a site not overlay what https set on another, in either direction', () => {
    const jar = new CookieJar();
    jar.set('sid=good; Secure; Path=/', 'https://x.example.org/');
    expect(jar.set('sid=evil; Domain=example.org; Path=/login', 'http://y.example.org/')).toBe(false);
    expect(jar.set('sid=evil; Domain=example.org; Max-Age=0', 'http://y.example.org/')).toBe(false);
    expect(jar.get('https://x.example.org/login')).toBe('sid=good');
    // Nothing of y's own is seen by x.
    expect(jar.set('sid=own', 'http://y.example.org/')).toBe(true);
    jar.set('top=good; Secure; Domain=example.org; Path=/', 'https://x.example.org/');
    expect(jar.set('top=evil; Path=/a', 'http://deep.y.example.org/')).toBe(false);
    jar.set('deep=good; Secure; Path=/', 'https://a.b.example.org/');
    expect(jar.set('deep=evil; Domain=b.example.org', 'http://c.b.example.org/')).toBe(false);
  });

  test('refuses a Domain with a port, or with more than a name', () => {
    const jar = new CookieJar();
    for (const domain of [
      'example.com:443',
      'www.example.com:8080',
      'example.com/',
      'u@example.com',
      'example.com?',
      'example.com#x',
      'ex%61mple.com',
      'example.com\\x',
      '[example.com]',
      'www. example.com',
    ]) {
      expect([domain, jar.set(`a=1; Domain=${domain}`, url)]).toEqual([domain, false]);
    }
    // The last one counts.
    expect(jar.set('a=1; Domain=example.com:443; Domain=example.com', url)).toBe(true);
  });

  test('holds __Secure- and __Host- to their promises in any case of their letters', () => {
    const jar = new CookieJar();
    for (const bad of [
      '__Secure-a=1',
      '__sEcUrE-a=1; Path=/',
      '__Host-a=1; Secure',
      '__HOST-a=1; Secure; Path=/; Domain=www.example.com',
      '__host-a=1; Secure; Path=/shop',
      '__Host-a=1; Path=/',
      ' __Host-a=1; Path=/',
      '=__Host-a=1; Path=/; Secure',
    ]) {
      expect([bad, jar.set(bad, url)]).toEqual([bad, false]);
    }
    expect(jar.set('__Secure-a=1; Secure; Domain=example.com', url)).toBe(true);
    expect(jar.set('__hOst-a=1; Secure; Path=/', url)).toBe(true);
  });

  test('takes nothing from hosts that are addresses, unless it is told to', () => {
    const hosts = [
      'http://127.0.0.1/',
      'http://0x7f.1/',
      'http://2130706433/',
      'http://[::1]/',
      'http://[::ffff:127.0.0.1]/',
    ];
    const jar = new CookieJar();
    const unsafe = new CookieJar({ unsafeIp: true });
    for (const host of hosts) {
      expect([host, jar.set('a=1', host), jar.get(host)]).toEqual([host, false, '']);
      expect([host, unsafe.set('a=1', host), unsafe.get(host)]).toEqual([host, true, 'a=1']);
    }
    expect(unsafe.set('a=1; Domain=0.0.1', 'http://127.0.0.1/')).toBe(false);
    expect(unsafe.get('http://1.127.0.0.1.example.com/')).toBe('');
  });

  test('refuses control characters, nameless and oversized cookies', () => {
    const jar = new CookieJar();
    for (const bad of [
      '',
      ';',
      'novalue',
      '=x',
      'a=b\r\nSet-Cookie: c=d',
      'a=\0',
      `a=${'x'.repeat(4096)}`,
      'a=\u4f60',
    ]) {
      expect(jar.set(bad, url)).toBe(false);
    }
    expect(jar.set('a=caf\u00c3\u00a9', url)).toBe(true);
  });

  test('names what is wrong with its arguments', () => {
    expect(() => new CookieJar({ unsafeIP: true } as object)).toThrow(/Did you mean 'unsafeIp'/);
    expect(() => new CookieJar().get('/relative')).toThrow(/"\/relative": give an absolute one/);
    expect(() => new CookieJar().set('a=1', 'http://u:secret@[')).not.toThrow(/secret/);
    expect(() => new CookieJar().set({} as string, url)).toThrow(/give text/);
  });

  test('never sends what could pass for another header or another cookie, whatever was set', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (a, b, c) => {
          const jar = new CookieJar();
          jar.set(`${a}=${b};${c}`, url);
          expect(jar.get(url)).toMatch(/^(?:[^=;]+=[^;]*)?$/);
          expect(jar.get(url)).not.toMatch(/[^\t\x20-\x7e\x80-\xff]/);
        },
      ),
    );
  });

  test('does not grow without end: the oldest cookies of a domain make room', () => {
    const jar = new CookieJar();
    for (let i = 0; i < 300; i++) jar.set(`n${i}=1; Path=/`, url);
    const names = jar.get(url).split('; ');
    expect(names).toHaveLength(180);
    expect(names).toContain('n299=1');
    expect(names).not.toContain('n0=1');
  });

  test('takes room from the site that floods it, whatever its domains, and not from others', () => {
    const jar = new CookieJar();
    for (let site = 0; site < 40; site++) jar.set('kept=1; Path=/', `https://site${site}.example/`);
    const flood = Array.from({ length: 4_000 }, (_, i) => `f${i}=1; Domain=${'l.'.repeat(i % 20)}evil.example; Path=/`);
    jar.receive(flood, new URL(`https://${'l.'.repeat(20)}evil.example/`));
    const cookies = jar.toJSON().cookies;
    expect(cookies.filter(({ name }) => name === 'kept')).toHaveLength(40);
    expect(cookies.filter(({ domain }) => domain.endsWith('evil.example'))).toHaveLength(180);
  });

  test('makes room with what http set before a Secure cookie goes, so that a flood over http pushes none out and overlays none', () => {
    const jar = new CookieJar();
    jar.set('sid=good; Secure; Path=/', 'https://app.example.org/');
    jar.set('shared=good; Secure; Domain=example.org; Path=/', 'https://app.example.org/');
    const flood = Array.from({ length: 400 }, (_, i) => `f${i}=1; Domain=example.org; Path=/`);
    for (const line of flood) jar.set(line, 'http://evil.example.org/');
    jar.receive(flood, new URL('http://evil.example.org/'));
    for (const name of ['sid', 'shared']) {
      expect(jar.set(`${name}=evil; Domain=example.org; Path=/`, 'http://evil.example.org/')).toBe(false);
    }
    expect(jar.get('https://app.example.org/')).toMatch(/sid=good.*shared=good/);
    expect(jar.toJSON().cookies).toHaveLength(180);
  });

  test('keeps the Secure cookies of every site while others fill it over http', () => {
    const jar = new CookieJar();
    for (let site = 0; site < 40; site++) jar.set('kept=1; Secure; Path=/', `https://site${site}.example/`);
    for (let site = 0; site < 80; site++) {
      const lines = Array.from({ length: 50 }, (_, i) => `n${i}=1; Path=/`);
      jar.receive(lines, new URL(`http://evil${site}.example/`));
    }
    const { cookies } = jar.toJSON();
    expect(cookies.filter(({ name }) => name === 'kept')).toHaveLength(40);
    expect(cookies).toHaveLength(3_000);
  });

  test('takes no more than 3,000 in all, and first from whoever has many', () => {
    const jar = new CookieJar();
    for (let site = 0; site < 30; site++) {
      const lines = Array.from({ length: 100 }, (_, i) => `n${i}=1; Path=/`);
      jar.receive(lines, new URL(`https://site${site}.example/`));
    }
    jar.receive(['small=1'], new URL('https://small.example/'));
    jar.receive(['more=1; Path=/'], new URL('https://site0.example/'));
    expect(jar.toJSON().cookies).toHaveLength(3_000);
    expect(jar.get('https://small.example/')).toBe('small=1');
    expect(jar.get('https://site0.example/').split('; ')).toContain('more=1');
  });

  test('sees what is in a store of the caller, whoever has put it there', () => {
    const store = new MemoryCookieStore();
    new CookieJar({ store }).set('sid=good; Secure; Path=/', 'https://x.example.org/');
    const jar = new CookieJar({ store });
    expect(jar.set('sid=evil; Domain=example.org', 'http://y.example.org/')).toBe(false);
    expect(jar.get('https://x.example.org/')).toBe('sid=good');
  });

  test('forgets everything when it is cleared', () => {
    const jar = new CookieJar();
    jar.set('a=1', url);
    jar.clear();
    expect([jar.get(url), jar.isEmpty]).toEqual(['', true]);
  });

  test('ends a cookie at its Max-Age or Expires, Max-Age deciding, however often it was used', async () => {
    const jar = new CookieJar();
    await on('2030-01-01', () => {
      jar.set('short=1; Max-Age=3600; Expires=Wed, 01 Jan 2098 00:00:00 GMT', url);
      jar.set('dated=1; Expires=Wed, 02 Jan 2030 00:00:00 GMT', url);
      jar.set('session=1', url);
    });
    expect(await on('2030-01-01T00:59:59Z', () => jar.get(url))).toBe('short=1; dated=1; session=1');
    expect(await on('2030-01-01T01:00:00Z', () => jar.get(url))).toBe('dated=1; session=1');
    expect(await on('2030-01-02T00:00:00Z', () => jar.get(url))).toBe('session=1');
  });

  test('keeps no cookie for longer than 400 days', async () => {
    const jar = new CookieJar();
    await on('2030-01-01', () => jar.set('a=1; Max-Age=99999999999', url));
    expect(await on('2031-02-04', () => jar.get(url))).toBe('a=1');
    expect(await on('2031-02-06', () => jar.get(url))).toBe('');
  });

  test('works on a synchronous store of tough-cookie, and refuses another', () => {
    class Slow extends Store {}
    expect(() => new CookieJar({ store: new Slow() })).toThrow(InvalidOptionError);
  });

  test('reads nothing from Object.prototype, and writes nothing there', () => {
    const polluted = Object.prototype as Record<string, unknown>;
    const evil = {
      domain: 'com',
      path: '/evil',
      secure: true,
      unsafeIp: true,
      loose: true,
      rejectPublicSuffixes: false,
      expires: new Date(0),
    };
    Object.assign(polluted, evil);
    try {
      const jar = new CookieJar();
      expect(jar.set('a=1; Domain=com', url)).toBe(false);
      expect(jar.set('a=1', 'http://127.0.0.1/')).toBe(false);
      expect(jar.set('a=1', 'http://www.example.com/shop/cart')).toBe(true);
      expect(jar.get('http://www.example.com/shop/cart')).toBe('a=1');
    } finally {
      for (const key of Object.keys(evil)) delete polluted[key];
    }
    const jar = new CookieJar();
    jar.set('__proto__=1; Path=/__proto__', 'https://__proto__.example.com/__proto__/x');
    jar.set('constructor=1', 'https://__proto__.example.com/');
    expect(jar.get('https://__proto__.example.com/__proto__/x')).toContain('__proto__=1');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('save and load', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cookies-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function load(file: string, unsafeIp = false): Promise<CookieJar> {
    return run(() => CookieJar.load(file, { unsafeIp }));
  }

  test('bring back what was there: host-only, paths, flags and expiry', async () => {
    const file = join(folder, 'jar.json');
    const jar = new CookieJar();
    jar.set('host=1; Path=/', url);
    jar.set('shared=1; Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400', url);
    jar.set('__Host-p=1; Path=/; Secure', url);
    await run(() => jar.save(file));
    const back = await load(file);
    expect(back.toJSON()).toEqual(jar.toJSON());
    expect(back.get('https://sub.example.com/')).toBe('shared=1');
    expect(back.get(url)).toBe(jar.get(url));
    const later = at(Date.now() + 2 * DAY);
    const loadedLater = await load(file);
    expect(
      await run(
        function* () {
          return loadedLater.get(url);
        },
        { scheduler: later },
      ),
    ).toBe('host=1; __Host-p=1');
  });

  test('write a file that only its owner may read, in one move, leaving nothing beside it', async () => {
    const plain = join(folder, 'mode.json');
    writeFileSync(plain, 'old');
    chmodSync(plain, 0o666);
    await expect(run(() => new CookieJar().save(join(folder, 'none', 'jar.json')))).rejects.toThrow(
      /could not be written: ENOENT/,
    );
    await run(() => new CookieJar().save(plain));
    expect(statSync(plain).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(plain, 'utf8'))).toEqual({ version: 1, cookies: [] });
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  test('say which file is missing or is not a jar', async () => {
    await expect(load(join(folder, 'none.json'))).rejects.toThrow(/none\.json could not be read: ENOENT/);
    for (const text of ['', '{', '[]', '{"cookies":1}', 'module.exports = {}']) {
      writeFileSync(join(folder, 'bad.json'), text);
      await expect(load(join(folder, 'bad.json'))).rejects.toThrow(/is not a cookie file/);
    }
  });

  test('take from a file only what a server could have set', async () => {
    const file = join(folder, 'evil.json');
    const good = { name: 'good', value: '1', domain: 'www.example.com', path: '/', hostOnly: true };
    const cookies = [
      good,
      { ...good, name: 'suffix', domain: 'com', hostOnly: false },
      { ...good, name: 'crlf', value: '1\r\nX-Evil: 1' },
      { ...good, name: 'semi', value: '1; b=2' },
      { ...good, name: '__Host-x' },
      { ...good, name: 'ip', domain: '127.0.0.1' },
      { ...good, name: 'past', expires: '2001-01-01T00:00:00Z' },
      { ...good, name: 'nodate', expires: 'soon' },
      { ...good, name: 7 },
      { ...good, path: 'relative' },
      null,
      'text',
    ];
    writeFileSync(file, `{"__proto__":{"polluted":1},"cookies":${JSON.stringify(cookies)}}`);
    const jar = await load(file);
    expect(jar.toJSON().cookies.map(({ name }) => name)).toEqual(['good']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
