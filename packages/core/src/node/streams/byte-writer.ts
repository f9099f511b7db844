import type { Writable } from 'node:stream';
import { ClosedChannelError } from '../../errors.ts';
import { show } from '../../kernel/operation/options.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { HostCondition } from './host-condition.ts';

/** Where bytes go to: a connection, or the input of a process. */
export class ByteWriter {
  readonly #writable: Writable;
  readonly #label: string;
  readonly #changed = new HostCondition();
  #ending = false;
  #failure: { readonly error: unknown } | null = null;

  /** @internal */
  constructor(writable: Writable, label: string) {
    this.#writable = writable;
    this.#label = label;
    for (const name of ['drain', 'finish', 'close']) writable.on(name, () => this.#changed.check());
    writable.on('error', (error) => this.#fail(error));
  }

  /**
   * Writes, and waits while the other side takes less than was written.
   *
   * Cancellation: before its turn nothing was written; afterwards all of it is on its way.
   *
   * @param data bytes, or text that goes out in UTF-8
   * @throws ClosedChannelError after `end` or `close`, and where the other side has ended; the error of the connection or the pipe; TypeError for other data.
   */
  write(data: string | Uint8Array): Operation<void> {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw new TypeError(`write takes text or bytes, not ${show(data)}.`);
    }
    return this.#write(data);
  }

  *#write(data: string | Uint8Array): Operation<void> {
    yield* this.#room();
    if (this.#ending || this.#writable.destroyed) {
      const why = this.#ending
        ? 'was written to after end() or close()'
        : 'takes nothing more: the other side has ended';
      throw new ClosedChannelError(`${this.#label} ${why}.`);
    }
    this.#writable.write(data);
    yield* this.#room();
  }

  /** Ends this direction and waits until all that was written has left. Ending twice changes nothing. */
  *end(): Operation<void> {
    this.#throwFailure();
    if (!this.#ending) {
      this.#ending = true;
      this.#writable.end();
    }
    yield* this.#changed.until(
      `the end of ${this.#label}`,
      () => this.#writable.writableFinished || this.#writable.destroyed || this.#failure !== null,
    );
    this.#throwFailure();
  }

  /** @internal Gives up what has not left yet. */
  destroy(): void {
    this.#ending = true;
    this.#writable.destroy();
  }

  /** Waits until the other side has taken enough. */
  *#room(): Operation<void> {
    for (;;) {
      this.#throwFailure();
      if (!this.#writable.writableNeedDrain || this.#writable.destroyed) return;
      yield* this.#changed.until(
        `${this.#label} to take what was written`,
        () => !this.#writable.writableNeedDrain || this.#writable.destroyed || this.#failure !== null,
      );
    }
  }

  /** @internal Whether an error came out of this writer. */
  threw(error: unknown): boolean {
    return this.#failure !== null && this.#failure.error === error;
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#changed.check();
  }
}
