import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, type Operation, run } from '@coloop/core';
import { serve } from '@coloop/test-servers/vitest';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientError } from '../errors.ts';
import { Session } from '../node/session.ts';

let folder = '';
let file = '';
let victim = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'places-'));
  file = join(folder, 'file');
  victim = join(folder, 'victim');
  writeFileSync(victim, 'PRECIOUS');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

interface Site {
  readonly url: string;
  /** The ranges that were asked for. */
  readonly asked: (string | undefined)[];
}

/** A server of ten bytes with a tag; the first answer is cut after five of them if that is wanted. */
async function site(cut = false): Promise<Site> {
  const asked: (string | undefined)[] = [];
  const { url } = await serve((request, response) => {
    asked.push(request.headers.range);
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from === 10) {
      response.writeHead(416, { 'Content-Range': 'bytes */10' }).end();
      return;
    }
    response.writeHead(from > 0 ? 206 : 200, {
      ETag: '"v1"',
      'Content-Length': 10 - from,
      ...(from > 0 ? { 'Content-Range': `bytes ${from}-9/10` } : {}),
    });
    if (cut && asked.length === 1) response.write('new n', () => setImmediate(() => response.destroy()));
    else response.end('new newnew'.slice(from));
  });
  return { url, asked };
}

function* fetchTo(url: string, place = file, onProgress?: () => unknown): Operation<{ error?: ClientError }> {
  const session = yield* Session.open();
  const tried = yield* attempt(session.download(url, place, { attempts: 1, onProgress }));
  return tried.ok ? {} : { error: tried.error as ClientError };
}

const fifo = (path: string): void => void execFileSync('mkfifo', [path]);

