import { describe, expect, test } from 'vitest';
import { currentTask, DeadlockError, now, run, Scheduler, sleep, spawn } from '../index.ts';
import { Suspension } from '../kernel/operation/suspension.ts';
import { schedulerOf } from '../kernel/scheduler/run.ts';
import { runTest, VirtualClock } from './index.ts';

/** A wait for a promise, as the bridges have it. */
class HostWait extends Suspension<void> {
  readonly #scheduler: Scheduler;
  readonly #promise: Promise<void>;

  constructor(scheduler: Scheduler, promise: Promise<void>) {
    super();
    this.#scheduler = scheduler;
    this.#promise = promise;
  }

  get label(): string {
    return 'a promise';
  }

  poll(): boolean {
    return false;
  }

  arm(): void {
    this.#scheduler.hostWait(1, this);
    void this.#promise.then(() => {
      this.#scheduler.hostWait(-1, this);
      this.wake();
    });
  }

  disarm(): void {
    this.#scheduler.hostWait(-1, this);
  }
}

// Real time: the clock is asked how it waits for what the host owes.
const realTime = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

describe('VirtualClock', () => {
  test('starts at 0, and so does its wall time', () => {
    const clock = new VirtualClock();
    expect([clock.now(), clock.wallNow()]).toEqual([0, 0]);
  });

  test('jumps from deadline to deadline, exactly, in order', async () => {
    const scheduler = new Scheduler({ clock: new VirtualClock() });
    const woken: [string, number][] = [];
    function* sleeper(name: string, ms: number) {
      yield* sleep(ms);
      woken.push([name, now()]);
    }
    await scheduler.run(function* () {
      spawn(sleeper('late', 86_400_000.5));
      spawn(sleeper('early', 0.25));
      spawn(sleeper('middle', 2 ** 40));
    });
    expect(woken).toEqual([
      ['early', 0.25],
      ['late', 86_400_000.5],
      ['middle', 2 ** 40],
    ]);
  });

  test('stands still while promises settle one after the other', async () => {
    const scheduler = new Scheduler({ clock: new VirtualClock() });
    const at = await scheduler.run(function* () {
      spawn(sleep(10), { daemon: true });
      yield* new HostWait(
        scheduler,
        (async () => {
          for (let i = 0; i < 100; i++) await undefined;
        })(),
      );
      return now();
    });
    expect(at).toBe(0);
  });

  test('is not held by a wait for the host', async () => {
    const scheduler = new Scheduler({ clock: new VirtualClock() });
    const order: string[] = [];
    function* host() {
      yield* new HostWait(scheduler, realTime(20));
      order.push('host');
    }
    await scheduler.run(function* () {
      spawn(host());
      yield* sleep(3_600_000);
      order.push('hour');
    });
    expect(order).toEqual(['hour', 'host']);
  });

  test('is held by it where that was asked for', async () => {
    const scheduler = new Scheduler({ clock: new VirtualClock({ holdForHost: true }) });
    const order: string[] = [];
    function* host() {
      yield* new HostWait(scheduler, realTime(20));
      order.push('host');
    }
    await scheduler.run(function* () {
      spawn(host());
      yield* sleep(1);
      order.push('millisecond');
    });
    expect(order).toEqual(['host', 'millisecond']);
  });

  test('refuses options that it does not have', () => {
    expect(() => new VirtualClock({ holdForhost: true } as object)).toThrow(/Did you mean 'holdForHost'/);
  });

  test('a wait for the host that nothing ends is a deadlock that names it, after a second of real time', async () => {
    const stuck = runTest(function* main() {
      const scheduler = schedulerOf(currentTask());
      yield* new HostWait(scheduler, new Promise<void>(() => {}));
    });
    await expect(stuck).rejects.toThrow(DeadlockError);
    await expect(stuck).rejects.toThrow(/given nothing for 1 s, for which 1 wait for the host is open: a promise/);
  });

  // Real time: the other scheduler has the clock of the host.
  test('works beside other schedulers on real time', async () => {
    const [virtual, real] = await Promise.all([runTest(() => sleep(1_000, 'virtual')), run(() => sleep(1, 'real'))]);
    expect([virtual, real]).toEqual(['virtual', 'real']);
  });
});
