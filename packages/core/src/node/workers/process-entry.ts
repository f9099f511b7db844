/** What runs in a worker process: the same, behind Node's channel between processes. */
import { hostEpochNow } from '../../kernel/clock/host.ts';
import { defaultScheduler } from '../../kernel/scheduler/run.ts';
import { Guest } from '../../workers/guest/guest.ts';
import type { Order, Report } from '../../workers/protocol.ts';
import type { BootData } from './boot-data.ts';
import { loadModule } from './load-module.ts';

/** Loads the module and serves it. */
export async function start({ module }: BootData): Promise<void> {
  // The terminal sends it to all processes of a group; what it means is decided by the pool's own.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit());
  const post = (reports: readonly Report[]): void => {
    if (process.connected) process.send?.(reports);
  };
  const exports = await loadModule(module, post);
  if (exports === null) return;
  const guest = new Guest(exports, { scheduler: defaultScheduler(), post, epochNow: hostEpochNow, atOnce: false });
  process.on('message', (orders: readonly Order[]) => guest.receive(orders));
}