describe('what is no regular file is refused before anything is asked for, and kept', () => {
  const kinds: readonly (readonly [string, string, () => void])[] = [
    ['a link to a file', 'ELOOP', () => symlinkSync(victim, file)],
    ['a link to nothing', 'ELOOP', () => symlinkSync(join(folder, 'nothing'), file)],
    ['a link to a directory', 'ELOOP', () => symlinkSync(folder, file)],
    ['a link to itself', 'ELOOP', () => symlinkSync(file, file)],
    ['a directory', 'EISDIR', () => mkdirSync(file)],
    ['a FIFO', 'NOT_A_FILE', () => fifo(file)],
  ];
  test.each(kinds)('at its place: %s', async (_, code, make) => {
    make();
    const { url, asked } = await site();
    const before = lstatSync(file);
    const { error } = await run(fetchTo(url));
    expect(error).toMatchObject({
      name: 'ClientError',
      code,
      message: expect.stringContaining(`The file ${file} is a`),
    });
    expect(asked).toEqual([]);
    expect(lstatSync(file)).toMatchObject({ ino: before.ino, mode: before.mode });
    expect(readdirSync(folder).sort()).toEqual(['file', 'victim']);
    expect(readFileSync(victim, 'utf8')).toBe('PRECIOUS');
  });

  test('at its place: a device', async () => {
    const { url, asked } = await site();
    const { error } = await run(fetchTo(url, '/dev/null'));
    expect(error).toMatchObject({ code: 'NOT_A_FILE', message: expect.stringContaining('is a device') });
    expect(asked).toEqual([]);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  describe.each(['.part', '.part.json'])('at %s', (end) => {
    const beside: readonly (readonly [string, string, (path: string) => void])[] = [
      ['a link to a file', 'ELOOP', (path) => symlinkSync(victim, path)],
      ['a link to nothing', 'ELOOP', (path) => symlinkSync(join(folder, 'nothing'), path)],
      ['a directory', 'EISDIR', (path) => mkdirSync(path)],
      ['a FIFO', 'NOT_A_FILE', fifo],
    ];
    test.each(beside)('%s', async (_, code, make) => {
      make(`${file}${end}`);
      const { url, asked } = await site();
      const { error } = await run(fetchTo(url));
      expect(error).toMatchObject({ code, message: expect.stringContaining(`could not be opened: ${code}`) });
      expect(asked).toEqual([]);
      expect(readdirSync(folder).sort()).toEqual([`file${end}`, 'victim']);
      expect(readFileSync(victim, 'utf8')).toBe('PRECIOUS');
    });
  });
});

describe('what appears at its place during a download is kept', () => {
  const kinds: readonly (readonly [string, string, () => void])[] = [
    ['a link to a file', 'ELOOP', () => symlinkSync(victim, file)],
    ['a link to nothing', 'ELOOP', () => symlinkSync(join(folder, 'nothing'), file)],
    ['an empty directory', 'EISDIR', () => mkdirSync(file)],
    ['a FIFO', 'NOT_A_FILE', () => fifo(file)],
  ];
  test.each(kinds)('%s', async (_, code, make) => {
    const { url, asked } = await site();
    const made = run(fetchTo(url, file, () => lstatSync(file, { throwIfNoEntry: false }) ?? make()));
    expect((await made).error).toMatchObject({ code, message: expect.stringContaining(`The file ${file} is a`) });
    expect(lstatSync(file).isFile()).toBe(false);
    expect([readFileSync(victim, 'utf8'), readdirSync(folder).includes('nothing')]).toEqual(['PRECIOUS', false]);
    // What came is there for the next one.
    rmSync(file, { recursive: true });
    expect(await run(fetchTo(url))).toEqual({});
    expect([readFileSync(file, 'utf8'), asked]).toEqual(['new newnew', [undefined, 'bytes=10-']]);
  });

  test('and a file is replaced, in its own mode', async () => {
    const { url } = await site();
    const make = (): void => {
      writeFileSync(file, 'old');
      chmodSync(file, 0o640);
    };
    expect(await run(fetchTo(url, file, make))).toEqual({});
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['new newnew', 0o640]);
  });
});

describe('a part that somebody else may have laid there is not gone on with', () => {
  /** A part and a note as a download leaves them. */
  async function broken(): Promise<Site> {
    const made = await site(true);
    expect((await run(fetchTo(made.url))).error).toBeDefined();
    expect(readFileSync(`${file}.part`, 'utf8')).toBe('new n');
    return made;
  }

  test('while one of its own is', async () => {
    const { url, asked } = await broken();
    expect(await run(fetchTo(url))).toEqual({});
    expect(asked).toEqual([undefined, 'bytes=5-']);
  });

  test.each([
    ['a part with a second name', () => linkSync(`${file}.part`, join(folder, 'other'))],
    ['a note with a second name', () => linkSync(`${file}.part.json`, join(folder, 'other'))],
    ['a note that is much too large', () => writeFileSync(`${file}.part.json`, ' '.repeat(70_000))],
  ])('%s', async (_, plant) => {
    const { url, asked } = await broken();
    plant();
    expect(await run(fetchTo(url))).toEqual({});
    expect(asked).toEqual([undefined, undefined]);
    expect(readFileSync(file, 'utf8')).toBe('new newnew');
    const other = readdirSync(folder).includes('other') ? readFileSync(join(folder, 'other'), 'utf8') : '';
    expect(other).not.toContain('newnew');
  });

  // Only root may give a file away.
  test.skipIf(process.geteuid?.() !== 0).each(['.part', '.part.json'])('a %s of another owner', async (end) => {
    const { url, asked } = await broken();
    chownSync(`${file}${end}`, 12_345, 12_345);
    expect(await run(fetchTo(url))).toEqual({});
    expect(asked).toEqual([undefined, undefined]);
    expect(statSync(file).uid).toBe(0);
  });

  test.each([
    ['a file of another name', () => linkSync(victim, `${file}.part`)],
    ['a FIFO', () => fifo(`${file}.part`)],
  ])('what takes its place between the look and the opening: %s', async (_, plant) => {
    const { url, asked } = await broken();
    // The mode of the part is set to that of the file.
    writeFileSync(file, 'old');
    chmodSync(file, 0o755);
    chmodSync(victim, 0o600);
    const probe = await open(victim, 'r');
    const handle = Object.getPrototypeOf(probe) as FileHandle;
    await probe.close();
    const { readFile } = handle;
    // The note is read after the look and before the part is opened.
    vi.spyOn(handle, 'readFile').mockImplementation(function (this: FileHandle, ...args: unknown[]) {
      rmSync(`${file}.part`);
      plant();
      return Reflect.apply(readFile, this, args);
    } as never);
    expect(await run(fetchTo(url))).toEqual({});
    expect([readFileSync(victim, 'utf8'), statSync(victim).mode & 0o777]).toEqual(['PRECIOUS', 0o600]);
    expect([readFileSync(file, 'utf8'), asked]).toEqual(['new newnew', [undefined, undefined]]);
  });

  test('a link that was hard, to a file of somebody else', async () => {
    linkSync(victim, `${file}.part`);
    const { url } = await site();
    expect(await run(fetchTo(url))).toEqual({});
    expect([readFileSync(victim, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['PRECIOUS', 'new newnew']);
  });
});

describe('the mode', () => {
  test.each([0o600, 0o640, 0o644, 0o666, 0o755, 0o400])('of a file that is there is kept: %o', async (mode) => {
    writeFileSync(file, 'old');
    chmodSync(file, mode);
    const { url } = await site(true);
    await run(fetchTo(url));
    expect(statSync(`${file}.part`).mode & 0o777).toBe(mode | 0o600);
    expect(await run(fetchTo(url))).toEqual({});
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([mode, 'new newnew']);
  });

  test('of a new file is that of any other new file', async () => {
    const { url } = await site();
    writeFileSync(join(folder, 'any'), '');
    expect(await run(fetchTo(url))).toEqual({});
    expect(statSync(file).mode).toBe(statSync(join(folder, 'any')).mode);
  });
});

describe('the note', () => {
  test('says nothing that is secret, and only its owner may read it', async () => {
    const { url, asked } = await site(true);
    const secret = `${url.replace('//', '//user:s3cr3t@')}/?X-Signature=abc&token=t0k3n`;
    await run(fetchTo(secret));
    const note = `${file}.part.json`;
    expect(readFileSync(note, 'utf8')).not.toMatch(/s3cr3t|user|abc|t0k3n|Signature|127\.0\.0\.1/);
    expect(statSync(note).mode & 0o777).toBe(0o600);
    expect(await run(fetchTo(secret))).toEqual({});
    expect(asked).toEqual([undefined, 'bytes=5-']);
    expect(readdirSync(folder).sort()).toEqual(['file', 'victim']);
  });

  test('is about its own URL alone', async () => {
    const { url, asked } = await site(true);
    await run(fetchTo(`${url}/?a`));
    expect(await run(fetchTo(`${url}/?b`))).toEqual({});
    expect(asked).toEqual([undefined, undefined]);
  });

  test('of an earlier version, which names the URL itself, is understood', async () => {
    const { url, asked } = await site();
    writeFileSync(`${file}.part`, 'new n');
    writeFileSync(`${file}.part.json`, JSON.stringify({ url, validator: '"v1"' }));
    expect(await run(fetchTo(url))).toEqual({});
    expect(asked).toEqual(['bytes=5-']);
  });
});
