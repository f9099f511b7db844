import { type Resource, resource, sleep } from '../index.ts';

/** A resource that takes `open` ms to open and `close` ms to close, and logs both. */
export function door(log: string[], name: string, open = 1, close = 1): Resource<string> {
  return resource<string>(function* (provide) {
    yield* sleep(open);
    log.push(`open ${name}`);
    try {
      yield* provide(name);
    } finally {
      yield* sleep(close);
      log.push(`close ${name}`);
    }
  });
}
