import { Worker } from 'node:worker_threads';
import type { Carrier, CarrierEvents, Loss } from '../../workers/carrier.ts';
import type { Order, Report } from '../../workers/protocol.ts';
import type { BootData } from './boot-data.ts';

/** What the thread of a pool may be given. */
export interface ThreadOptions {
  /** Bytes of its heap. */
  readonly memory: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
}

const MEBIBYTE = 2 ** 20;

/** A worker thread of Node. */
export class ThreadCarrier implements Carrier {
  readonly #worker: Worker;
  readonly #running = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #error: { readonly cause: unknown } | null = null;
  #gone = false;

  constructor(file: URL, boot: BootData, { memory, env }: ThreadOptions, events: CarrierEvents) {
    const worker = new Worker(file, {
      workerData: { coloop: { ...boot, running: this.#running } },
      ...(env === undefined ? {} : { env: env as NodeJS.ProcessEnv }),
      ...(memory === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memory / MEBIBYTE } }),
    });
    this.#worker = worker;
    worker.on('message', (reports: readonly Report[]) => events.received(reports));
    worker.on('error', (cause) => {
      this.#error = { cause };
    });
    worker.on('exit', (code) => {
      this.#gone = true;
      events.lost(lossOf(code, this.#error));
    });
  }

  post(orders: readonly Order[], transfer: readonly unknown[]): void {
    // One that has ended, of which the end was not told yet: Bun throws here.
    if (!this.#gone && this.#worker.threadId >= 0) this.#worker.postMessage(orders, transfer as never);
  }

  end(): void {
    void this.#worker.terminate();
  }

  running(): number {
    return this.#running[0] as number;
  }
}

function lossOf(exitCode: number, error: { readonly cause: unknown } | null): Loss {
  if (error === null) return { reason: 'exit', exitCode, how: `with code ${exitCode}` };
  const { cause } = error;
  const { code } = (cause ?? {}) as { code?: unknown };
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? { reason: 'memory', exitCode, how: 'at its memory limit', cause }
    : { reason: 'crash', exitCode, how: 'by an error that nobody caught', cause };
}
