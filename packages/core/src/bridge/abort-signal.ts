import { CancelledError } from '../errors.ts';
import { type CancelRequest, toError } from '../kernel/cancel.ts';
import type { ScopeLink } from '../kernel/scope-link.ts';
import { runningTask } from '../kernel/spawn.ts';
import { setRunning } from '../kernel/suspension.ts';

class ScopeSignal implements ScopeLink {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  cancelled(request: CancelRequest): void {
    this.#abort(toError(request));
  }

  ended(): void {
    if (!this.signal.aborted) this.#abort(new CancelledError('the scope has ended', 'the end of its scope'));
  }

  /** The listeners are the host's: what they call must not count as a part of the task that is running. */
  #abort(reason: CancelledError): void {
    const task = setRunning(null);
    try {
      this.#controller.abort(reason);
    } finally {
      setRunning(task);
    }
  }
}

function makeSignal(): ScopeSignal {
  return new ScopeSignal();
}

/**
 * The `AbortSignal` of the innermost scope: aborted at once when that scope is cancelled, else when it ends.
 *
 * For calls that take a signal. Every task, group, deadline and shield has one signal, the same at each call; the `reason`
 * is the `CancelledError` that says who asked. Code that runs after a cancel, in a `finally`, gets a signal that is aborted
 * already; a cleanup of `defer` or `resource`, and the inside of a `shield`, get one of their own.
 *
 * @throws NotInTaskError outside of every task.
 * @example
 * ```ts
 * import { abortSignal, run, timeout, until } from '@coloop/core';
 *
 * function* download(url: string) {
 *   const response = yield* until(fetch(url, { signal: abortSignal() }));
 *   return yield* until(response.text());
 * }
 *
 * const text = await run(() => timeout(10_000, download('data:,hello')));
 * console.log(text); //> hello
 * ```
 * Source: Go's `context.Done()`; effection's `useAbortSignal`.
 */
export function abortSignal(): AbortSignal {
  return runningTask('abortSignal()').linkHere(makeSignal).signal;
}
