import { forever, type Operation, Scheduler, sleep } from '../index.ts';
import { VirtualClock } from '../testing/index.ts';

/** Fails after `ms`. */
export function* failing(error: unknown, ms = 1): Operation<never> {
  yield* sleep(ms);
  throw error;
}

/** Never ends; its cleanup takes `ms` and is logged. */
export function* cleaning(log: string[], name: string, ms = 0): Operation<never> {
  try {
    return yield* forever();
  } finally {
    yield* sleep(ms);
    log.push(name);
  }
}

/** A scheduler on virtual time, and what it reports as unhandled. */
export function virtual(): { scheduler: Scheduler; unhandled: unknown[] } {
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  const unhandled: unknown[] = [];
  scheduler.events.on('unhandled', (event) => unhandled.push(event.error));
  return { scheduler, unhandled };
}

/** What became of a promise: its value in an object, or its error. */
export const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
