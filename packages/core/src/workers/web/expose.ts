import { hostEpochNow } from '../../kernel/clock/host.ts';
import { show } from '../../kernel/operation/options.ts';
import { defaultScheduler } from '../../kernel/scheduler/run.ts';
import { Guest } from '../guest/guest.ts';
import type { Order, Report } from '../protocol.ts';

/** The global object of a worker, as far as it is needed here. */
interface WorkerGlobal {
  postMessage?: (message: unknown, transfer: unknown[]) => void;
  onmessage?: ((event: { data: readonly Order[] }) => void) | null;
  document?: unknown;
}

/**
 * Serves a module to the pool that started this worker; the last line of a worker's own script.
 *
 * On Node, `WorkerPool.open` with the URL of the module needs no such script.
 *
 * @param module an object with functions, as `import * as images from './images.ts'` gives
 * @throws TypeError if it is not an object; Error outside of a worker.
 * @example
 * ```js
 * // images.worker.ts
 * import { expose } from '@coloop/core/workers';
 * import * as images from './images.ts';
 *
 * expose(images);
 * ```
 * Source: Comlink's `expose`.
 */
export function expose(module: object): void {
  if (typeof module !== 'object' || module === null) {
    throw new TypeError(
      `expose takes a module, as \`import * as images from './images.ts'\` gives, not ${show(module)}.`,
    );
  }
  const worker = globalThis as WorkerGlobal;
  const { postMessage } = worker;
  if (typeof postMessage !== 'function' || worker.document !== undefined) {
    throw new Error(
      'expose was called outside of a Web Worker. Call it in the script of the worker; on Node, give the URL of the module to WorkerPool.open.',
    );
  }
  const post = (reports: readonly Report[], transfer: readonly unknown[]): void =>
    postMessage.call(worker, reports, [...transfer]);
  const guest = new Guest(module as Readonly<Record<string, unknown>>, {
    scheduler: defaultScheduler(),
    post,
    epochNow: hostEpochNow,
    atOnce: false,
  });
  worker.onmessage = ({ data }) => guest.receive(data);
}
