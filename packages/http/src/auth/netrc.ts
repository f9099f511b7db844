/* Credentials from a netrc file, as Basic authentication. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Operation, until } from '@coloop/core';
import { invalid } from '../checks.ts';
import { InvalidOptionError, messageOf } from '../errors.ts';
import type { Auth, Next, Request } from '../request/request.ts';
import type { Response } from '../response/response.ts';
import { BasicAuth } from './basic.ts';
import { findNetrc, type NetrcEntry, parseNetrc } from './netrc-file.ts';

/**
 * Sends the credentials that a netrc file holds for the host of each request, as Basic authentication; none if it
 * holds none.
 *
 * The file is read at the first request and kept. Without a path it is `$NETRC`, else `.netrc` in the home directory
 * (`_netrc` on Windows), and may be missing; a path that you give has to exist.
 *
 * @param path - the file
 * @throws InvalidOptionError (from the request) for a file that cannot be read, and for an entry of its host that cannot be
 *   understood; entries of other hosts do not matter
 * @example
 * ```ts no-run
 * const session = yield* Session.open({ auth: new NetrcAuth() });
 * ```
 *
 * Source: netrc(5); the file's place as in curl and Python's `netrc`.
 */
export class NetrcAuth implements Auth {
  readonly path: string | undefined;
  #entries: readonly NetrcEntry[] | undefined;

  constructor(path?: string) {
    if (path !== undefined && (typeof path !== 'string' || path === '' || path.includes('\0'))) {
      throw invalid('The path given to NetrcAuth', path, 'give the path of a file');
    }
    this.path = path;
  }

  *apply(request: Request, next: Next): Operation<Response> {
    this.#entries ??= yield* this.#load();
    const entry = findNetrc(this.#entries, request.url.hostname);
    if (entry === undefined) return yield* next(request);
    return yield* new BasicAuth(entry.login, entry.password).apply(request, next);
  }

  *#load(): Operation<readonly NetrcEntry[]> {
    const file = this.path ?? defaultPath();
    let text: string;
    try {
      text = yield* until(readFile(file, 'utf8'));
    } catch (error) {
      if (this.path === undefined && isMissing(error)) return [];
      throw new InvalidOptionError(
        `The netrc file ${file} cannot be read (${messageOf(error)}): give the path of a file that can be.`,
        { cause: error },
      );
    }
    return parseNetrc(text, file);
  }
}

function defaultPath(): string {
  const named = process.env.NETRC;
  if (named !== undefined && named !== '') return named;
  return join(homedir(), process.platform === 'win32' ? '_netrc' : '.netrc');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
