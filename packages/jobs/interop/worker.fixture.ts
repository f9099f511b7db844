import { spawn } from '@coloop/core';
import { main } from '@coloop/core/node';
import { bullmq, JobQueue, work } from '@coloop/jobs';

const [connection = '', queue = ''] = process.argv.slice(2);

await main(function* () {
  const engine = bullmq({ connection, lock: 1_000, check: 500 });
  const working = spawn(work(new URL('../src/fixtures/jobs.ts', import.meta.url), { queue, engine, concurrency: 20 }));
  // It works when one of its jobs has run.
  const jobs = yield* JobQueue.open<typeof import('../src/fixtures/jobs.ts')>(queue, { engine });
  yield* jobs.call('plain', 1);
  console.log('ready');
  yield* working;
});
