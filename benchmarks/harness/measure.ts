// Runs each system in a process of its own, in alternating order, so that a drift of the machine meets them all.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Sample } from './sample.ts';
import type { Program, Workload } from './workload.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

/** The samples of one workload, by system. */
export type Samples = Map<string, Sample[]>;

/** How a workload is measured. */
export interface Choice {
  /** How often each system is. */
  readonly runs: number;
  /** Leaves out the others. */
  readonly only: (system: string) => boolean;
  /** What each load gets; the number of units by default. */
  readonly size?: number;
}

/** Measures everything; `tell` is called with a line for people while it runs. */
export interface Measurer {
  /** Every system that was chosen, so often as was chosen. */
  measure(name: string, workload: Workload, choice: Choice): Promise<Samples>;
  /** Programs that are not on this machine, and why: known after they were asked for. */
  readonly skipped: ReadonlyMap<string, string>;
  /** What ended with an error: the rest is measured all the same. */
  readonly failed: readonly string[];
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
    // What is CommonJS in the bundle asks for Node's modules with `require`.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    external: [
      'effect',
      'effection',
      'co',
      '@redux-saga/core',
      '@redux-saga/core/effects',
      'got',
      'axios',
      'ky',
      'undici',
    ],
    logLevel: 'error',
  });
  const skipped = new Map<string, string>();
  const failed: string[] = [];
  const isHere = rememberMissing(skipped, folder);
  const worker = [process.execPath, '--expose-gc', join(folder, 'worker.mjs')];
  return {
    skipped,
    failed,
    measure: async (name, workload, { runs, only, size }) => {
      const samples: Samples = new Map();
      const chosen = Object.entries(workload.programs ?? {}).filter(([system]) => only(system));
      const programs = chosen.filter(([system, program]) => isHere(system, program)).map(([system]) => system);
      const systems = [...Object.keys(workload.systems).filter(only), ...programs];
      for (let run = 0; run < runs; run++) {
        // Every other round runs backwards: who comes first is not always the same.
        for (const system of run % 2 === 0 ? systems : systems.toReversed()) {
          const units = workload.counts?.[system] ?? workload.count;
          tell(`${name}: ${system}, run ${run + 1} of ${runs}`);
          const program = workload.programs?.[system];
          const command = program?.command(name, units, size ?? units) ?? [
            ...worker,
            name,
            system,
            String(units),
            String(size ?? units),
          ];
          try {
            const sample = await sampleOf(command);
            if (sample !== null) samples.set(system, [...(samples.get(system) ?? []), sample]);
          } catch (error) {
            failed.push(`${system} in ${name}: ${error instanceof Error ? error.message : String(error)}`);
          }
        }
      }
      return samples;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Asks each program once whether it can run here, and prepares it then. */
function rememberMissing(skipped: Map<string, string>, folder: string): (system: string, program: Program) => boolean {
  const known = new Map<string, boolean>();
  return (system, program) => {
    const before = known.get(system);
    if (before !== undefined) return before;
    const reason = program.missing();
    if (reason === null) program.prepare?.(folder);
    else skipped.set(system, reason);
    known.set(system, reason === null);
    return reason === null;
  };
}

/** One process; null where the system does not do this workload. */
function sampleOf([command = '', ...args]: readonly string[]): Promise<Sample | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`${command} ${args.slice(-3).join(' ')} ended with code ${code}`));
      else resolve(out.trim() === '' ? null : (JSON.parse(out) as Sample));
    });
  });
}
