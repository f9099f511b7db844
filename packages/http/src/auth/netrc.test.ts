import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Operation, run } from '@coloop/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FakeNext, FakeResponse, fakeRequest } from '../fixtures/requests.ts';
import { NetrcAuth } from './netrc.ts';

let folder = '';
const before = process.env.NETRC;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netrc-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  if (before === undefined) delete process.env.NETRC;
  else process.env.NETRC = before;
});

function* sentTo(auth: NetrcAuth, ...urls: string[]): Operation<(string | undefined)[]> {
  const fake = new FakeNext(...urls.map(() => new FakeResponse(200)));
  for (const url of urls) yield* auth.apply(fakeRequest(url), fake.next);
  return fake.requests.map(({ headers }) => headers.get('authorization'));
}

describe('NetrcAuth', () => {
  test('sends what the file holds for the host, and nothing to others', async () => {
    const file = join(folder, 'netrc');
    writeFileSync(file, 'machine api.example.com login u password p');
    const sent = await run(() => sentTo(new NetrcAuth(file), 'https://api.example.com/', 'https://example.com/'));
    expect(sent).toEqual(['Basic dTpw', undefined]);
  });

  test('finds the file through NETRC, which may name one that is missing', async () => {
    process.env.NETRC = join(folder, 'other');
    expect(await run(() => sentTo(new NetrcAuth(), 'https://example.com/'))).toEqual([undefined]);
    writeFileSync(process.env.NETRC, 'default login u password p');
    expect(await run(() => sentTo(new NetrcAuth(), 'https://example.com/'))).toEqual(['Basic dTpw']);
  });

  test('says which file is missing or wrong', async () => {
    await expect(run(() => sentTo(new NetrcAuth(join(folder, 'none')), 'https://x/'))).rejects.toThrow(
      /none cannot be read/,
    );
    const wrong = join(folder, 'wrong');
    writeFileSync(wrong, 'machine x password\n');
    await expect(run(() => sentTo(new NetrcAuth(wrong), 'https://x/'))).rejects.toThrow(/value is missing, at line/);
    expect(() => new NetrcAuth('')).toThrow(/give the path of a file/);
  });
});
