import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Program } from './workload.ts';

/** A Go program of one file, built once into the folder of the run. It gets the workload, the units and the size. */
export function goProgram(source: string): Program {
  let built = '';
  return {
    missing: () => (spawnSync('go', ['version']).error === undefined ? null : 'no go on the PATH'),
    prepare: (folder) => {
      built = join(folder, 'go-peers');
      // One file of the standard library: neither a module nor the network has a part in it.
      const env = { ...process.env, GO111MODULE: 'off', GOFLAGS: '', GOPROXY: 'off' };
      const { status, stderr } = spawnSync('go', ['build', '-o', built, source], { env, encoding: 'utf8' });
      if (status !== 0) throw new Error(`go build ${source} failed:\n${stderr}`);
    },
    command: (name, units, size) => [built, name, String(units), String(size)],
  };
}
