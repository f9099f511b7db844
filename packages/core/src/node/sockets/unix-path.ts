import { chmodSync, lstatSync, type Stats, unlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { dial } from './connect.ts';
import { ConnectError } from './connect-error.ts';

/** Only the own user may connect. */
const MODE = 0o600;

/**
 * Makes room for a socket at `path`: one that nobody listens on is removed.
 *
 * @throws ConnectError when somebody listens there, or what is there is not a socket.
 */
export function* clearUnixPath(path: string): Operation<void> {
  if (!isFile(path)) return;
  const before = lstat(path);
  if (before === null) return;
  if (!before.isSocket()) {
    throw new ConnectError(`${path} is there, and is not a socket. Remove it, or choose another path.`, 'EEXIST', null);
  }
  if (yield* answers(path)) {
    throw new ConnectError(`Cannot listen on ${path}: somebody else listens there.`, 'EADDRINUSE', null);
  }
  // Another one may have replaced it meanwhile.
  if (lstat(path)?.ino === before.ino) unlinkSync(path);
}

function* answers(path: string): Operation<boolean> {
  try {
    const socket = yield* dial({ host: undefined, port: 0, path, tls: false, label: path });
    socket.destroy();
    return true;
  } catch (error) {
    if (error instanceof ConnectError) return error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT';
    throw error;
  }
}

/** Begins to listen, with the mode of the file right from its beginning. */
export function listenPrivately(server: Server, path: string): void {
  if (!isFile(path)) {
    server.listen(path);
    return;
  }
  // Threads cannot set the mask of the process: there the file has the usual mode for a moment.
  const mask = isMainThread ? process.umask(0o777 & ~MODE) : null;
  try {
    server.listen(path);
  } finally {
    if (mask !== null) process.umask(mask);
  }
  if (mask === null && lstat(path) !== null) chmodSync(path, MODE);
}

/** False for the names of Windows, and for Linux's names without a file. */
function isFile(path: string): boolean {
  return process.platform !== 'win32' && !path.startsWith('\0');
}

function lstat(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}
