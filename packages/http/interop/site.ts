// What every server of files is asked for, whichever program it is.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gather, type Operation, run } from '@coloop/core';
import { DigestAuth, Session } from '@coloop/http';
import { expect, test } from 'vitest';
import { directoryWith } from './daemon.ts';

export const TEXT = 'The quick brown fox jumps over the lazy dog.\n'.repeat(2_000);
/** A user `me` with the password `secret`, in the format of htdigest. */
export const DIGEST_USERS = 'me:coloop:98f42cd736959f484788db3af54ac8fa\n';

/** Tests that a server gives `text.txt` below `base()` in all the ways that there are. */
export function servesFiles(base: () => string): void {
  test('serves text, compressed on the way where that is wanted', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base() });
      const response = yield* session.get('/text.txt');
      expect(response.headers.get('content-encoding')).toMatch(/gzip|br|deflate|zstd/);
      expect(yield* response.text()).toBe(TEXT);
      const raw = yield* session.get('/text.txt', { decompress: false });
      expect(raw.headers.get('content-encoding')).toBeNull();
      expect((yield* raw.bytes()).length).toBe(TEXT.length);
      expect(session.pool.stats.created).toBe(1);
    });
  });

  test('gives ranges, conditions, heads, and errors with their bodies', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base() });
      const part = yield* session.get('/text.txt', { headers: { Range: 'bytes=4-8' } });
      expect([part.status, yield* part.text()]).toEqual([206, 'quick']);
      const beyond = yield* session.get('/text.txt', { headers: { Range: 'bytes=1000000-' } });
      expect(beyond.status).toBe(416);
      yield* beyond.release();
      const first = yield* session.get('/text.txt', { decompress: false });
      yield* first.text();
      const modified = first.headers.get('last-modified') ?? '';
      const same = yield* session.get('/text.txt', { headers: { 'If-Modified-Since': modified } });
      expect([same.status, yield* same.text()]).toEqual([304, '']);
      const head = yield* session.head('/text.txt');
      expect([head.status, yield* head.text()]).toEqual([200, '']);
      const missing = yield* session.get('/missing.txt');
      expect(missing.status).toBe(404);
      expect(yield* missing.text()).toMatch(/not found/i);
      expect(session.pool.stats.created).toBeLessThan(4);
    });
  });

  test('keeps connections alive under many requests at once', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base(), pool: { limit: 3 } });
      const texts = yield* gather(Array.from({ length: 60 }, () => session.get('/text.txt').text()));
      expect(texts.every((text) => text === TEXT)).toBe(true);
      expect(session.pool.stats.created).toBe(3);
    });
  });

  test('brings a download on where an earlier one ended', async () => {
    const file = join(await directoryWith({}), 'text.txt');
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base() });
      const begun = session.download('/text.txt', file, {
        onProgress: ({ bytes }) => {
          if (bytes > 0 && !existsSync(file)) throw new Error('enough');
        },
      });
      try {
        yield* begun;
      } catch (error) {
        expect((error as Error).message).toBe('enough');
      }
      const before = readFileSync(`${file}.part`).length;
      expect(before).toBeGreaterThan(0);
      const { bytes, resumedFrom } = yield* session.download('/text.txt', file);
      expect([bytes, resumedFrom]).toEqual([TEXT.length, before]);
    });
    expect(readFileSync(file, 'utf8')).toBe(TEXT);
  });
}

/** Tests that a server takes our answers to its challenges, also those of many requests at once. */
export function challenges(base: () => string): void {
  function* get(session: Session): Operation<number> {
    const response = yield* session.get('/secret/text.txt');
    yield* response.release();
    return response.status;
  }

  test('takes the answers to its challenges, each nonce counted once', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base(), auth: new DigestAuth('me', 'secret') });
      expect(yield* get(session)).toBe(200);
      expect(yield* gather(Array.from({ length: 30 }, () => get(session)))).toEqual(Array(30).fill(200));
      const wrong = yield* Session.open({ baseUrl: base(), auth: new DigestAuth('me', 'wrong') });
      expect(yield* get(wrong)).toBe(401);
    });
  });
}
