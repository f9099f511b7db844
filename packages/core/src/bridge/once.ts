/** `once`: one wait that listens while it is armed, and for nothing longer. */
import { refuseMore } from '../kernel/operation/options.ts';
import { ARMED, type Operation, Suspension, type Waiter } from '../kernel/operation/suspension.ts';
import { schedulerOf } from '../kernel/scheduler/run.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';
import type { EventArgs, EventName, Listenable } from './emitter-types.ts';
import { checkListenable, Listening } from './listen.ts';

class OnceWait extends Suspension<unknown[]> {
  readonly #listening: Listening;
  readonly #name: string | symbol;
  #scheduler: Scheduler | null = null;

  constructor(target: Listenable, name: string | symbol) {
    super();
    this.#listening = new Listening(target);
    this.#name = name;
  }

  get label(): string {
    return `once(${String(this.#name)})`;
  }

  poll(waiter: Waiter): boolean {
    this.#scheduler = schedulerOf(waiter);
    return false;
  }

  arm(): void {
    this.#scheduler?.hostWait(1, this);
    const listening = this.#listening;
    try {
      listening.add(this.#name, (...args) => {
        this.disarm();
        this.wake(args);
      });
      listening.addForErrors(this.#name, (error) => {
        this.disarm();
        this.fail(error);
      });
    } catch (error) {
      this.#refused(error);
    }
  }

  /** The emitter threw when it was listened to; it may have called back before. */
  #refused(error: unknown): void {
    if (this.state !== ARMED) return;
    this.disarm();
    this.fail(error);
  }

  disarm(): void {
    this.#listening.stop();
    this.#scheduler?.hostWait(-1, this);
  }
}

/**
 * Waits for the next time that an emitter or an `EventTarget` emits an event, and returns what its listener gets.
 *
 * The names and the arguments are typed from the emitter: typed-emitter's, Node's own classes, and events of the web by
 * their handler property. It listens from the moment it is waited for.
 *
 * Cancellation: takes its listeners away at once.
 *
 * @param target an emitter with `on` and `off`, or an `EventTarget`
 * @param name the name of the event
 * @returns the arguments of the listener, as an array; for an `EventTarget` the event alone
 * @throws what an emitter emits as 'error' while another event is waited for; TypeError for what cannot be listened to, at the call.
 * @example
 * ```ts
 * import { once, run, sleep, spawn } from '@coloop/core';
 *
 * const door = new EventTarget();
 *
 * function* ring() {
 *   yield* sleep(10);
 *   door.dispatchEvent(new Event('bell'));
 * }
 *
 * await run(function* () {
 *   spawn(ring());
 *   const [event] = yield* once(door, 'bell');
 *   console.log(event.type); //> bell
 * });
 * ```
 * Source: Node's `events.once`.
 */
export function once<T extends Listenable, N extends EventName<T>>(target: T, name: N): Operation<EventArgs<T, N>>;
export function once(target: Listenable, name: string | symbol, ...more: unknown[]): Operation<unknown> {
  refuseMore('once(emitter, name)', more);
  checkListenable('once', target, name);
  return new OnceWait(target, name);
}
