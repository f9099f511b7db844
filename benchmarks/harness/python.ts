import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { Program } from './workload.ts';

const found = new Map<string, string | undefined>();

/** The first Python that runs `check` without an error: the one of the PATH, else the system's own. */
function pythonWith(check: string): string | undefined {
  if (!found.has(check)) {
    const runs = (python: string): boolean => spawnSync(python, ['-c', check], { cwd: tmpdir() }).status === 0;
    found.set(check, ['python3', '/usr/bin/python3'].find(runs));
  }
  return found.get(check);
}

/** A script for Python, which gets the name of the workload, the units, the size and `extra`. */
export function pythonProgram(script: string, check: string, needs: string, ...extra: string[]): Program {
  return {
    missing: () => (pythonWith(check) === undefined ? `no Python with ${needs}` : null),
    command: (name, units, size) => [
      pythonWith(check) ?? 'python3',
      script,
      name,
      String(units),
      String(size),
      ...extra,
    ],
  };
}
