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

test('a file of JSON that is none, or no object, is told in one sentence', () => {
  expect(readJsonFile('The configuration', write('{"limit": 5}'))).toEqual({ limit: 5 });
  expect(() => readJsonFile('The configuration', write('{"limit"'))).toThrow(/^The configuration in .* is no JSON: /);
  expect(() => readJsonFile('The configuration', write('[1]'))).toThrow(
    /^The configuration in .* is no object of JSON/,
  );
});
