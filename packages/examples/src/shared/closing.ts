/** Things with an asynchronous `close`, as resources: they end with the scope that acquired them. */
import { type Operation, type Resource, resource, until } from '@coloop/core';

interface Closable {
  close(): Promise<unknown>;
}

function* provided<T extends Closable>(
  start: () => Promise<T>,
  provide: (value: T) => Operation<void>,
): Operation<void> {
  // Should the start be cancelled half way, what comes late is closed too.
  const thing = yield* until(() => start(), { late: (late) => void late.close() });
  try {
    yield* provide(thing);
  } finally {
    yield* until(thing.close());
  }
}

/** @param start starts a server or the like; what it gives is closed at the end of the scope */
export function closing<T extends Closable>(start: () => Promise<T>): Resource<T> {
  return resource((provide) => provided(start, provide));
}
