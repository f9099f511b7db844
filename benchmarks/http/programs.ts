import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pythonProgram } from '../harness/python.ts';
import type { Program } from '../harness/workload.ts';
import type { Shape } from './clients.ts';

const script = fileURLToPath(new URL('./peers.py', import.meta.url));
/** How many requests wrk makes in a second, roughly: it takes a time, and not a count. */
const WRK_PER_SECOND = { small: 40_000, large: 200 } as const;

/** The clients that are not written in JavaScript. */
export function programsFor(shape: Shape): Record<string, Program> {
  const wrk: Program = {
    missing: () => (spawnSync('wrk', ['-v']).error === undefined ? null : 'no wrk on the PATH'),
    command: (_name, units) => {
      const seconds = Math.max(1, Math.round(units / WRK_PER_SECOND[shape.file.size > 65_536 ? 'large' : 'small']));
      const file = fileURLToPath(new URL('./wrk.ts', import.meta.url));
      return [process.execPath, ...process.execArgv, file, shape.file.path, String(shape.connections), String(seconds)];
    },
  };
  const aiohttp = pythonProgram(script, 'import aiohttp', 'aiohttp', 'asyncio');
  const uvloop = pythonProgram(script, 'import aiohttp, uvloop', 'aiohttp and uvloop', 'uvloop');
  // wrk has no limit per request.
  return { 'aiohttp uvloop': uvloop, 'aiohttp asyncio': aiohttp, ...(shape.timeout === undefined ? { wrk } : {}) };
}
