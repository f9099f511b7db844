import { sleep, spawn } from '@coloop/core';
import { main } from '@coloop/core/node';
import { bullmq, JobQueue } from '@coloop/jobs';

const [connection = '', queue = ''] = process.argv.slice(2);

await main(function* () {
  const engine = bullmq({ connection, lock: 1_000, check: 500 });
  const jobs = yield* JobQueue.open<typeof import('../src/fixtures/jobs.ts')>(queue, { engine });
  const call = spawn(jobs.call('stubborn', 1));
  while ((yield* jobs.stats()).running === 0) yield* sleep(20);
  console.log('called');
  yield* call;
});
