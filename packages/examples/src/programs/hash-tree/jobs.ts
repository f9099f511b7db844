/** What a worker does: it hashes one file, piece by piece. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { forEach, type Operation, stream } from '@coloop/core';

export function* hashFile(path: string): Operation<string> {
  const hash = createHash('sha256');
  yield* forEach(stream(createReadStream(path)), (chunk: Buffer) => void hash.update(chunk));
  return hash.digest('hex');
}
