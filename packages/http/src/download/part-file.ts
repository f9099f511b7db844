/* The file of a download while it grows: its part, the note beside it, and the move to its place. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Operation, until } from '@coloop/core';
import { ClientError } from '../errors.ts';
import { fileAt, isOurs, openNew, openOurs, placeOf } from './place.ts';
import type { Partial } from './plan.ts';

/** The files that downloads of this process are writing: two that wrote one would leave a mixture, and call it complete. */
const growing = new Set<string>();

/**
 * A file that grows beside its place until it is complete: `name.part`, and what it belongs to in `name.part.json`.
 *
 * Others may be able to write to the folder: neither of the two is ever opened through a link, and what somebody else laid there is
 * not gone on with. The note tells nobody the URL, which may hold a password or a signature.
 *
 * Cancellation: what was written stays, so that a later download can go on.
 */
export class PartFile {
  readonly #file: string;
  readonly #url: string;
  /** What the note names the URL by. */
  readonly #digest: string;
  /** Its entry among those that grow, while it is one. */
  #claim: string | undefined;
  #handle: FileHandle | undefined;
  /** What a step that was cancelled is still doing: the file is closed after it. */
  #busy: Promise<unknown> = Promise.resolve();
  #size = 0;
  /** Between the opening and the end of it; before, nothing is known of what lies there. */
  #isOpen = false;
  #validator: string | undefined;
  #total: number | undefined;
  /** The permissions of the file that it takes the place of. */
  #mode: number | undefined;

  constructor(file: string, url: string) {
    this.#file = file;
    this.#url = url;
    this.#digest = `sha256:${createHash('sha256').update(withoutCredentials(url)).digest('hex')}`;
  }

  get partial(): Partial {
    return { size: this.#size, validator: this.#validator, total: this.#total };
  }

  /**
   * Opens what an earlier download of the same URL left, or nothing.
   *
   * @throws ClientError for a place where no file can be written, where something else than a file stands, or which another
   *   download is writing
   */
  *open(): Operation<void> {
    const path = resolve(this.#file);
    if (growing.has(path)) {
      throw new ClientError(
        `The file ${this.#file} is being written by another download: wait for that one, or give this one another path.`,
        { code: 'FILE_BUSY' },
      );
    }
    growing.add(path);
    this.#claim = path;
    yield* this.#do('opened', this.#open());
  }

  /** Goes back to nothing, or stays where it is, for a body of this version. */
  *begin(known: Partial): Operation<void> {
    yield* this.#do('written', this.#begin(known));
  }

  *write(bytes: Uint8Array): Operation<void> {
    const position = this.#size;
    this.#size += bytes.length;
    yield* this.#do('written', this.#write(bytes, position));
  }

  /** Puts the complete file in its place. */
  *finish(): Operation<void> {
    yield* this.#do('put in its place', this.#finish());
  }

  /** Closes the file and keeps it, once what was begun with it has ended. */
  *close(): Operation<void> {
    if (this.#claim === undefined) return;
    try {
      yield* until(this.#busy);
      yield* this.#do('closed', this.#close());
      if (this.#isOpen && this.#size === 0) yield* until(this.#forget());
    } finally {
      growing.delete(this.#claim);
      this.#claim = undefined;
    }
  }

  get #part(): string {
    return `${this.#file}.part`;
  }

  get #meta(): string {
    return `${this.#file}.part.json`;
  }

  async #open(): Promise<void> {
    const { mode } = await placeOf(this.#file);
    const part = await fileAt(this.#part, this.#file);
    const note = await fileAt(this.#meta, this.#file);
    if (part !== undefined && note !== undefined && isOurs(part) && isOurs(note) && note.size <= LARGEST_NOTE) {
      await this.#readNote();
    }
    const handle = await this.#openPart(part !== undefined, mode);
    this.#handle = handle;
    this.#mode = mode;
    if (mode !== undefined) await handle.chmod(mode | OWNER_WRITES);
    this.#size = (await handle.stat()).size;
    this.#isOpen = true;
  }

  async #openPart(exists: boolean, mode: number | undefined): Promise<FileHandle> {
    const old = exists && this.#validator !== undefined ? await openOurs(this.#part, constants.O_RDWR) : undefined;
    if (old !== undefined) return old;
    this.#validator = undefined;
    this.#total = undefined;
    if (exists) await rm(this.#part, { force: true });
    return openNew(this.#part, mode ?? 0o666);
  }

  // The note is data that anyone may have written: it is used only if it is about this URL, and is text.
  async #readNote(): Promise<void> {
    const handle = await openOurs(this.#meta, constants.O_RDONLY);
    if (handle === undefined) return;
    try {
      const note: unknown = JSON.parse(await handle.readFile('utf8'));
      if (typeof note !== 'object' || note === null || !Object.hasOwn(note, 'validator')) return;
      const { url, validator, total } = note as { url?: unknown; validator: unknown; total?: unknown };
      // Earlier versions wrote the URL itself.
      if (url !== this.#digest && url !== this.#url) return;
      if (typeof validator !== 'string' || !/^[\x20-\x7e]+$/.test(validator)) return;
      this.#validator = validator;
      // It decides only about what is refused, and a number that no file has refuses everything that goes on.
      if (typeof total === 'number') this.#total = total;
    } catch {
      // A note that is no JSON is no note.
    } finally {
      await handle.close();
    }
  }

  get #opened(): FileHandle {
    if (this.#handle === undefined) throw new Error(`The file ${this.#file} is used while it is not open.`);
    return this.#handle;
  }

  async #begin({ size, validator, total }: Partial): Promise<void> {
    if (size === 0) await this.#opened.truncate(0);
    this.#size = size;
    if (size > 0 && validator === this.#validator && total === this.#total) return;
    this.#validator = validator;
    this.#total = total;
    await rm(this.#meta, { force: true });
    if (validator !== undefined) await this.#writeNote(JSON.stringify({ url: this.#digest, validator, total }));
  }

  async #writeNote(text: string): Promise<void> {
    const handle = await openNew(this.#meta, 0o600);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#opened.write(bytes, at, bytes.length - at, position + at);
      at += bytesWritten;
    }
  }

  async #finish(): Promise<void> {
    await this.#opened.sync();
    // What stands there may have come meanwhile, and the move would take its place.
    const mode = (await placeOf(this.#file)).mode ?? this.#mode;
    if (mode !== undefined) await this.#opened.chmod(mode);
    await this.#close();
    this.#isOpen = false;
    await rename(this.#part, this.#file);
    await rm(this.#meta, { force: true });
  }

  /** An empty part is of no use to a later run; a failure to remove it does not fail the download. */
  async #forget(): Promise<void> {
    for (const file of [this.#part, this.#meta]) await rm(file, { force: true }).catch(() => {});
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  *#do(what: string, work: Promise<void>): Operation<void> {
    this.#busy = work.catch(() => {});
    try {
      yield* until(work);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      const code = 'code' in error ? String(error.code) : undefined;
      throw new ClientError(`The file ${this.#file} could not be ${what}: ${error.message}.`, { code, cause: error });
    }
  }
}

const LARGEST_NOTE = 65_536;
/** A later download goes on with the part, whatever its file allows. */
const OWNER_WRITES = 0o600;

function withoutCredentials(url: string): string {
  if (!URL.canParse(url)) return url;
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
}
