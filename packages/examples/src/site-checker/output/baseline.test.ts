import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findings, SITE } from '../report/findings.fixture.ts';
import { isKnown, readBaseline, writeBaseline } from './baseline.ts';
import { renderFormat } from './format.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'baseline-'));
  file = path.join(folder, 'known.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const gone = { page: SITE, link: `${SITE}gone`, problem: { why: 'status', text: 'answered 404' } } as const;

test('a finding that was written is known, also with another text, and not with another reason', () => {
  writeBaseline(file, [gone]);
  const known = readBaseline(file, false);
  expect(isKnown(known, { ...gone, problem: { why: 'status', text: 'answered 410' } })).toBe(true);
  expect(isKnown(known, { ...gone, problem: { why: 'timeout', text: '' } })).toBe(false);
  expect(isKnown(known, { ...gone, page: `${SITE}b` })).toBe(false);
});

test('what --format json prints is a baseline too', () => {
  writeFileSync(file, renderFormat('json', findings({ broken: [gone] })));
  expect(isKnown(readBaseline(file, false), gone)).toBe(true);
});

test('a file that is missing is one only before the first update', () => {
  expect(readBaseline(file, true).size).toBe(0);
  expect(() => readBaseline(file, false)).toThrow(/^The baseline cannot be read from .*ENOENT/);
});

test('a file that is not a baseline is reported in one sentence', () => {
  for (const text of ['{}', '{"findings": [1]}', '{"findings": [{"page": 1}]}']) {
    writeFileSync(file, text);
    expect(() => readBaseline(file, true)).toThrow(/has no list of findings: write it with --update-baseline$/);
  }
  expect(() => writeBaseline(folder, [])).toThrow(/^The baseline cannot be written to /);
});
