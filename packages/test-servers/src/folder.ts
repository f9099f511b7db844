/** A folder for as long as a test or a server needs it. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Closable } from './closable.ts';

export interface Folder extends Closable {
  readonly path: string;
}

/**
 * Makes a folder below the system's own for temporary files; closing it removes it with all that is in it by then.
 *
 * @param files what it holds at first, by name
 */
export async function makeFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'coloop-'));
  // A server that is started by root reads it as another user.
  await chmod(path, 0o755);
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return { path, close: () => rm(path, { recursive: true, force: true }) };
}
