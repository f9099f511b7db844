import { refuseMore, show } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { Frame, type Steps } from '../kernel/task/frame.ts';
import type { Task } from '../kernel/task/task.ts';
import { HeldResource } from './held-resource.ts';
import { Resource } from './resource.ts';

class AcquireFrame<T> extends Frame<T> {
  readonly #resource: Resource<T>;

  constructor(resource: Resource<T>) {
    super();
    this.#resource = resource;
  }

  get label(): string {
    return 'acquire()';
  }

  protected open(task: Task): Steps {
    return new HeldResource(task.innermostOwner, this.#resource.body).acquire();
  }
}

/**
 * Makes the value of a resource; it is released when the nearest owner ends: the innermost group, or the task.
 *
 * Resources and cleanups of `defer` are released last first, one after the other, after the scope's tasks have ended.
 * Acquired in a successful branch of `gather`, `race` or `asCompleted`, it moves to the caller's owner.
 *
 * Cancellation: cancels the resource's body, as long as it has provided nothing, and waits for its cleanup.
 *
 * @param resource made by `resource`
 * @throws the error of the body, when it fails before it provides a value; TypeError if `resource` is not a resource.
 * @example
 * ```ts
 * import { acquire, resource, run } from '@coloop/core';
 *
 * const greeting = resource<string>(function* (provide) {
 *   yield* provide('hello');
 *   console.log('bye');
 * });
 *
 * await run(function* () {
 *   console.log(yield* acquire(greeting));
 *   //> hello
 *   //> bye
 * });
 * ```
 * Source: `AsyncExitStack.enter_async_context`.
 */
export function acquire<T>(resource: Resource<T>): Operation<T>;
export function acquire<T>(resource: Resource<T>, ...more: unknown[]): Operation<T> {
  refuseMore('acquire(resource)', more);
  if (resource instanceof Resource) return new AcquireFrame(resource);
  throw new TypeError(
    `acquire takes a resource, not ${show(resource)}. Make one: \`acquire(resource(function* (provide) { yield* provide(value); }))\`.`,
  );
}
