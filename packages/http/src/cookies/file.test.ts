import { execFileSync } from 'node:child_process';
import {
  chmodSync,
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
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@coloop/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CookieJar } from './jar.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jars-'));
  file = join(folder, 'jar');
});
afterEach(() => rmSync(folder, { recursive: true }));

function save(): Promise<void> {
  const jar = new CookieJar();
  jar.set('a=1', 'https://site.test/');
  return run(() => jar.save(file));
}

async function load(): Promise<string> {
  return (await run(() => CookieJar.load(file))).get('https://site.test/');
}

describe('a link to a regular file', () => {
  test.each([
    ['a name beside it', 'real'],
    ['a name in another folder', 'other/real'],
  ])('is followed, and stays: %s', async (_, target) => {
    mkdirSync(join(folder, 'other'));
    const real = join(folder, target);
    writeFileSync(real, 'old');
    symlinkSync(target, join(folder, 'link'));
    symlinkSync('link', file);
    await save();
    expect(lstatSync(file).isSymbolicLink() && lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    expect(lstatSync(real).isFile()).toBe(true);
    expect(await load()).toBe('a=1');
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))).toEqual([]);
  });
});

describe('what leads to no regular file is refused, and kept', () => {
  const fifo = (path: string): void => void execFileSync('mkfifo', [path]);
  const kinds: readonly (readonly [string, string, () => void])[] = [
    ['a FIFO', 'NOT_A_FILE', () => fifo(file)],
    ['a directory', 'NOT_A_FILE', () => mkdirSync(file)],
    ['a link to a directory', 'NOT_A_FILE', () => symlinkSync('.', file)],
    ['a link to a device', 'NOT_A_FILE', () => symlinkSync('/dev/null', file)],
    ['a link to nothing', 'ENOENT', () => symlinkSync('nothing', file)],
    ['a link to itself', 'ELOOP', () => symlinkSync('jar', file)],
  ];
  test.each(kinds)('%s', async (_, code, make) => {
    make();
    const before = lstatSync(file);
    await expect(save()).rejects.toMatchObject({ name: 'ClientError', code, message: expect.stringContaining(file) });
    await expect(load()).rejects.toMatchObject({ name: 'ClientError', code, message: expect.stringContaining(file) });
    expect(lstatSync(file)).toMatchObject({ ino: before.ino, mode: before.mode });
    expect(readdirSync(folder)).toEqual(['jar']);
  });

  test('a device', async () => {
    file = '/dev/null';
    await expect(save()).rejects.toMatchObject({ code: 'NOT_A_FILE' });
    await expect(load()).rejects.toMatchObject({ code: 'NOT_A_FILE' });
    expect(lstatSync(file).isCharacterDevice()).toBe(true);
  });
});

describe('the mode of a jar', () => {
  test.each([0o600, 0o640, 0o644, 0o400])('that is there is kept: %o', async (mode) => {
    writeFileSync(file, 'old');
    chmodSync(file, mode);
    await save();
    expect(statSync(file).mode & 0o777).toBe(mode);
    expect(readFileSync(file, 'utf8')).toContain('"a"');
  });

  test.each([0o666, 0o620, 0o602])('lets nobody else write to it: %o', async (mode) => {
    writeFileSync(file, 'old');
    chmodSync(file, mode);
    await save();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('that is new is for its owner alone', async () => {
    await save();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
