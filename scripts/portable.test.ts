import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { root } from './workspace.ts';

/** Everything that a bundle for browsers holds, starting at a door. */
async function bundled(door: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(root, door)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    conditions: ['@coloop/source', 'browser'],
    external: ['node:*'],
    metafile: true,
    logLevel: 'silent',
  });
  return Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
}

test('the core and the browser door of the client bundle for browsers, and nothing of Node is in them', async () => {
  for (const door of ['packages/core/src/index.ts', 'packages/http/src/browser.ts']) {
    const inside = await bundled(door);
    expect(inside.length).toBeGreaterThan(10);
    expect(inside.filter((path) => /^node:|\/(undici|ws|socks|tough-cookie)\//.test(path))).toEqual([]);
  }
});

test('a program that imports the package by its name gets the browser door in a browser', async () => {
  const { metafile } = await build({
    stdin: {
      contents: "import { fetch } from '@coloop/http'; console.log(fetch);",
      resolveDir: join(root, 'packages/examples'),
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    conditions: ['@coloop/source', 'browser'],
    metafile: true,
    logLevel: 'silent',
  });
  expect(Object.keys(metafile.inputs)).toContain('packages/http/src/browser.ts');
});
