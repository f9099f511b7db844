import { parentPort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import endpoint from 'comlink/dist/esm/node-adapter.mjs';
import { compute, empty, nap, touch } from './jobs.mjs';

const bounce = (bytes) => Comlink.transfer(touch(bytes), [bytes.buffer]);

Comlink.expose({ empty, nap, compute, bounce }, endpoint(parentPort));
