import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { firstDifference, surfaceOf } from './surface.ts';
import { readPackage } from './workspace.ts';

const directory = mkdtempSync(join(tmpdir(), 'coloop-surface-'));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

test('the surface shows what each door exports, without private members, and what that mentions', () => {
  write({
    'package.json': JSON.stringify({
      name: '@coloop/sample',
      exports: {
        '.': { '@coloop/source': { browser: './src/browser.ts', default: './src/index.ts' } },
        './more': { '@coloop/source': './src/more.ts' },
        './missing': { '@coloop/source': './src/missing.ts' },
      },
    }),
    'src/index.ts': '',
    'src/browser.ts': '',
    'src/more.ts': '',
    'dist/chunk.d.ts':
      'interface Hidden { size: number }\n/** Told. */\ndeclare class Box { #secret; private own; open(): Hidden; }\nexport { Box };\n',
    'dist/index.d.ts':
      "export { Box } from './chunk.js';\nexport declare function wait(ms: number): void;\nexport declare function wait(at: Date): void;\n",
    'dist/browser.d.ts': 'export declare const limit = 3;\n',
    'dist/more.d.ts': "export { Box as Crate } from './chunk.js';\n",
  });
  expect(surfaceOf(readPackage(directory))).toBe(
    [
      '## @coloop/sample (browser)',
      '',
      'const limit = 3',
      '',
      '## @coloop/sample',
      '',
      'class Box {\n    open(): Hidden;\n}',
      '',
      'function wait(ms: number): void',
      'function wait(at: Date): void',
      '',
      '## @coloop/sample/more',
      '',
      'Crate: Box, as above',
      '',
      '## mentioned, but exported by no door',
      '',
      'interface Hidden {\n    size: number;\n}',
      '',
    ].join('\n'),
  );
});

test('a change of the surface is shown by its first line', () => {
  expect(firstDifference('a\nb\n', 'a\nb\n')).toBeUndefined();
  expect(firstDifference('a\nb\nc', 'a\nx\nc')).toBe('line 2:\n  - b\n  + x');
  expect(firstDifference('a\nb', 'a')).toBe('line 2:\n  - b\n  + (end)');
});
