import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { forEach, type Operation, stream, until } from '@coloop/core';

/** A file and how many bytes it has. */
export interface File {
  readonly path: string;
  readonly size: number;
}

/** All plain files below a folder, sorted by their paths; links are not followed, since they may lead round in a circle. */
export function* filesIn(folder: string): Operation<File[]> {
  const files: File[] = [];
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const inside = at;
    const entries = yield* until(opendir(inside));
    yield* forEach(stream(entries), function* (entry) {
      const path = join(inside, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push({ path, size: (yield* until(lstat(path))).size });
    });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
