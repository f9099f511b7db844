/**
 * What the host gives, made late or made to fail: the wait is told of it when a decision says so. That an event comes
 * early needs nothing: under virtual time the host is faster than every timer.
 */

import type { TimerEntry } from '../../kernel/clock/timers.ts';
import { ARMED, type Suspension } from '../../kernel/operation/suspension.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';

/** Takes the place of what the host gave, in a run in which `explore` made it fail. */
export class InjectedHostError extends Error {
  override readonly name = 'InjectedHostError';

  constructor(label: string) {
    super(`explore made ${label} fail, as the host could at any time.`);
  }
}

/** What becomes of one event of the host. */
export type HostFate = 'now' | 'late' | 'fails';

/** How late an event comes where no timer is set, in ms; else it comes just after the next timer. */
const LATE = 1_000;

class LateEvent implements TimerEntry {
  slot = -1;
  readonly label: string;
  readonly fire: () => void;

  constructor(label: string, fire: () => void) {
    this.label = label;
    this.fire = fire;
  }
}

/** From now on asks `decide` about each event that would end `wait`. */
export function interceptHostWait(
  scheduler: Scheduler,
  wait: Suspension,
  decide: (wait: Suspension) => HostFate,
): void {
  const wake = wait.wake.bind(wait);
  const fail = wait.fail.bind(wait);
  const disarm = wait.disarm.bind(wait);
  let late: LateEvent | null = null;
  const come = (deliver: () => boolean): boolean => {
    if (wait.state !== ARMED || late !== null) return false;
    const fate = decide(wait);
    if (fate === 'fails') return fail(new InjectedHostError(wait.label));
    if (fate === 'now') return deliver();
    const due = Number.isFinite(scheduler.nextTimer) ? scheduler.nextTimer : scheduler.now() + LATE;
    late = new LateEvent(`${wait.label}, late`, () => void deliver());
    scheduler.addTimer(late, due);
    return true;
  };
  wait.wake = (value) => come(() => wake(value));
  wait.fail = (error) => come(() => fail(error));
  wait.disarm = () => {
    if (late !== null) scheduler.removeTimer(late);
    disarm();
  };
}
