import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCaFile, readPatternFile } from './input-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'input-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(text: string): string {
  const file = path.join(folder, 'file');
  writeFileSync(file, text);
  return file;
}

test('a file of certificates that is missing, a folder or no certificate is told in one sentence', () => {
  const file = path.join(folder, 'ca.pem');
  expect(() => readCaFile(file)).toThrow(/^The certificates of --ca cannot be read from .*ENOENT/);
  expect(() => readCaFile(folder)).toThrow(/^The certificates of --ca cannot be read from .*EISDIR/);
  writeFileSync(file, '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n');
  expect(() => readCaFile(file)).toThrow(/holds no certificate in PEM/);
});

test('a file of patterns has one in each line, and names the line that is not one', () => {
  const file = write('# ours\n\n/private/\r\n\\.pdf$\n');
  expect(readPatternFile(file).map(({ source }) => source)).toEqual(['\\/private\\/', '\\.pdf$']);
  expect(() => readPatternFile(write('fine\n(open\n'))).toThrow(/^Line 2 of .*file is not a regular expression: /);
  expect(() => readPatternFile(folder)).toThrow(/^The patterns of --exclude-file cannot be read from /);
});
