import { availableParallelism } from 'node:os';
import { checkCount, readOptions, show } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import type { Launcher } from '../workers/carrier.ts';
import type { AnyModule } from '../workers/module-types.ts';
import { openPool } from '../workers/pool/open.ts';
import { checkPoolOptions, POOL_OPTIONS } from '../workers/pool/options.ts';
import type { PoolOptions, WorkerPool as PortablePool } from '../workers/types.ts';
import { bootFile, entryFile } from './worker-files.ts';
import { type BootData, bootData } from './workers/boot-data.ts';
import { ProcessCarrier } from './workers/process-carrier.ts';
import { ThreadCarrier } from './workers/thread-carrier.ts';

/** What `WorkerPool.open` takes on Node. */
export interface NodePoolOptions extends PoolOptions {
  /** Threads of this process, or processes: which cost more to start and to talk to, and survive each other's crashes. */
  kind?: 'thread' | 'process' | undefined;
  /** How many bytes the heap of one worker may have; as many as V8 allows by default. */
  memory?: number | undefined;
  /** The environment of the workers; that of this process by default. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
}

const OPTIONS = { ...POOL_OPTIONS, kind: 'string', memory: 'count', env: 'any' } as const;

/** Workers that run the exports of one module; made by `WorkerPool.open`. */
export type WorkerPool<M = AnyModule> = PortablePool<M>;

/** Opens pools of threads and of processes. */
export const WorkerPool = {
  /**
   * Starts workers that each load the module, and closes them with the scope that opened the pool.
   *
   * Cancellation: ends the workers that have started.
   *
   * @param module where the module lies, as in `new URL('./images.ts', import.meta.url)`: JavaScript or TypeScript
   * @param options `size`, `kind`, `concurrency`, `queue`, `unresponsive`, `memory` in bytes, `env`, `errors`, `name`
   * @throws WorkerLoadError when the module does not load; TypeError and RangeError for wrong options.
   */
  open<M = AnyModule>(module: URL, options: NodePoolOptions = {}): Operation<WorkerPool<M>> {
    const given = readOptions('WorkerPool.open', options, OPTIONS);
    const checked = checkPoolOptions(given, availableParallelism());
    return openPool(launcherOf(checkModule(module), given), module, checked) as Operation<WorkerPool<M>>;
  },
};

function checkModule(module: unknown): URL {
  if (module instanceof URL) return module;
  throw new TypeError(
    `WorkerPool.open takes the URL of a module, not ${show(module)}. Write \`new URL('./images.ts', import.meta.url)\`.`,
  );
}

function launcherOf(module: URL, { kind = 'thread', memory, env }: NodePoolOptions): Launcher {
  if (memory !== undefined) checkCount("WorkerPool.open: the option 'memory'", memory, 2 ** 20);
  const name = (module.protocol === 'file:' && decodeURIComponent(module.pathname).split('/').at(-1)) || 'the module';
  const options = { memory, env };
  if (kind === 'thread' || kind === 'process') {
    const Carrier = kind === 'thread' ? ThreadCarrier : ProcessCarrier;
    const [file, entry] = [bootFile(), entryFile(kind)];
    const boot = (): BootData => bootData(entry, module);
    return { name, foreign: true, launch: (events) => new Carrier(file, boot(), options, events) };
  }
  throw new TypeError(`WorkerPool.open: the option 'kind' takes 'thread' or 'process', not ${show(kind)}.`);
}
