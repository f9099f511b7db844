/** The front door of @coloop/core. */
import './inspect/announce.ts';

// bridges
export { abortSignal } from './bridge/abort-signal.ts';
export { type AsAsyncOptions, asAsync, type Runner } from './bridge/as-async.ts';
export { createScope, type HostScope, type ScopeOptions } from './bridge/create-scope.ts';
export type { EventArgs, EventName, Listenable } from './bridge/emitter-types.ts';
export { type EventsOptions, events } from './bridge/events.ts';
export type { ScopeRunOptions } from './bridge/host-call.ts';
export { once } from './bridge/once.ts';
export { type UntilOptions, until } from './bridge/until.ts';
// queues and channels
export { type Broadcast, type BroadcastOptions, broadcast, type Subscription } from './channels/broadcast.ts';
export { type Channel, channel, type Receiver, type Sender } from './channels/channel.ts';
export type { Compare } from './channels/heap.ts';
export { LifoQueue } from './channels/lifo-queue.ts';
export { PriorityQueue } from './channels/priority-queue.ts';
export { Queue, type ShutdownOptions } from './channels/queue.ts';
export { type SelectBranches, type Selected, select } from './channels/select.ts';
// errors
export {
  BrokenBarrierError,
  BrokenChannelError,
  BrokenLockError,
  CancelledError,
  CleanupTimeoutError,
  ClosedChannelError,
  DeadlockError,
  EndOfChannelError,
  type FailureMatch,
  GeneratorExit,
  GroupClosedError,
  isCancelled,
  NotInTaskError,
  QueueEmptyError,
  QueueFullError,
  QueueShutdownError,
  StopIteration,
  TaskGroupError,
  TimeoutError,
  WouldBlockError,
} from './errors.ts';
// generators
export { type AsyncGeneratorObject, asyncGenerator, type Emit } from './generators/async-generator.ts';
export { generator, type PythonGenerator } from './generators/generator.ts';
export type { Selectable } from './kernel/operation/selectable.ts';
export type { Body, Operation, Suspension } from './kernel/operation/suspension.ts';
export type { SchedulerEvents } from './kernel/report/events.ts';
export { run } from './kernel/scheduler/run.ts';
export { type RunOptions, Scheduler, type SchedulerOptions } from './kernel/scheduler/scheduler.ts';
export { currentTask, spawn } from './kernel/scheduler/spawn.ts';
// run
export { type Attempt, attempt } from './kernel/task/attempt.ts';
export { coroutine } from './kernel/task/coroutine.ts';
export type { ContextCarrier, Task, TaskOptions, TaskStatus } from './kernel/task/task.ts';
// policy
export { exponential } from './policy/exponential.ts';
export { fixed } from './policy/fixed.ts';
export { type RateLimiter, type RateLimiterOptions, rateLimiter } from './policy/rate-limiter.ts';
export { retry } from './policy/retry.ts';
export type { Failure, Schedule } from './policy/schedule.ts';
// resources and context
export { acquire } from './resources/acquire.ts';
export { type Context, type ContextOptions, createContext } from './resources/create-context.ts';
export { defer } from './resources/defer.ts';
export type { ResourceBody } from './resources/held-resource.ts';
export { type Resource, resource } from './resources/resource.ts';
// sources and streams
export { forEach } from './streams/for-each.ts';
export type { StreamInput, StreamItem } from './streams/input.ts';
export type { Source } from './streams/source.ts';
export {
  type BatchOptions,
  type FlatMapOptions,
  type Stream,
  stream,
  type ThrottleOptions,
} from './streams/stream.ts';
// sync
export { Barrier } from './sync/barrier.ts';
export { Condition, type Truthy } from './sync/condition.ts';
export { EventFlag } from './sync/event-flag.ts';
export { Future } from './sync/future.ts';
export { Lock, type LockOptions } from './sync/lock.ts';
export type { Grant } from './sync/lock-core.ts';
export { Semaphore, type SemaphoreOptions } from './sync/semaphore.ts';
// tasks
export { asCompleted } from './tasks/as-completed.ts';
export { type Gathered, type GatheredOutcomes, type GatherOptions, gather, type Settled } from './tasks/gather.ts';
export { type Group, type GroupBody, group } from './tasks/group.ts';
export { race } from './tasks/race.ts';
export { type ShieldOptions, shield } from './tasks/shield.ts';
export { supervise } from './tasks/supervise.ts';
export { type Waited, type WaitOptions, type WaitUntil, wait } from './tasks/wait.ts';
// time
export { after } from './time/after.ts';
export type { Deadline, DeadlineBody } from './time/deadline.ts';
export { forever } from './time/forever.ts';
export { interval } from './time/interval.ts';
export { type Moved, moveOnAfter } from './time/move-on-after.ts';
export { now } from './time/now.ts';
export { random } from './time/random.ts';
export { sleep } from './time/sleep.ts';
export { tick } from './time/tick.ts';
export { timeout } from './time/timeout.ts';
