/** The points at which a run has a choice. Choice 0 is always what the plain scheduler does. */

import type { TimerEntry } from '../../kernel/clock/timers.ts';
import type { Task } from '../../kernel/task/task.ts';

/** What can happen next: a queued task runs, or a due timer fires. */
export type Next = Task | TimerEntry;

/**
 * A decision. Its key says where it is, in a form that stays valid when another decision of the run is taken otherwise,
 * as far as that is possible:
 *
 * | key      | what is decided                                                       | choices                                 |
 * | -------- | --------------------------------------------------------------------- | --------------------------------------- |
 * | `s12`    | the 12th time that more than one thing can happen next                | which one, in plain order               |
 * | `p3.17`  | task 3 is about to try its 17th operation, and others could run       | 0 goes on, 1 gives way first            |
 * | `c3.5w`  | task 3 has just begun its 5th wait                                    | 0 nothing, 1 the task is cancelled      |
 * | `c3.5r`  | task 3 has what it waited for (or has not begun) and is about to run  | 0 nothing, 1 the task is cancelled      |
 * | `l4`     | the host has given something, for the 4th time                        | 0 it comes now, 1 after the next timer  |
 * | `f4`     | the same                                                              | 0 it comes, 1 an error comes instead    |
 */
export interface Decision {
  readonly key: string;
  readonly kind: 'next' | 'preempt' | 'cancel' | 'host';
  /** How many choices there are; at least 2. */
  readonly choices: number;
  /** For `next`, what can happen next; for `preempt`, what could run instead of `task`. */
  readonly candidates: readonly Next[];
  /** For `preempt` and `cancel`. */
  readonly task: Task | null;
}

/** Takes the decisions of one run. */
export interface Chooser {
  /** A choice from 0 up to `decision.choices`. */
  choose(decision: Decision): number;
}

/** The decisions of a run that were not choice 0: together with the seed, the whole run. */
export type Deviations = ReadonlyMap<string, number>;
