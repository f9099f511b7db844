/**
 * Hashes every file below a folder on all cores, with a progress bar.
 *
 * `example hash-tree [FOLDER] [WORKERS]`; without arguments the sources of these examples, with as many workers as the machine runs at
 * once. The lines are those of `sha256sum`, so that `sha256sum --check` takes them; a file that cannot be read is told and
 * the others go on.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { attempt, gather, group, type Operation } from '@coloop/core';
import { WorkerPool } from '@coloop/core/node';
import { startExample } from '../shared/start-example.ts';
import { type File, filesIn } from './hash-tree/files-in.ts';
import { showBar, type TreeProgress } from './hash-tree/progress.ts';

const JOBS = new URL('./hash-tree/jobs.ts', import.meta.url);
/** Files at a time in each worker: while one is read from the disk, another one is hashed. */
const PER_WORKER = 4;

/** @returns the lines, and how many files could not be read */
export function* hashTree(folder: string, size: number): Operation<{ lines: string[]; failures: number }> {
  const files = yield* filesIn(folder);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const progress = { bytes: 0, ofBytes: total, files: 0, ofFiles: files.length };
  const hashes = yield* group(function* (g) {
    g.spawn(showBar(progress, process.stderr), { daemon: true });
    return yield* hashAll(files, size, progress);
  });
  const lines = files.flatMap(({ path }, i) => (hashes[i] == null ? [] : [`${hashes[i]}  ${path}`]));
  return { lines, failures: files.length - lines.length };
}

/** @returns the hash of each file, or null where it cannot be read */
export function* hashAll(files: readonly File[], size: number, progress: TreeProgress): Operation<(string | null)[]> {
  const pool = yield* WorkerPool.open<typeof import('./hash-tree/jobs.ts')>(JOBS, { size });
  return yield* gather(
    files.map(function* (file) {
      const hashed = yield* attempt(pool.call('hashFile', file.path));
      progress.bytes += file.size;
      progress.files++;
      if (hashed.ok) return hashed.value;
      console.error(`${file.path}: ${(hashed.error as Error).message}`);
      return null;
    }),
    { concurrency: size * PER_WORKER },
  );
}

function* program(): Operation<void> {
  const [folder = fileURLToPath(new URL('..', import.meta.url)), size = String(availableParallelism())] =
    process.argv.slice(2);
  if (!/^[1-9]\d?$/.test(size)) {
    console.error(
      `'${size}' is not a number of workers: give a whole number from 1 to 99, as in \`example hash-tree . 4\`.`,
    );
    process.exitCode = 2;
    return;
  }
  const { lines, failures } = yield* hashTree(folder, Number(size));
  for (const line of lines) console.log(line);
  if (failures > 0) process.exitCode = 1;
}

await startExample(import.meta.url, program);
