import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program, Workload } from './workload.ts';

/** What takes part: the name in the table, and what is imported. */
type Imports = Readonly<Record<string, string>>;

// As a user's program does it: from the packages as they are built, without a bundle and without a loader.
const SCRIPT = `
await import(process.argv[2]);
const { user, system } = process.cpuUsage();
const wall = performance.now();
globalThis.gc();
const heap = process.memoryUsage().heapUsed;
const rss = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ wall: wall * 1e6, cpu: (user + system) * 1e3, heap, rss }));
`;

const BUILT = fileURLToPath(new URL('../../packages/http/dist/joined/index.js', import.meta.url));

/** What a process costs that imports one thing and ends; `node alone` imports nothing that is not there. */
export function startWorkload(about: string, imports: Imports): Workload {
  const all: Imports = { 'node alone': 'node:events', ...imports };
  return {
    unit: 'start',
    about,
    count: 1,
    measure: 'cpu',
    baseline: 'node alone',
    systems: {},
    programs: Object.fromEntries(Object.entries(all).map(([name, specifier]) => [name, importing(specifier)])),
  };
}

let script = '';

function importing(specifier: string): Program {
  return {
    missing: () =>
      specifier.startsWith('@coloop/') && !existsSync(BUILT) ? 'the packages are not built: run `build` first' : null,
    prepare: (folder) => {
      // There the peers are found. One file for all of them: a name that two workloads share is prepared once.
      script = join(folder, 'start.mjs');
      writeFileSync(script, SCRIPT);
    },
    command: () => [process.execPath, '--expose-gc', script, specifier],
  };
}
