import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { merge, nodeFolder, readResults, writeResults } from './results.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'results-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const one = (name: string, value = 1) => ({ name, value });

test('what was measured replaces its namesake and leaves the others, in the order of the workloads', () => {
  const before = [one('switch'), one('queue'), one('gone')];
  const names = ['switch', 'gather', 'queue'];
  expect(merge(before, one('queue', 2), names)).toEqual([one('switch'), one('queue', 2)]);
  expect(merge(before, one('gather', 3), names)).toEqual([one('switch'), one('gather', 3), one('queue')]);
});

test('each major of Node has a folder', () => {
  expect(nodeFolder('v20.20.2')).toBe('node-20');
  expect(nodeFolder('v26.0.0')).toBe('node-26');
});

test('what is written is read again, with four digits', () => {
  const measured = {
    date: '2026-01-02',
    node: 'v20.1.0',
    platform: 'linux x64',
    cpu: 'a CPU',
    cpus: 2,
    memory: 8,
    runs: 5,
  };
  const lines = [{ system: 'coloop', points: [{ at: 1_000, value: 12.345678 }] }];
  const curve = {
    name: 'growth',
    about: '',
    across: '',
    isPercentiles: false,
    measured,
    figures: [{ name: 'ns', lines }],
  };
  writeResults(folder, { core: [], http: [], workers: [], site: [], scaling: [curve] });
  expect(readResults(folder)).toMatchObject({
    core: [],
    http: [],
    scaling: [{ ...curve, figures: expect.anything() }],
  });
  expect(readResults(folder).scaling[0]?.figures[0]?.lines[0]?.points[0]?.value).toBe(12.35);
});

test('a group of which nothing was measured has no file', () => {
  writeResults(folder, { core: [], http: [], workers: [], site: [], scaling: [] });
  expect(readdirSync(folder)).toEqual([]);
  expect(readResults(folder)).toEqual({ core: [], http: [], workers: [], site: [], scaling: [] });
});

test('a figure that does not exist is null', () => {
  const lines = [{ system: 'coloop', points: [{ at: 1, value: Number.NaN }] }];
  const measured = { date: '', node: '', platform: '', cpu: '', cpus: 1, memory: 1, runs: 1 };
  const curve = {
    name: 'growth',
    about: '',
    across: '',
    isPercentiles: false,
    measured,
    figures: [{ name: 'ns', lines }],
  };
  writeResults(folder, { core: [], http: [], workers: [], site: [], scaling: [curve] });
  expect(readFileSync(join(folder, 'scaling.json'), 'utf8')).toContain('"value": null');
});
