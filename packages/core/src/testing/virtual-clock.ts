/** `VirtualClock`: time that jumps to the next timer when nothing else can happen. */
import type { Clock, ClockView } from '../kernel/clock/clock.ts';
import { startRealTimer } from '../kernel/clock/host.ts';
import { afterHostTurn, soon } from '../kernel/clock/turns.ts';
import { readOptions } from '../kernel/operation/options.ts';
import { TestWorkers } from './workers/test-workers.ts';

/** How many turns of the host have to pass without a wake before time moves. */
const EMPTY_TURNS = 2;
/** How long the host may take, in real ms, where only it can go on. */
const HOST_PATIENCE = 1_000;

/** What `new VirtualClock` takes. */
export interface VirtualClockOptions {
  /** Whether time stands still while a promise, an emitter or a socket is waited for; false by default. */
  holdForHost?: boolean | undefined;
}

const OPTIONS = { holdForHost: 'boolean' } as const;

/**
 * Time that passes only when nobody has anything to do: it starts at 0, and jumps to the next deadline when nothing is
 * runnable and two turns of the host have passed without a wake. Hours of sleeps take milliseconds, and every wake is exact.
 *
 * `runTest` makes one; give your own to change how the host is treated, or to a `Scheduler` of your own. Wall time
 * (`wallNow`) is virtual too and starts at 0.
 *
 * A wait for the host (`until(promise)`) does not hold it, so a promise that takes real time loses against any deadline;
 * with `holdForHost: true` it does, and real servers can be talked to.
 *
 * @example
 * ```ts
 * import { now, Scheduler, sleep } from '@coloop/core';
 * import { VirtualClock } from '@coloop/core/testing';
 *
 * const scheduler = new Scheduler({ clock: new VirtualClock() });
 * await scheduler.run(function* () {
 *   yield* sleep(24 * 3_600_000);
 *   console.log(now()); //> 86400000
 * });
 * ```
 * Source: Trio's `MockClock(autojump_threshold=0)`, Kotlin's `runTest`.
 */
export class VirtualClock implements Clock {
  readonly #holdForHost: boolean;
  #now = 0;
  /** Changes with every wake and every new alarm: what was begun for an earlier one is void. */
  #turn = 0;
  /** Ends the patience with the host. */
  #stopPatience: (() => void) | null = null;
  readonly #quick: boolean;
  /** @internal Where the workers of pools run. */
  readonly workers = new TestWorkers(this);
  /** How many have asked for time to stand still. */
  #standing = 0;
  #again: (() => void) | null = null;

  /** @param quick @internal jumps at once where no wait for the host is open: right for programs that are known to get nothing from it */
  constructor(options: VirtualClockOptions = {}, quick = false) {
    this.#holdForHost = readOptions('new VirtualClock', options, OPTIONS).holdForHost ?? false;
    this.#quick = quick;
  }

  /** Virtual milliseconds since this clock was made. */
  now(): number {
    return this.#now;
  }

  /** The same: the world begins in 1970. */
  wallNow(): number {
    return this.#now;
  }

  /** @internal */
  idleUntil(at: number, wake: () => void, view: ClockView): void {
    this.busy();
    this.#again = () => this.idleUntil(at, wake, view);
    const turn = this.#turn;
    const quick = this.#quick && view.hostWaits === 0;
    let empty = quick ? EMPTY_TURNS - 1 : 0;
    const look = (): void => {
      if (turn !== this.#turn) return;
      if (++empty < EMPTY_TURNS) afterHostTurn(look);
      else this.#nothingRunnable(at, wake, view);
    };
    if (quick) soon(look);
    else afterHostTurn(look);
  }

  /** @internal Time stands still until what is returned is called. */
  stand(): () => void {
    this.#standing++;
    return () => {
      if (--this.#standing === 0) this.#again?.();
    };
  }

  /** @internal */
  busy(): void {
    this.#turn++;
    this.#again = null;
    this.#stopPatience?.();
    this.#stopPatience = null;
  }

  #nothingRunnable(at: number, wake: () => void, view: ClockView): void {
    if (this.#standing > 0) return;
    const never = at === Number.POSITIVE_INFINITY;
    if (!never && !(this.#holdForHost && view.hostWaits > 0)) {
      this.#now = Math.max(this.#now, at);
      wake();
    } else if (view.hostWaits === 0) {
      view.deadlock();
    } else if (never) {
      this.#stopPatience = startRealTimer(() => {
        this.#stopPatience = null;
        view.deadlock();
      }, HOST_PATIENCE);
    }
  }
}
