import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What a worker is told at its start. */
export interface BootData {
  /** What it runs: ours. */
  readonly entry: string;
  /** What it serves: the user's. */
  readonly module: string;
  /** What gives it the hooks for TypeScript; null where they are not needed. */
  readonly tsx: string | null;
  /** Where it notes the call that runs; a thread only. */
  readonly running?: Int32Array;
}

export function bootData(entry: URL, module: URL): BootData {
  return { entry: entry.href, module: module.href, tsx: needsHooks(entry, module) ? findTsx(module) : null };
}

/** Whether one of the files is TypeScript, and this runtime does not run that by itself. */
function needsHooks(...files: URL[]): boolean {
  if ('deno' in process.versions || 'bun' in process.versions) return false;
  const { typescript } = process.features as { typescript?: unknown };
  return !typescript && files.some(({ pathname }) => /\.[cm]?tsx?$/.test(pathname));
}

function findTsx(module: URL): string {
  const places = [module.protocol === 'file:' ? module : null, pathToFileURL(`${process.cwd()}/`)];
  for (const place of places) {
    if (place === null) continue;
    try {
      // What `require` finds is a copy that looks for its hooks in the wrong place; the module lies beside it.
      return pathToFileURL(
        createRequire(place)
          .resolve('tsx/esm/api')
          .replace(/\.cjs$/, '.mjs'),
      ).href;
    } catch {
      // Not there; what is said below names both ways out.
    }
  }
  throw new TypeError(
    `WorkerPool.open: ${module.pathname} is TypeScript, which Node ${process.versions.node} does not run by itself. Install tsx, or use Node 22.18 or newer, or give the built file.`,
  );
}
