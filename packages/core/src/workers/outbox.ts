import { soon } from '../kernel/clock/turns.ts';

/** How an outbox hands messages over: throws for what cannot be cloned. */
export type Post<M> = (messages: readonly M[], transfer: readonly unknown[]) => void;

const NOTHING: readonly unknown[] = [];

/**
 * Collects messages, and sends all that arose in one slice of the scheduler as one: most of what a message between
 * threads costs is paid once per message, whatever is in it.
 *
 * A value that cannot be cloned makes the whole of them fail, so they are then sent one by one, and `refused` is told of
 * those that fail alone.
 */
export class Outbox<M> {
  readonly #post: Post<M>;
  readonly #refused: (message: M, error: unknown) => void;
  readonly #atOnce: boolean;
  readonly #flush = (): void => this.flush();
  #messages: M[] = [];
  /** What is given away with the message at the same place; made when there is something. */
  #transfers: (readonly unknown[] | null)[] | null = null;

  /** @param atOnce sends every message by itself, at once: where the channel is a part of the same scheduler */
  constructor(post: Post<M>, refused: (message: M, error: unknown) => void, atOnce = false) {
    this.#post = post;
    this.#refused = refused;
    this.#atOnce = atOnce;
  }

  send(message: M, transfer: readonly unknown[] | null = null): void {
    const messages = this.#messages;
    if (transfer !== null) {
      this.#transfers ??= [];
      this.#transfers[messages.length] = transfer;
    }
    messages.push(message);
    if (this.#atOnce) this.flush();
    else if (messages.length === 1) soon(this.#flush);
  }

  flush(): void {
    const messages = this.#messages;
    if (messages.length === 0) return;
    const transfers = this.#transfers;
    this.#messages = [];
    this.#transfers = null;
    try {
      this.#post(messages, transfers === null ? NOTHING : transfers.flatMap((list) => list ?? NOTHING));
    } catch (error) {
      if (messages.length === 1) this.#refused(messages[0] as M, error);
      else messages.forEach((message, at) => void this.#sendAlone(message, transfers?.[at] ?? NOTHING));
    }
  }

  #sendAlone(message: M, transfer: readonly unknown[]): void {
    try {
      this.#post([message], transfer);
    } catch (error) {
      this.#refused(message, error);
    }
  }
}
