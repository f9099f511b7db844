/**
 * A download with a progress bar that survives a dropped connection.
 *
 * The server cuts the first connection in the middle. The client asks for the rest with Range and If-Range, so that two
 * versions of a file are never mixed, and puts the file into its place when it is complete.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { acquire, type Operation, until } from '@coloop/core';
import { type Progress, Session } from '@coloop/http';
import { httpServer, temporaryFolder } from '@coloop/test-servers/resources';
import { startExample } from '../shared/start-example.ts';

const CHUNK = 65_536;

/** Serves one file with ranges, a chunk every few milliseconds, and cuts the first connection after 40 of 100 parts. */
function droppingServer(file: Uint8Array): RequestListener {
  let requests = 0;
  return (request: IncomingMessage, response: ServerResponse) => {
    requests += 1;
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const cutAt = requests === 1 ? file.length * 0.4 : Number.POSITIVE_INFINITY;
    console.log(from === 0 ? '  server: asked for the file' : `  server: asked for the rest, from byte ${from}`);
    const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` };
    const length = file.length - from;
    response.writeHead(from === 0 ? 200 : 206, {
      etag: '"1"',
      'accept-ranges': 'bytes',
      'content-length': length,
      ...range,
    });
    const write = (at: number): void => {
      if (at >= cutAt) {
        console.log('  server: cuts the connection');
        response.destroy();
      } else if (at >= file.length) response.end();
      else response.write(file.subarray(at, at + CHUNK), () => setTimeout(write, 5, at + CHUNK));
    };
    write(from);
  };
}

/** Draws a bar: over itself on a terminal, a new line for every fifth elsewhere. */
function progressBar(): (progress: Progress) => void {
  let drawn = -1;
  return ({ bytes, total = bytes }) => {
    const width = process.stdout.isTTY ? 40 : 5;
    const filled = Math.floor((bytes / total) * width);
    if (filled === drawn && bytes < total) return;
    drawn = filled;
    const bar = `[${'#'.repeat(filled).padEnd(width, '.')}] ${Math.floor((filled / width) * 100)} %`;
    if (process.stdout.isTTY) process.stdout.write(`\r${bar}${bytes === total ? '\n' : ''}`);
    else console.log(bar);
  };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

export function* downloading(): Operation<void> {
  const original = randomBytes(40 * CHUNK);
  const server = yield* acquire(httpServer(droppingServer(original)));
  const folder = yield* acquire(temporaryFolder());
  const file = join(folder.path, 'file.bin');

  const session = yield* Session.open();
  const result = yield* session.download(`${server.url}/file.bin`, file, {
    onProgress: progressBar(),
  });

  const copy = yield* until(readFile(file));
  console.log(
    `${result.bytes} bytes over ${server.accepted} connections; the copy is ${sha256(copy) === sha256(original) ? 'whole' : 'broken'}`,
  );
}

await startExample(import.meta.url, downloading);
