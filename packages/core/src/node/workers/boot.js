// What a worker thread or process runs first. It imports nothing of ours before the hooks for TypeScript are there: on Node
// 20 those of the parent are not seen in a thread, whatever flags it was started with.
import { workerData } from 'node:worker_threads';

const text = process.env.COLOOP_WORKER;
delete process.env.COLOOP_WORKER;
const { entry, tsx } = workerData?.coloop ?? JSON.parse(text ?? '{}');
if (tsx !== null) {
  const { register } = await import(tsx);
  register();
}
const { start } = await import(entry);
await start(workerData?.coloop ?? JSON.parse(text ?? '{}'));
