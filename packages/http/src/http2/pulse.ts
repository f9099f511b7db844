/* Finds out that a peer is dead: a connection that brings nothing while requests wait is asked for a sign of life. */
import { type SchedulerView, Timer } from '../waits.ts';

/** How long a connection may be silent before it is asked, and how long the reply may take. */
export const SILENCE = 15_000;

/** What a pulse listens to. */
export interface Pulsing {
  /** How many bytes have come. */
  received(): number;
  /** Asks for a reply, which needs to bring no more than bytes. */
  ask(): void;
  /** No reply came. */
  dead(): void;
}

/** Watches a connection while requests are on it. */
export class Pulse {
  readonly #connection: Pulsing;
  readonly #timer: Timer;
  #before = -1;
  #asked = false;

  constructor(connection: Pulsing, scheduler: SchedulerView) {
    this.#connection = connection;
    this.#timer = new Timer(scheduler, () => this.#check());
  }

  start(): void {
    this.#before = this.#connection.received();
    this.#asked = false;
    this.#timer.set(SILENCE);
  }

  stop(): void {
    this.#timer.stop();
  }

  #check(): void {
    const received = this.#connection.received();
    const silent = received === this.#before;
    this.#before = received;
    if (silent && this.#asked) {
      this.#connection.dead();
      return;
    }
    this.#asked = silent;
    this.#timer.set(SILENCE);
    if (silent) this.#connection.ask();
  }
}
