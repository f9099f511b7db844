import type { Scheduler } from '../kernel/scheduler/scheduler.ts';
import type { LossReason } from './errors.ts';
import type { Order, Report } from './protocol.ts';

/** How a worker has ended by itself. */
export interface Loss {
  readonly reason: LossReason;
  readonly exitCode: number | null;
  /** As in `with code 3` or `by the signal SIGSEGV`. */
  readonly how: string;
  /** The error that nobody caught in it. */
  readonly cause?: unknown;
}

/** What a carrier tells its worker's end in the pool. */
export interface CarrierEvents {
  received(reports: readonly Report[]): void;
  /** It has ended: by itself, or since `end` was called. */
  lost(loss: Loss): void;
  /** It may not answer for a while; said only where nobody has to find that out. */
  blocked(): void;
}

/** One thread, process, page worker, or a worker of a test: carries messages there and back. */
export interface Carrier {
  /** Throws for what cannot be cloned. */
  post(orders: readonly Order[], transfer: readonly unknown[]): void;
  /** Ends it at once, whatever it does; `lost` is called afterwards. */
  end(): void;
  /** The number of the call that runs there at this moment, 0 for none; null where that cannot be known. */
  running(): number | null;
}

/** Makes workers. */
export interface Launcher {
  /** How errors call the module, as in `images.ts`. */
  readonly name: string;
  launch(events: CarrierEvents, index: number): Carrier;
  /** False where workers run in the pool's own scheduler: then its clock is theirs, and each message is sent by itself. */
  readonly foreign: boolean;
}

/** What a virtual clock has as `workers`: the workers of every pool then run in its own scheduler. */
export interface WorkerSimulation {
  launcher(scheduler: Scheduler, module: URL, name: string): Launcher;
}
