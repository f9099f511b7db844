/**
 * Following an `AbortSignal` that comes from outside, with one listener for all followers: signals live long and are shared,
 * and their lists of listeners are slow to take one out of (100,000 listeners on one signal take more than a minute).
 */

/** The part of an `AbortSignal` that is needed. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

type Follower = (reason: unknown) => void;

/** The signals that one scheduler follows. */
export class ForeignSignals {
  readonly #followed = new WeakMap<AbortSignalLike, Followed>();

  /**
   * Calls `follower` when `signal` is aborted, at once where it is already.
   *
   * @returns what ends that; calling it again changes nothing
   */
  follow(signal: AbortSignalLike, follower: Follower): () => void {
    if (signal.aborted) {
      follower(signal.reason);
      return () => {};
    }
    let followed = this.#followed.get(signal);
    if (followed === undefined) {
      followed = new Followed(signal);
      this.#followed.set(signal, followed);
    }
    return followed.add(follower);
  }
}

class Followed {
  readonly #signal: AbortSignalLike;
  /** Keyed by an object of their own, as one function may follow twice. */
  readonly #followers = new Map<object, Follower>();
  readonly #onAbort = (): void => {
    const followers = [...this.#followers.values()];
    this.#followers.clear();
    this.#signal.removeEventListener('abort', this.#onAbort);
    for (const follower of followers) follower(this.#signal.reason);
  };

  constructor(signal: AbortSignalLike) {
    this.#signal = signal;
  }

  add(follower: Follower): () => void {
    const key = {};
    if (this.#followers.size === 0) this.#signal.addEventListener('abort', this.#onAbort);
    this.#followers.set(key, follower);
    return () => {
      if (!this.#followers.delete(key) || this.#followers.size > 0) return;
      this.#signal.removeEventListener('abort', this.#onAbort);
    };
  }
}
