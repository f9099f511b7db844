import { startWorkload } from '../harness/start.ts';
import type { Workload } from '../harness/workload.ts';
import { cancelMany } from './cancel.ts';
import { deepSwitch } from './depth.ts';
import { gatherMany } from './gather.ts';
import { memory } from './memory.ts';
import { mutex } from './mutex.ts';
import { pingPong } from './ping-pong.ts';
import { asyncio, go } from './programs.ts';
import { boundedQueue } from './queue.ts';
import { sleeps } from './sleeps.ts';
import { spawnJoin } from './spawn-join.ts';
import { bareSwitch } from './switch.ts';
import { timeoutScope } from './timeout.ts';

const own: Readonly<Record<string, Workload>> = {
  switch: bareSwitch,
  'ping-pong': pingPong,
  'spawn-join': spawnJoin,
  gather: gatherMany,
  depth: deepSwitch,
  queue: boundedQueue,
  cancel: cancelMany,
  mutex,
  timeout: timeoutScope,
  sleeps,
  memory,
};

/** The workloads of the runtime, by the name that the command takes. */
export const coreWorkloads: Readonly<Record<string, Workload>> = {
  ...Object.fromEntries(
    Object.entries(own).map(([name, workload]) => [name, { ...workload, programs: { asyncio, go } }]),
  ),
  start: startWorkload('a process that imports the runtime and ends, from its beginning', {
    coloop: '@coloop/core',
    co: 'co',
    'redux-saga': '@redux-saga/core',
    effection: 'effection',
    effect: 'effect',
  }),
};
