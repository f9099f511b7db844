import type { Carrier, CarrierEvents } from '../carrier.ts';
import type { Order, Report } from '../protocol.ts';

/** A worker of a page, or of any platform with the same `Worker`. */
export class WebCarrier implements Carrier {
  readonly #worker: Worker;
  readonly #events: CarrierEvents;
  /** What is sent before the worker listens would be lost where its module waits at the top. */
  #early: { readonly orders: readonly Order[]; readonly transfer: readonly unknown[] }[] | null = [];

  constructor(worker: Worker, events: CarrierEvents) {
    this.#worker = worker;
    this.#events = events;
    worker.onmessage = ({ data }: MessageEvent<readonly Report[]>) => this.#received(data);
    worker.onmessageerror = () => this.#crashed(new Error('A message could not be read.'));
    worker.onerror = (event) => {
      // It is told here, and nowhere else.
      event.preventDefault();
      this.#crashed(errorOf(event));
    };
  }

  #received(reports: readonly Report[]): void {
    const early = this.#early;
    this.#early = null;
    this.#events.received(reports);
    for (const { orders, transfer } of early ?? []) this.post(orders, transfer);
  }

  post(orders: readonly Order[], transfer: readonly unknown[]): void {
    if (this.#early !== null) this.#early.push({ orders, transfer });
    else this.#worker.postMessage(orders, transfer as Transferable[]);
  }

  end(): void {
    this.#worker.terminate();
    // A page is not told of this end; what called finishes first.
    void Promise.resolve().then(() =>
      this.#events.lost({ reason: 'exit', exitCode: null, how: 'since it was terminated' }),
    );
  }

  running(): null {
    return null;
  }

  /** In a page a worker lives on after an error that nobody caught; in a pool it does not, as on Node. */
  #crashed(cause: Error): void {
    this.#worker.terminate();
    this.#events.lost({ reason: 'crash', exitCode: null, how: 'by an error that nobody caught', cause });
  }
}

/** A page gets no error object, only what would be printed; of a script that does not load, nothing at all. */
function errorOf({ message, filename, lineno, colno }: Partial<ErrorEvent>): Error {
  const error = new Error(message || 'its script did not load, or has a mistake in its syntax');
  if (filename) {
    Object.defineProperty(error, 'stack', { value: `Error: ${error.message}\n    at ${filename}:${lineno}:${colno}` });
  }
  return error;
}
