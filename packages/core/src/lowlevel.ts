/** What an extender needs to write a new operation. */

export { ChosenOrder, type SchedulingPolicy } from './kernel/chosen-order.ts';
export type { Clock, ClockView } from './kernel/clock.ts';
export { createEmitter } from './kernel/events.ts';
export { checkCount, checkDuration, checkFunction, checkOperation, readOptions, show } from './kernel/options.ts';
export { addRelease } from './kernel/releases.ts';
export { defaultScheduler } from './kernel/run.ts';
export { type Cleanup, type Release, Scope } from './kernel/scope.ts';
export { type Selectable, selectable } from './kernel/selectable.ts';
export { keepShape } from './kernel/shapes.ts';
export { type Sink, Suspension, type Waiter } from './kernel/suspension.ts';
export type { TimerEntry } from './kernel/timers.ts';
export { ListedWait, WaitList } from './kernel/waitlist.ts';
