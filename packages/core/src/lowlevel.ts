/** What an extender needs to write a new operation. */

export { errorToJson } from './errors.ts';
export type { Clock, ClockView } from './kernel/clock/clock.ts';
export type { TimerEntry } from './kernel/clock/timers.ts';
export { atCaller } from './kernel/operation/at-caller.ts';
export { checkOperation } from './kernel/operation/check-operation.ts';
export { isOperation } from './kernel/operation/is-operation.ts';
export { keepShape } from './kernel/operation/keep-shape.ts';
export {
  checkCount,
  checkDuration,
  checkFunction,
  nearest,
  readOptions,
  show,
  unknownOption,
} from './kernel/operation/options.ts';
export { type Selectable, selectable } from './kernel/operation/selectable.ts';
export { type Sink, Suspension, type Waiter } from './kernel/operation/suspension.ts';
export { ListedWait, WaitList } from './kernel/operation/waitlist.ts';
export { createEmitter } from './kernel/report/events.ts';
export { ChosenOrder, type SchedulingPolicy } from './kernel/scheduler/policy-order.ts';
export { defaultScheduler } from './kernel/scheduler/run.ts';
export { Acquisition } from './kernel/scope/acquisition.ts';
export { acquisition, type GivesBack } from './kernel/scope/lost.ts';
export { addRelease } from './kernel/scope/releases.ts';
export { type Cleanup, type Release, Scope } from './kernel/scope/scope.ts';
export { adoptContexts, carriedContexts } from './resources/carried-contexts.ts';
export { readableStream } from './streams/readable-stream.ts';
export { deadlineOf } from './time/deadline-of.ts';
export { describeExports } from './workers/guest/describe-exports.ts';
export { ErrorClasses, type PackedError, packError } from './workers/packed-error.ts';
export type { ExportKind } from './workers/protocol.ts';
