import { hostNow, startHostTimer, stopHostTimer } from './host.ts';

/** What a clock may know of its scheduler: a virtual one jumps only when nothing else can happen. */
export interface ClockView {
  /** How many waits are open that only the host can end: promises, emitters, sockets. */
  readonly hostWaits: number;
  /** Called where nothing will ever run again. */
  deadlock(): void;
}

/** Time for a scheduler: what time it is, and one alarm. */
export interface Clock {
  /** In ms; only differences mean anything. */
  now(): number;
  /** Milliseconds since 1970, where this clock has its own idea of it. */
  wallNow?(): number;
  /**
   * Nothing is runnable until `at` (Infinity: no timer is left); calls `wake` then, or earlier to be asked again.
   * A second call replaces the first.
   */
  idleUntil(at: number, wake: () => void, view: ClockView): void;
  /** Something became runnable: the alarm is not needed now. */
  busy(): void;
}

/** The platform's monotonic clock and timer. */
export class HostClock implements Clock {
  #timer: unknown = undefined;
  #at = Number.POSITIVE_INFINITY;

  now(): number {
    return hostNow();
  }

  idleUntil(at: number, wake: () => void): void {
    if (this.#timer !== undefined) {
      // An alarm that rings too early costs less than setting it anew; without timers none may hold the process.
      if (this.#at <= at && at !== Number.POSITIVE_INFINITY) return;
      this.#stop();
    }
    if (at === Number.POSITIVE_INFINITY) return;
    this.#at = at;
    const ring = (): void => {
      this.#timer = undefined;
      wake();
    };
    this.#timer = startHostTimer(ring, at - hostNow());
  }

  /** The platform's timer stays: clearing and setting it for every wake costs more than one idle alarm. */
  busy(): void {}

  #stop(): void {
    stopHostTimer(this.#timer);
    this.#timer = undefined;
  }
}
