/* What stands at the places of a download: only regular files of our own are written to, and never through a link. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { ClientError } from '../errors.ts';

/** The permissions of a file that stands at the place of a download already; the download keeps them. */
export interface FilePlace {
  /** Undefined where there is no file yet. */
  readonly mode: number | undefined;
}

/**
 * Looks at the place that a download is to have.
 *
 * @throws ClientError for a link, a directory or a special file, which the complete file would take the place of
 */
export async function placeOf(file: string): Promise<FilePlace> {
  const found = await statsAt(file);
  if (found === undefined) return { mode: undefined };
  if (found.isFile()) return { mode: found.mode & 0o777 };
  const [code, advice] = found.isSymbolicLink()
    ? ['ELOOP', 'give the path that it leads to']
    : [found.isDirectory() ? 'EISDIR' : NOT_A_FILE, 'give the path of a file'];
  throw new ClientError(`The file ${file} is ${kindOf(found)}, which a download would replace: ${advice}.`, { code });
}

/**
 * What stands at a place beside the file; undefined for nothing.
 *
 * @throws ClientError for anything but a regular file: it was not left by a download
 */
export async function fileAt(beside: string, file: string): Promise<Stats | undefined> {
  const found = await statsAt(beside);
  if (found === undefined || found.isFile()) return found;
  const code = found.isSymbolicLink() ? 'ELOOP' : found.isDirectory() ? 'EISDIR' : NOT_A_FILE;
  throw new ClientError(
    `The file ${file} could not be opened: ${code}, ${beside} is ${kindOf(found)} that no download left there. Remove it.`,
    { code },
  );
}

/** Whether nobody else can have laid it there, or has it under another name. */
export function isOurs(stats: Stats): boolean {
  return stats.nlink === 1 && (process.geteuid?.() ?? stats.uid) === stats.uid;
}

/**
 * Opens a file that is there, if it is ours; undefined for what is not.
 *
 * It is the opened file that is judged: at its place another one may stand by now.
 */
export async function openOurs(path: string, access: number): Promise<FileHandle | undefined> {
  const handle = await open(path, access | NO_FOLLOW | NO_WAIT);
  try {
    const stats = await handle.stat();
    if (stats.isFile() && isOurs(stats)) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** Makes a file where there is nothing. */
export function openNew(path: string, mode: number): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, mode);
}

const NOT_A_FILE = 'NOT_A_FILE';
/** Windows has no such flags. */
const NO_FOLLOW = (constants.O_NOFOLLOW as number | undefined) ?? 0;
/** A FIFO would wait for its other end. */
const NO_WAIT = (constants.O_NONBLOCK as number | undefined) ?? 0;

async function statsAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}
