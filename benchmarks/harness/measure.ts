// Runs each system in a process of its own, in alternating order, so that a drift of the machine meets them all.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Sample } from './sample.ts';
import type { Workload } from './workload.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

/** The samples of one workload, by system. */
export type Samples = Map<string, Sample[]>;

/** Measures everything; `tell` is called with a line for people while it runs. */
export interface Measurer {
  measure(name: string, workload: Workload, runs: number): Promise<Samples>;
  close(): void;
}

/** Bundles the worker once, so that what is measured is the product as it is shipped: one file, without types. */
export async function createMeasurer(tell: (line: string) => void): Promise<Measurer> {
  // Inside of the package, so that the peers are found.
  const folder = mkdtempSync(join(root, '.bundle-'));
  await build({
    entryPoints: [join(here, 'worker.ts')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@coloop/source'],
    external: ['effect', 'effection', 'co', '@redux-saga/core', '@redux-saga/core/effects'],
    logLevel: 'error',
  });
  const python = hasPython();
  return {
    measure: async (name, workload, runs) => {
      const samples: Samples = new Map();
      const systems = [...Object.keys(workload.systems), ...(python ? ['asyncio'] : [])];
      for (let run = 0; run < runs; run++) {
        // Every other round runs backwards: who comes first is not always the same.
        for (const system of run % 2 === 0 ? systems : systems.toReversed()) {
          const count = workload.counts?.[system] ?? workload.count;
          tell(`${name}: ${system}, run ${run + 1} of ${runs}`);
          const sample =
            system === 'asyncio'
              ? await sampleOf('python3', [join(root, 'core', 'peers.py'), name, String(count)])
              : await sampleOf(process.execPath, [
                  '--expose-gc',
                  join(folder, 'worker.mjs'),
                  name,
                  system,
                  String(count),
                ]);
          if (sample !== null) samples.set(system, [...(samples.get(system) ?? []), sample]);
        }
      }
      return samples;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function hasPython(): boolean {
  return spawnSync('python3', ['-c', 'import asyncio; asyncio.timeout'], { cwd: tmpdir() }).status === 0;
}

/** One process; null where the system does not do this workload. */
function sampleOf(command: string, args: readonly string[]): Promise<Sample | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`${command} ${args.slice(-3).join(' ')} ended with code ${code}.`));
      else resolve(out.trim() === '' ? null : (JSON.parse(out) as Sample));
    });
  });
}
