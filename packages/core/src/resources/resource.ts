import { checkBody } from '../kernel/operation/check-operation.ts';
import { refuseMore } from '../kernel/operation/options.ts';
import { RESOURCE_CALL, type ResourceBody } from './held-resource.ts';

/** How to make, and to release, a value; it can be acquired any number of times, each time anew. */
export class Resource<out T> {
  /** @internal */
  readonly body: ResourceBody<T>;

  /** @internal Use `resource`. */
  constructor(body: ResourceBody<T>) {
    this.body = body;
  }
}

/**
 * Describes a value together with its release: `acquire` makes one that lives as long as the scope that acquired it.
 *
 * The body makes the value, hands it out with `yield* provide(value)`, and goes on behind that line when it is released.
 * It runs in a task of its own: no deadline, cancel or context of the acquirer gets into it, once it has provided. A
 * failure before `provide` is thrown by `acquire`; a later one fails the scope that owns the resource.
 *
 * Cancellation: the body is cancelled when the acquirer is, as long as it has not provided; afterwards it is released
 * after all tasks of its scope have ended, whatever ended them.
 *
 * @param body called at each `acquire`, with `provide`
 * @throws TypeError if `body` is not a function.
 * @example
 * ```ts
 * import { acquire, resource, run, sleep } from '@coloop/core';
 *
 * const connection = resource<string>(function* (provide) {
 *   yield* sleep(5);
 *   try {
 *     yield* provide('a connection');
 *   } finally {
 *     console.log('closed');
 *   }
 * });
 *
 * await run(function* () {
 *   console.log(yield* acquire(connection));
 *   //> a connection
 *   //> closed
 * });
 * ```
 * Source: `contextlib.asynccontextmanager`, in a task of its own as PEP 789 asks for.
 */
export function resource<T>(body: ResourceBody<T>): Resource<T>;
export function resource<T>(body: ResourceBody<T>, ...more: unknown[]): Resource<T> {
  refuseMore('resource(body)', more);
  return new Resource(checkBody(RESOURCE_CALL, body));
}
