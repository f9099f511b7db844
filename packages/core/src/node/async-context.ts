import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContextCarrier } from '../kernel/task/task.ts';

const CARRIER: ContextCarrier = { snapshot: () => AsyncLocalStorage.snapshot() };

/**
 * Carries every `AsyncLocalStorage` along: `run(op, { context: asyncContext() })`.
 *
 * A task sees the stores as they were where it was spawned, in each of its steps, and so do the tasks that it spawns.
 * Costs one snapshot per spawn.
 *
 * Without it, a task sees no store, and never that of another request. Only the library itself has to be imported at the
 * start of the program: imported for the first time inside a request, as by an `await import()` there, it keeps the stores
 * of that request for all tasks. In a task use `store.run(value, …)` rather than `store.enterWith(value)`, which reaches
 * what else runs in the same turn.
 *
 * @example
 * ```ts
 * import { AsyncLocalStorage } from 'node:async_hooks';
 * import { run, sleep } from '@coloop/core';
 * import { asyncContext } from '@coloop/core/node';
 *
 * const request = new AsyncLocalStorage<string>();
 *
 * function* handle() {
 *   yield* sleep(10);
 *   console.log(request.getStore());
 * }
 *
 * await request.run('request 7', () => run(handle, { context: asyncContext() })); //> request 7
 * ```
 * Source: Node's `AsyncLocalStorage.snapshot`; `contextvars` of Python, which a task copies at its start.
 */
export function asyncContext(): ContextCarrier {
  return CARRIER;
}
