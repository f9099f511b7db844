/** The `AbortSignal` of a scope: signals are made on demand, one for each part of a task, and follow it as its links. */
import { CancelledError } from '../errors.ts';
import { setRunning } from '../kernel/operation/suspension.ts';
import { type CancelRequest, type CancelScope, dueScope, toError } from '../kernel/scope/cancel.ts';
import { CLOSED } from '../kernel/scope/scope.ts';
import type { ScopeLinks } from '../kernel/scope/scope-link.ts';
import { runningTask } from '../kernel/task/current.ts';

class ScopeSignal {
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

/** The signals of one task, by the part of it that they follow. */
class ScopeSignals implements ScopeLinks {
  readonly #signals = new Map<CancelScope, ScopeSignal>();

  of(scope: CancelScope): ScopeSignal {
    const known = this.#signals.get(scope);
    if (known !== undefined) return known;
    const made = new ScopeSignal();
    this.#signals.set(scope, made);
    const request = scope.request ?? dueScope(scope)?.request ?? null;
    if (request !== null) made.cancelled(request);
    return made;
  }

  cancelled(scope: CancelScope, request: CancelRequest): void {
    for (const [part, signal] of this.#signals) if (isReached(part, scope)) signal.cancelled(request);
  }

  bodyEnded(scope: CancelScope): void {
    this.#signals.get(scope)?.ended();
  }

  left(scope: CancelScope): void {
    this.bodyEnded(scope);
    this.#signals.delete(scope);
  }

  abandoned(): void {
    for (const signal of this.#signals.values()) signal.ended();
  }
}

/** Whether a cancel of `scope` reaches the code inside of `part`. */
function isReached(part: CancelScope, scope: CancelScope): boolean {
  for (let at: CancelScope | null = part; at !== null; at = at.outer) {
    if (at === scope) return true;
    if (at.shielded) return false;
  }
  return false;
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
  const task = runningTask('abortSignal()');
  const nursery = task.open('A signal was to be tied', CLOSED);
  nursery.links ??= new ScopeSignals();
  return (nursery.links as ScopeSignals).of(task.innermost).signal;
}
