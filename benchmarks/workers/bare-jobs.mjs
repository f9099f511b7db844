// What a call costs at least: one message there and one back, without cancel, errors or placement.
import { parentPort } from 'node:worker_threads';
import { JOBS, touch } from './jobs.mjs';

parentPort.on('message', async ([id, name, argument]) => {
  if (name === 'bounce') {
    const bytes = touch(argument);
    parentPort.postMessage([id, bytes], [bytes.buffer]);
  } else if (name === 'nap') parentPort.postMessage([id, await JOBS.nap(argument)]);
  else parentPort.postMessage([id, JOBS[name](argument)]);
});
