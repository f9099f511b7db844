/**
 * Where the files of a worker lie. This one stands directly in `node/`, since the build for Node joins it into the door
 * there, and what is beside it has to be found from both places.
 */

/** What a worker runs first: plain JavaScript in every form of this package. */
export const BOOT = new URL('./workers/boot.js', import.meta.url);

/** What it runs then. */
export const THREAD_ENTRY = entry('thread');
export const PROCESS_ENTRY = entry('process');

function entry(kind: string): URL {
  const extension = /\.ts(\?|$)/.test(import.meta.url) ? 'ts' : 'js';
  return new URL(`./workers/${kind}-entry.${extension}`, import.meta.url);
}
