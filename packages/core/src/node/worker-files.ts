/**
 * Where the files of a worker lie. This one stands directly in `node/`, since the build for Node joins it into the door
 * there, and what is beside it has to be found from both places.
 */
import { existsSync } from 'node:fs';
import { WorkerLoadError } from '../workers/errors.ts';

/** Nothing in a bundle in the form of CommonJS, which must load all the same: who opens no pool needs none of the files. */
const HERE = import.meta.url as string | undefined;

/** What a worker runs first: plain JavaScript in every form of this package. */
export function bootFile(): URL {
  return beside('boot.js');
}

/** What it runs then. */
export function entryFile(kind: 'thread' | 'process'): URL {
  return beside(`${kind}-entry.${/\.ts(\?|$)/.test(HERE ?? '') ? 'ts' : 'js'}`);
}

function beside(name: string): URL {
  const file = HERE === undefined ? null : new URL(`./workers/${name}`, HERE);
  if (file !== null && existsSync(file)) return file;
  throw new WorkerLoadError(
    `WorkerPool.open: ${name}, with which a worker starts, is not beside the library, which a bundler has put into a file ` +
      'of the program. Keep it out of the bundle, as with `esbuild --external:@coloop/core`.',
  );
}
