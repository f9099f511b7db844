import { ClientError } from '../errors.ts';

/** What a signal ends. */
export interface Abortable {
  fail(reason: unknown): void;
}

const listeners = new WeakMap<AbortSignal, AbortListener>();

/**
 * One listener for all calls that share a signal: a program with one signal for everything has thousands of them, and
 * platforms take so many listeners for a leak.
 */
export class AbortListener {
  readonly #signal: AbortSignal;
  readonly #calls = new Set<Abortable>();

  private constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** The listener of a signal. */
  static of(signal: AbortSignal): AbortListener {
    let listener = listeners.get(signal);
    if (listener === undefined) {
      listener = new AbortListener(signal);
      listeners.set(signal, listener);
    }
    return listener;
  }

  add(call: Abortable): void {
    if (this.#calls.size === 0) this.#signal.addEventListener('abort', this.#aborted);
    this.#calls.add(call);
  }

  /** The last one to leave takes the listener off. */
  delete(call: Abortable): void {
    if (this.#calls.delete(call) && this.#calls.size === 0) {
      this.#signal.removeEventListener('abort', this.#aborted);
    }
  }

  readonly #aborted = (): void => {
    for (const call of [...this.#calls]) call.fail(abortError(this.#signal));
  };
}

/** What the caller of an aborted request gets. */
export function abortError(signal: AbortSignal): unknown {
  return signal.reason ?? new ClientError('The request was aborted by its signal.', { code: 'ABORTED' });
}
