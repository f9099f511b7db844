import {
  clearTimer,
  type HostTimers,
  hostTime,
  hostTimers,
  LONGEST_DELAY,
  lookUpClock,
  proveTime,
  setTimer,
} from './host.ts';

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

/** What the platform's clock sees of its scheduler besides. */
interface TimersView extends ClockView {
  /** When all timers that are set are due, each time once. */
  timerTimes(): ReadonlySet<number>;
}

/** Beyond so many, timers that a test moves by hand share one alarm. */
const MOST_ALARMS = 1_000;

/** One timer of the platform. */
interface Alarm {
  handle: unknown;
}

/** The platform's monotonic clock and timer, whatever stands in their place at the moment. */
export class HostClock implements Clock {
  /** What is set, by the time for which it rings. */
  readonly #alarms = new Map<number, Alarm>();
  #askedOf: HostTimers = hostTimers();
  /** When the first one rings, while there is any. */
  #first = Number.POSITIVE_INFINITY;

  now(): number {
    return hostTime();
  }

  idleUntil(at: number, wake: () => void, view: TimersView): void {
    lookUpClock();
    const timers = hostTimers();
    if (timers !== this.#askedOf) this.#askNewly(timers);
    if (timers.fake) this.#setAll(at, wake, view);
    else if (at === Number.POSITIVE_INFINITY) this.#stopAll();
    // An alarm that rings too early costs less than setting it anew; without timers none may hold the process.
    else if (this.#first > at) {
      this.#stopAll();
      this.#set(at, wake);
    }
  }

  /** The platform's timer stays: clearing and setting it for every wake costs more than one idle alarm. */
  busy(): void {}

  /** What was asked of timers that are gone may never ring. Those of a tool that was taken away are left alone: node:test breaks when it is told to clear one. */
  #askNewly(timers: HostTimers): void {
    if (!this.#askedOf.fake) this.#stopAll();
    this.#alarms.clear();
    this.#first = Number.POSITIVE_INFINITY;
    this.#askedOf = timers;
  }

  /** As many alarms as a program without this library would have: a test that moves time by hand counts on each of them. */
  #setAll(at: number, wake: () => void, view: TimersView): void {
    let times = view.timerTimes();
    if (times.size > MOST_ALARMS) times = new Set([at]);
    for (const each of this.#alarms.keys()) if (!times.has(each)) this.#stop(each);
    for (const each of times) if (!this.#alarms.has(each)) this.#set(each, wake);
  }

  #set(at: number, wake: () => void): void {
    const now = hostTime();
    const delay = Math.min(at - now, LONGEST_DELAY);
    const alarm: Alarm = { handle: undefined };
    const ring = (): void => {
      if (this.#alarms.get(at) !== alarm) return;
      this.#forget(at);
      proveTime(Math.min(at, now + delay));
      wake();
    };
    alarm.handle = setTimer(this.#askedOf, ring, delay);
    this.#alarms.set(at, alarm);
    this.#first = Math.min(this.#first, at);
  }

  #stop(at: number): void {
    clearTimer(this.#askedOf, this.#alarms.get(at)?.handle);
    this.#forget(at);
  }

  #forget(at: number): void {
    this.#alarms.delete(at);
    this.#first = this.#alarms.size === 0 ? Number.POSITIVE_INFINITY : Math.min(...this.#alarms.keys());
  }

  #stopAll(): void {
    for (const each of this.#alarms.keys()) this.#stop(each);
  }
}
