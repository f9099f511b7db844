import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findings } from '../report/findings.fixture.ts';
import { checkReportFile, writeReportFile } from './report-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'report-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a report is written, and checking whether it can be leaves nothing behind', () => {
  const file = path.join(folder, 'report.html');
  checkReportFile(file);
  expect(readdirSync(folder)).toEqual([]);
  writeReportFile(file, findings());
  checkReportFile(file);
  expect(readFileSync(file, 'utf8')).toContain('<!doctype html>');
});

test('a report that cannot be written is told in one sentence', () => {
  for (const file of [folder, path.join(folder, 'missing', 'report.html')]) {
    expect(() => checkReportFile(file)).toThrow(`The report cannot be written to ${file}: `);
    expect(() => writeReportFile(file, findings())).toThrow(`The report cannot be written to ${file}: `);
  }
});
