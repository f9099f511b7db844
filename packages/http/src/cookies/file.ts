/* A cookie jar as a file on the disk: written whole or not at all, read as data that anyone may have written. */
import { type Operation, until } from '@coloop/core';
import { defaultScheduler } from '@coloop/core/lowlevel';
import { ClientError } from '../errors.ts';
import { type CookieRecord, readRecord } from './record.ts';

/**
 * Writes a file, whole or not at all. A new one only its owner may read; one that is there keeps its mode, and a link to it stays.
 *
 * @throws ClientError naming the file, also if something else than a regular file stands there
 */
export function* writeCookieFile(file: string, text: string): Operation<void> {
  try {
    yield* until(writeAtomically(file, text, suffix()));
  } catch (error) {
    throw failed(file, 'written', error);
  }
}

/**
 * Reads the cookies of a file as data.
 *
 * @throws ClientError naming the file, if it cannot be read or is not a cookie file
 */
export function* readCookieFile(file: string): Operation<CookieRecord[]> {
  let text: string;
  try {
    text = yield* until(readText(file));
  } catch (error) {
    throw failed(file, 'read', error);
  }
  const cookies = cookiesOf(text);
  if (cookies === undefined) {
    throw new ClientError(
      `The file ${file} is not a cookie file: give JSON with a list named "cookies", as CookieJar.save writes it.`,
      {
        code: 'COOKIE_FILE',
      },
    );
  }
  return cookies.map(readRecord).filter((record) => record !== undefined);
}

function cookiesOf(text: string): unknown[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !Object.hasOwn(parsed, 'cookies')) return undefined;
  const { cookies } = parsed as { cookies: unknown };
  return Array.isArray(cookies) ? cookies : undefined;
}

// Imported when it is needed: a jar itself runs if there are no files.
async function readText(file: string): Promise<string> {
  const { readFile, stat } = await import('node:fs/promises');
  // A FIFO that nobody writes to would be waited for without end.
  checkRegular(await stat(file), file);
  return readFile(file, 'utf8');
}

async function writeAtomically(file: string, text: string, unique: string): Promise<void> {
  const { open, rename, unlink } = await import('node:fs/promises');
  const { path, mode } = await placeOf(file);
  const beside = `${path}.${unique}.tmp`;
  // "wx" refuses a file, or a link, that somebody else laid there.
  const handle = await open(beside, 'wx', 0o600);
  try {
    try {
      await handle.writeFile(text);
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
  } catch (error) {
    await unlink(beside).catch(() => {});
    throw error;
  }
}

/** Where the jar lies, behind all links, and who may read it. */
async function placeOf(file: string): Promise<{ readonly path: string; readonly mode: number }> {
  const { lstat, realpath, stat } = await import('node:fs/promises');
  const found = await lstat(file).catch(ignore);
  if (found === undefined) return { path: file, mode: OWNER_ALONE };
  const path = found.isSymbolicLink() ? await realpath(file) : file;
  const target = await stat(path);
  checkRegular(target, file);
  const mode = target.mode & 0o777;
  // Whoever may write to a jar may put cookies into every request.
  return { path, mode: (mode & WRITABLE_BY_OTHERS) === 0 ? mode : OWNER_ALONE };
}

const OWNER_ALONE = 0o600;
const WRITABLE_BY_OTHERS = 0o022;

function checkRegular(stats: { isFile(): boolean; isDirectory(): boolean }, file: string): void {
  if (stats.isFile()) return;
  const what = stats.isDirectory() ? 'a directory' : 'a special file';
  throw new ClientError(`The cookie file ${file} is ${what}: give the path of a regular file.`, { code: 'NOT_A_FILE' });
}

function ignore(): undefined {}

function suffix(): string {
  const bytes = defaultScheduler().entropy(new Uint8Array(6));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function failed(file: string, what: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new ClientError(`The cookie file ${file} could not be ${what}: ${error.message}.`, {
    code: 'code' in error ? String(error.code) : undefined,
    cause: error,
  });
}
