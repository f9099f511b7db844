import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const MAIN = fileURLToPath(new URL('../../packages/examples/src/site-checker/main.ts', import.meta.url));

/** Makes the site checker one file in `folder`, so that it runs without a loader; returns the file. */
export function makeSiteChecker(folder: string): string {
  const outfile = join(folder, 'site-checker.mjs');
  buildSync({
    entryPoints: [MAIN],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@coloop/source'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}

/** The program of linkinator, which is not among what it exports. */
export const linkinatorMain = (): string => fileURLToPath(new URL('./cli.js', import.meta.resolve('linkinator')));
