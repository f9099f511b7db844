import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import type { Carrier, CarrierEvents } from '../../workers/carrier.ts';
import type { LossReason } from '../../workers/errors.ts';
import { Guest } from '../../workers/guest/guest.ts';
import { packError } from '../../workers/packed-error.ts';
import {
  CALL,
  CLOSE,
  CLOSED,
  ENDED,
  FAIL,
  OK,
  type Order,
  type Report,
  STREAM,
  UNLOADED,
} from '../../workers/protocol.ts';
import type { Faults, WorkerCall } from './faults.ts';
import { Wire } from './wire.ts';

/** What a worker of a test needs of what started it. */
export interface TestWorkerOwner {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  /** Counts the calls of all workers. */
  nextNumber(): number;
}

/**
 * A worker in the test's own scheduler. It has a module and a guest of its own, and is talked to by clones: what a thread
 * does not share, it does not share. Only its end differs: the cleanups of its calls run, unheard.
 */
export class TestWorker implements Carrier {
  readonly #owner: TestWorkerOwner;
  readonly #events: CarrierEvents;
  readonly #index: number;
  readonly #toGuest: Wire<readonly Order[]>;
  readonly #toPool: Wire<readonly Report[]>;
  readonly #late = new Set<Wire<readonly Report[]>>();
  readonly #calls = new Map<number, WorkerCall>();
  #guest: Guest | null = null;
  #running = 0;
  /** Why it ends; nothing that it says is heard any more. */
  #ending: { readonly reason: LossReason; readonly how: string } | null = null;
  #gone = false;

  constructor(owner: TestWorkerOwner, events: CarrierEvents, index: number) {
    const { scheduler } = owner;
    this.#owner = owner;
    this.#events = events;
    this.#index = index;
    this.#toGuest = new Wire(scheduler, `a message to worker ${index + 1}`, (orders) => this.#arrived(orders));
    this.#toPool = new Wire(scheduler, `a message of worker ${index + 1}`, (reports) => events.received(reports));
    this.#toGuest.hold(Number.POSITIVE_INFINITY);
  }

  /** Its module is there. */
  loaded(module: Readonly<Record<string, unknown>>): void {
    if (this.#gone) return;
    const { scheduler } = this.#owner;
    this.#guest = new Guest(module, {
      scheduler,
      post: (reports, transfer) => this.#say(structuredClone(reports, { transfer: transfer as Transferable[] })),
      epochNow: () => scheduler.now(),
      atOnce: true,
    });
    this.#toGuest.hold(0);
  }

  /** Its module could not be loaded. */
  failed(error: unknown): void {
    this.#toPool.send([[UNLOADED, packError(error, true)]]);
  }

  post(orders: readonly Order[], transfer: readonly unknown[]): void {
    if (!this.#gone) this.#toGuest.send(structuredClone(orders, { transfer: transfer as Transferable[] }));
  }

  running(): number {
    return this.#running;
  }

  end(): void {
    this.#end('exit', 'since it was ended');
  }

  #arrived(orders: readonly Order[]): void {
    for (const order of orders) {
      if (this.#gone || this.#ending !== null) return;
      if ((order[0] === CALL || order[0] === STREAM) && this.#strikes(order[1], order[2], order[3])) {
        this.#deliverLater(order);
      } else this.#guest?.receive([order]);
    }
  }

  /** Whether a fault keeps the call from beginning now. */
  #strikes(id: number, name: string, args: readonly unknown[]): boolean {
    const { faults } = this.#owner;
    const call = { name, args, worker: this.#index, number: this.#owner.nextNumber() };
    this.#calls.set(id, call);
    if (faults.crashes(call)) {
      this.#end('crash', 'by a fault of testWorkers');
      return true;
    }
    const ms = faults.blockedFor(call);
    if (ms === 0) return false;
    this.#running = id;
    this.#toGuest.hold(ms);
    this.#toPool.hold(ms);
    this.#events.blocked();
    return true;
  }

  /** The call that computes begins when it has computed. */
  #deliverLater(order: Order): void {
    if (this.#ending !== null) return;
    this.#toGuest.first(() => {
      this.#running = 0;
      this.#guest?.receive([order]);
    });
  }

  #say(reports: readonly Report[]): void {
    for (const report of reports) {
      if (this.#ending !== null) this.#lastWord(report);
      else if (report[0] === OK || report[0] === FAIL || report[0] === ENDED) this.#answer(report[1], report);
      else this.#toPool.send([report]);
    }
  }

  #answer(id: number, report: Report): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    const { faults, scheduler } = this.#owner;
    if (call !== undefined && faults.loses(call)) {
      this.#end('crash', 'by a fault of testWorkers, before it answered');
      return;
    }
    const ms = call === undefined ? 0 : faults.lateness(call);
    if (ms === 0) {
      this.#toPool.send([report]);
      return;
    }
    const way = new Wire<readonly Report[]>(scheduler, `a late message of worker ${this.#index + 1}`, (reports) => {
      this.#late.delete(way);
      this.#toPool.send(reports);
    });
    this.#late.add(way);
    way.send([report], ms);
  }

  #end(reason: LossReason, how: string): void {
    if (this.#gone || this.#ending !== null) return;
    this.#ending = { reason, how };
    this.#toGuest.cut();
    this.#toPool.cut();
    for (const way of this.#late) way.cut();
    if (this.#guest === null) this.#leave();
    else this.#guest.receive([[CLOSE]]);
  }

  #lastWord(report: Report): void {
    if (report[0] === CLOSED) this.#leave();
  }

  #leave(): void {
    const { reason, how } = this.#ending as { reason: LossReason; how: string };
    this.#gone = true;
    const end = new Wire<null>(this.#owner.scheduler, `the end of worker ${this.#index + 1}`, () =>
      this.#events.lost({ reason, exitCode: reason === 'exit' ? 1 : null, how }),
    );
    end.send(null);
  }
}
