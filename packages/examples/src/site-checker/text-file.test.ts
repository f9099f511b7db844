import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readJsonFile } from './text-file.ts';

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

test('a file that is not JSON, or not an object, is reported in one sentence', () => {
  expect(readJsonFile('The configuration', write('{"limit": 5}'))).toEqual({ limit: 5 });
  expect(() => readJsonFile('The configuration', write('{"limit"'))).toThrow(/^The configuration in .* is not JSON: /);
  expect(() => readJsonFile('The configuration', write('[1]'))).toThrow(
    /^The configuration in .* is not an object of JSON/,
  );
});
