/** What runs in a worker thread. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { hostEpochNow } from '../../kernel/clock/host.ts';
import { defaultScheduler } from '../../kernel/scheduler/run.ts';
import type { ContextCarrier } from '../../kernel/task/task.ts';
import { Guest } from '../../workers/guest/guest.ts';
import type { Order, Report } from '../../workers/protocol.ts';
import type { BootData } from './boot-data.ts';
import { loadModule } from './load-module.ts';

/** Loads the module and serves it. */
export async function start({ module, running }: BootData): Promise<void> {
  const port = parentPort as MessagePort;
  const post = (reports: readonly Report[], transfer: readonly unknown[] = []): void =>
    port.postMessage(reports, transfer as never);
  const exports = await loadModule(module, post);
  if (exports === null) return;
  const guest = new Guest(exports, {
    scheduler: defaultScheduler(),
    post,
    epochNow: hostEpochNow,
    atOnce: false,
    ...(running === undefined ? {} : { mark: (id: number) => new Mark(running, id) }),
  });
  port.on('message', (orders: readonly Order[]) => guest.receive(orders));
}

/** Notes in shared memory, around each step of a call's tasks, which call it is: a pool can look while a step lasts. */
class Mark implements ContextCarrier {
  readonly #running: Int32Array;
  readonly #id: number;
  readonly #within = (step: () => void): void => {
    this.#running[0] = this.#id;
    step();
    this.#running[0] = 0;
  };

  constructor(running: Int32Array, id: number) {
    this.#running = running;
    this.#id = id;
  }

  snapshot(): (step: () => void) => void {
    return this.#within;
  }
}
