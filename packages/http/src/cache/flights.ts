/* One request at a time for what several ask for at once. */
import { EventFlag, type Operation } from '@coloop/core';

/** How a flight ended: what it brought may be shared, or has to be asked for by each one, or it brought nothing. */
export type FlightEnd = 'stored' | 'unshared' | 'failed';

/** The one request that is under way for a key. */
export class Flight {
  readonly #over = new EventFlag();
  readonly #flights: Map<string, Flight>;
  readonly #key: string;
  #end: FlightEnd | undefined;

  constructor(flights: Map<string, Flight>, key: string) {
    this.#flights = flights;
    this.#key = key;
    flights.set(key, this);
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Those who wait go on, in the order in which they came. */
  finish(end: FlightEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#flights.delete(this.#key);
    this.#over.set();
  }

  *outcome(): Operation<FlightEnd> {
    yield* this.#over.wait();
    return this.#end ?? 'failed';
  }
}
