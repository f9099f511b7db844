import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, type Operation } from '@coloop/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Session } from '../node/session.ts';
import { simulate } from '../testing/index.ts';
import { cache } from './cache.ts';
import { fileStore } from './file-store.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'coloop-cache-'));
});
afterEach(() => {
  chmodSync(directory, 0o700);
  rmSync(directory, { recursive: true });
});

/** What a session over the directory gets, and how often its server was asked. */
function* asked(paths: readonly string[], at = directory, maxSize?: number): Operation<[string[], number]> {
  const session = yield* Session.open({ middleware: [cache({ store: fileStore(at, { maxSize }) })] });
  const texts: string[] = [];
  for (const path of paths) texts.push(yield* session.get(`http://api.test${path}`).text());
  yield* session.close();
  return [texts, texts.length];
}

function serving(body: (count: () => number) => Operation<void>): Promise<void> {
  return simulate(function* (net) {
    let count = 0;
    net.serve('http://api.test', ({ target }) => {
      count++;
      return { body: `${target} `.repeat(target === '/large' ? 1_000 : 1), headers: { 'Cache-Control': 'max-age=60' } };
    });
    yield* body(() => count);
  });
}

describe('a store of files', () => {
  test('keeps responses for the next session, which its end waits for', () =>
    serving(function* (count) {
      expect(yield* asked(['/a', '/b'])).toEqual([['/a ', '/b '], 2]);
      expect(yield* asked(['/a', '/b'])).toEqual([['/a ', '/b '], 2]);
      expect(count()).toBe(2);
    }));

  test('lets only its owner read, and no URL becomes a path', () =>
    serving(function* () {
      const at = join(directory, 'made');
      yield* asked(['/..%2f..%2fetc/passwd', '/a'], at);
      const names = readdirSync(at);
      expect(names).toHaveLength(2);
      for (const name of names) {
        expect(name).toMatch(/^[0-9a-f]{64}\.entry$/);
        expect(statSync(join(at, name)).mode & 0o777).toBe(0o600);
      }
      expect(statSync(at).mode & 0o777).toBe(0o700);
    }));

  test('takes nothing for a response that a crash or somebody else has left', () =>
    serving(function* (count) {
      yield* asked(['/a']);
      const [name = ''] = readdirSync(directory);
      const file = join(directory, name);
      const whole = readFileSync(file);
      const broken = [whole.subarray(0, 10), whole.subarray(0, -1), Buffer.alloc(0), Buffer.from('{"entries":[null]}')];
      for (const bytes of broken) {
        writeFileSync(file, bytes);
        expect((yield* asked(['/a']))[0]).toEqual(['/a ']);
      }
      writeFileSync(join(directory, `${name}.0011.part`), 'half');
      yield* asked(['/a']);
      expect(count()).toBe(1 + broken.length);
    }));

  test('stays within its size', () =>
    serving(function* () {
      yield* asked(['/a', '/b', '/c', '/d', '/e', '/f', '/g', '/h', '/i', '/large'], directory, 6_000);
      const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
      expect(sizes.length).toBeGreaterThan(1);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(6_000);
    }));

  test('says at the first request that nothing can be written', () =>
    serving(function* (count) {
      const file = join(directory, 'file');
      writeFileSync(file, '');
      const tried = yield* attempt(asked(['/a'], join(file, 'below')));
      expect(tried).toMatchObject({ ok: false, error: { code: 'CACHE' } });
      expect(String((tried as { error: unknown }).error)).toContain(
        'Give fileStore a directory that this program may write to.',
      );
      expect(count()).toBe(0);
      expect(() => fileStore('')).toThrow("give the path of a directory, as in '.cache/http'");
    }));
});
