import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Inspection } from '../../inspect/inspection.ts';
import { show } from '../../kernel/operation/options.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import type { Connection } from '../sockets/connection.ts';
import { listen } from '../sockets/listen.ts';

const OWN = 0o700;
const OTHERS = 0o077;
/** How long the program stands still at once while it is looked at, in ms. */
const SLICE = 10;

/**
 * Lets `coloop ps PATH` ask this program for its tasks over a unix socket, until the scope ends: in containers, and where no
 * inspector may be opened, as on shared hosts.
 *
 * Only the own user may connect. The directory is made where it is missing, with mode 0700. A socket that was left behind, on which
 * nobody listens, is replaced; anything else at that path is refused.
 *
 * Cancellation: nothing listens.
 *
 * @param path where the socket is made, in a directory that only the own user may enter
 * @throws TypeError if `path` is not a text; Error if other users may enter the directory; ConnectError if the path is taken.
 * @example
 * ```ts no-run
 * import { sleep } from '@coloop/core';
 * import { listenInspect, main } from '@coloop/core/node';
 *
 * await main(function* () {
 *   yield* listenInspect('/run/user/1000/shop/coloop.sock');
 *   yield* sleep(60_000);
 * });
 * ```
 */
export function listenInspect(path: string): Operation<void> {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(
      `listenInspect takes the path of a socket, not ${show(path)}. Give one in a directory of yours.`,
    );
  }
  return listening(resolve(path));
}

function* listening(path: string): Operation<void> {
  checkDirectory(dirname(path));
  yield* listen({ path }, answer);
}

function checkDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: OWN });
  const { mode, uid } = statSync(directory);
  if (process.platform === 'win32' || ((mode & OTHERS) === 0 && uid === process.getuid?.())) return;
  throw new Error(
    `listenInspect: other users may enter ${directory} (mode ${(mode & 0o777).toString(8)}). Give a path in a directory of yours with mode 700.`,
  );
}

/** Every part of the tree is a line: where the copy was loaded from, then lists of tasks. */
function* answer(peer: Connection): Operation<void> {
  yield* peer.write(`${JSON.stringify({ from: import.meta.url ?? 'a bundle' })}\n`);
  const look = new Inspection();
  for (let some = look.next(SLICE); some !== null; some = look.next(SLICE)) {
    yield* peer.write(`${JSON.stringify(some)}\n`);
  }
  yield* peer.end();
}
