/**
 * Redelivery: every queue of jobs delivers at least once, so a job may run twice. A shop that sends a parcel per order is
 * tried with workers that are lost and jobs that come twice, in virtual time: once careless, once with a look at its ledger.
 */
import { type Operation, sleep, spawn } from '@coloop/core';
import { currentJob, JobQueue, memoryEngine, work } from '@coloop/jobs';
import { huntFor } from '../shared/hunt-for.ts';
import { startExample } from '../shared/start-example.ts';

type Send = (order: string) => Operation<void>;

/** Submits three orders, one of them twice, and counts the parcels. */
function* day(send: Send, parcels: string[]): Operation<void> {
  const engine = memoryEngine({ faults: { twice: 0.1, lose: 0.1, reorder: true } });
  spawn(work({ send }, { queue: 'orders', engine }), { daemon: true });
  const jobs = yield* JobQueue.open<{ send: Send }>('orders', { engine });
  for (const order of ['a', 'b', 'b', 'c']) yield* yield* jobs.submit('send', [order], { key: order });
  // Long enough for the second run of a job that was delivered twice.
  yield* sleep(1_000);
  if (parcels.length !== 3) throw new Error(`3 orders became ${parcels.length} parcels`);
}

function* careless(): Operation<void> {
  const parcels: string[] = [];
  yield* day(function* (order) {
    yield* sleep(10);
    parcels.push(order);
  }, parcels);
}

function* careful(): Operation<void> {
  const parcels: string[] = [];
  yield* day(function* (order) {
    yield* sleep(10);
    const { key } = currentJob();
    // Looked up and written without a wait in between: two runs cannot both find nothing.
    if (!parcels.includes(key ?? order)) parcels.push(key ?? order);
  }, parcels);
}

export function* redelivery(): Operation<void> {
  yield* huntFor('a job that sends at once', careless, { seeds: 30 });
  yield* huntFor('a job that looks into its ledger', careful, { seeds: 30 });
}

await startExample(import.meta.url, redelivery);
