import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findRoot, openLibrary } from './library.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'library-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
}

function pkg(folder: string, version: string, files: Record<string, string>): void {
  write(`${folder}/package.json`, JSON.stringify({ version }));
  for (const [name, text] of Object.entries(files)) write(`${folder}/${name}`, text);
}

describe('a library in the layout of npm', () => {
  test('lists the Markdown of every package under its name and version, in order', () => {
    pkg('node_modules/beta', '2.0.0', { 'README.md': '# Beta', 'docs/guide.md': '# Guide', LICENSE: 'MIT' });
    pkg('node_modules/@scope/alpha', '1.2.3', { 'readme.md': '# Alpha' });
    pkg('node_modules/silent', '0.1.0', { 'index.js': '' });
    expect(openLibrary(root).documents.map((document) => document.path)).toEqual([
      '/@scope/alpha@1.2.3/readme.md',
      '/beta@2.0.0/docs/guide.md',
      '/beta@2.0.0/README.md',
    ]);
  });

  test('leaves out folders of code, changelogs, licences and documents too long to be of use', () => {
    pkg('node_modules/beta', '2.0.0', {
      'README.md': '# Beta',
      'dist/notes.md': '# Built',
      'CHANGELOG.md': '# 2.0.0',
      'license.md': '# MIT',
      'docs/all.md': 'x'.repeat(200_000),
    });
    expect(openLibrary(root).documents.map((document) => document.path)).toEqual(['/beta@2.0.0/README.md']);
  });

  test('finds the other files and folders of a package that has documents', () => {
    pkg('node_modules/beta', '2.0.0', { 'README.md': '# Beta', 'docs/a b.md': '', LICENSE: 'MIT' });
    const library = openLibrary(root);
    expect(library.find('/beta@2.0.0/LICENSE')?.kind).toBe('file');
    expect(library.find('/beta@2.0.0/docs/')?.kind).toBe('folder');
    expect(library.find('/beta@2.0.0/docs/a%20b.md')?.kind).toBe('file');
    expect(library.find('/beta@2.0.0/missing')).toBeUndefined();
    expect(library.find('/beta@1.0.0/LICENSE')).toBeUndefined();
  });

  test('never leads out of a package', () => {
    write('secret.txt', 'secret');
    pkg('node_modules/beta', '2.0.0', { 'README.md': '# Beta' });
    symlinkSync(path.join(root, 'secret.txt'), path.join(root, 'node_modules/beta/link.txt'));
    const library = openLibrary(root);
    expect(library.find('/beta@2.0.0/%2e%2e/%2e%2e/secret.txt')).toBeUndefined();
    expect(library.find('/beta@2.0.0/../../secret.txt')).toBeUndefined();
    expect(library.find('/beta@2.0.0/link.txt')).toBeUndefined();
    expect(library.find('/beta@2.0.0/%ff')).toBeUndefined();
    expect(library.find('/beta@2.0.0/%00')).toBeUndefined();
  });

  test('says what to do where nothing is installed', () => {
    mkdirSync(path.join(root, 'node_modules'));
    expect(() => openLibrary(root)).toThrow(/install the dependencies/);
  });
});

describe('a library in the layout of pnpm', () => {
  test('takes each package once, in its highest version', () => {
    pkg('node_modules/.pnpm/beta@2.0.0/node_modules/beta', '2.0.0', { 'README.md': '# Two' });
    pkg('node_modules/.pnpm/beta@10.0.0/node_modules/beta', '10.0.0', { 'README.md': '# Ten' });
    symlinkSync(
      path.join(root, 'node_modules/.pnpm/beta@10.0.0/node_modules/beta'),
      path.join(root, 'node_modules/beta'),
    );
    expect(openLibrary(root).documents.map((document) => document.path)).toEqual(['/beta@10.0.0/README.md']);
  });

  test('is found from a folder deep inside the workspace', () => {
    pkg('node_modules/.pnpm/beta@2.0.0/node_modules/beta', '2.0.0', { 'README.md': '# Two' });
    mkdirSync(path.join(root, 'packages/member/node_modules'), { recursive: true });
    mkdirSync(path.join(root, 'packages/member/src'), { recursive: true });
    expect(findRoot(path.join(root, 'packages/member/src'))).toBe(root);
  });
});
