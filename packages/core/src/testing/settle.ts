import type { Body } from '../kernel/operation/suspension.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';

/** How a run has ended: it succeeded, it failed, nothing could ever run again, or it was stopped from outside. */
export type RunOutcome<T> = (
  | { readonly end: 'succeeded'; readonly value: T }
  | { readonly end: 'failed'; readonly error: unknown }
  | { readonly end: 'stuck' }
  | { readonly end: 'stopped' }
) & {
  /** Cancels what is left on the scheduler and waits for the cleanups, as far as these can end. */
  windDown(): Promise<void>;
};

/** Runs `body` to its end on `scheduler`, whose clock finds deadlocks; `stop` ends the waiting for it, `name` is the task's. */
export async function settle<T>(
  scheduler: Scheduler,
  body: Body<T>,
  stop: Promise<void> = new Promise(() => {}),
  name?: string,
): Promise<RunOutcome<T>> {
  let deadlocked: (() => void) | null = null;
  scheduler.onDeadlock = () => {
    if (scheduler.roots.size > 0) deadlocked?.();
  };
  const stuck = (): Promise<void> =>
    new Promise((resolve) => {
      deadlocked = resolve;
    });
  const windDown = async (): Promise<void> => {
    if (scheduler.roots.size > 0) await Promise.race([scheduler.close('the test has ended'), stuck(), stop]);
  };
  const run = scheduler.run(body, { name }).then(
    (value) => ({ end: 'succeeded', value, windDown }) as const,
    (error: unknown) => ({ end: 'failed', error, windDown }) as const,
  );
  return await Promise.race([
    run,
    stuck().then(() => ({ end: 'stuck', windDown }) as const),
    stop.then(() => ({ end: 'stopped', windDown }) as const),
  ]);
}
