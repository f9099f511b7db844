import { Scheduler } from '../index.ts';
import { VirtualClock } from '../testing/index.ts';

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
