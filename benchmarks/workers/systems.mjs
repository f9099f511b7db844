// Each system in its own best form: `open()` gives two workers, as `{ call(name, argument), bounce(bytes), close() }`.
import { Worker } from 'node:worker_threads';
import { run } from '@coloop/core';
import { JOBS, touch } from './jobs.mjs';

const SIZE = 2;

const LIBRARIES = {
  coloop: '@coloop/core/node',
  piscina: 'piscina',
  tinypool: 'tinypool',
  workerpool: 'workerpool',
  comlink: 'comlink',
};

/** Loads the library of a system in this thread, so that what is measured is the pool. */
export async function load(system) {
  if (Object.hasOwn(LIBRARIES, system)) await import(LIBRARIES[system]);
}

const file = (name) => new URL(`./${name}-jobs.mjs`, import.meta.url);

/** Ours is measured inside of one run, as a program has it: `drive` there does what `drive` below does with promises. */
async function coloop(kind, use) {
  const { WorkerPool, transfer } = await import('@coloop/core/node');
  const { gather } = await import('@coloop/core');
  await run(function* () {
    const pool = yield* WorkerPool.open(file('coloop'), { size: SIZE, kind });
    function* lane(shared, name, argument) {
      let bytes = argument;
      while (shared.left-- > 0) {
        if (name === 'bounce') bytes = yield* pool.call(name, transfer(bytes));
        else yield* pool.call(name, argument);
      }
    }
    yield* use(function* (name, argumentOf, count, lanes) {
      const shared = { left: count };
      yield* gather(Array.from({ length: lanes }, () => lane(shared, name, argumentOf())));
    });
  });
}

/** A pair of `postMessage` calls, written by hand, with workers that run `name`. */
const bare = (name) => async () => {
  const workers = Array.from({ length: SIZE }, () => new Worker(file(name)));
  const waiting = new Map();
  let id = 0;
  for (const worker of workers) {
    worker.on('message', ([of, value]) => {
      const resolve = waiting.get(of);
      waiting.delete(of);
      resolve(value);
    });
  }
  const send = (name, argument, list) =>
    new Promise((resolve) => {
      waiting.set(++id, resolve);
      workers[id % SIZE].postMessage([id, name, argument], list);
    });
  await Promise.all(workers.map(() => send('empty')));
  return {
    call: send,
    bounce: (bytes) => send('bounce', bytes, [bytes.buffer]),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
};

const PEERS = {
  bare: bare('bare'),
  'bare with core': bare('bare-with-core'),
  piscina: async (lanes) => {
    const { move, Piscina } = await import('piscina');
    const pool = new Piscina({
      filename: file('piscina').href,
      minThreads: SIZE,
      maxThreads: SIZE,
      concurrentTasksPerWorker: Math.ceil(lanes / SIZE),
      maxQueue: Number.POSITIVE_INFINITY,
    });
    return {
      call: (name, argument) => pool.run(argument, { name }),
      bounce: (bytes) => pool.run(move(bytes), { name: 'bounce' }),
      close: () => pool.destroy(),
    };
  },
  tinypool: async (lanes) => {
    const { Tinypool } = await import('tinypool');
    const pool = new Tinypool({
      filename: file('tinypool').href,
      minThreads: SIZE,
      maxThreads: SIZE,
      concurrentTasksPerWorker: Math.ceil(lanes / SIZE),
    });
    return {
      call: (name, argument) => pool.run(argument, { name }),
      bounce: (bytes) => pool.run(Tinypool.move(bytes), { name: 'bounce' }),
      close: () => pool.destroy(),
    };
  },
  workerpool: async () => {
    const { default: workerpool } = await import('workerpool');
    const pool = workerpool.pool(file('workerpool').pathname, {
      minWorkers: SIZE,
      maxWorkers: SIZE,
      workerType: 'thread',
    });
    return {
      call: (name, argument) => pool.exec(name, [argument]),
      bounce: (bytes) => pool.exec('bounce', [bytes], { transfer: [bytes.buffer] }),
      close: () => pool.terminate(),
    };
  },
  comlink: async () => {
    const Comlink = await import('comlink');
    const { default: endpoint } = await import('comlink/dist/esm/node-adapter.mjs');
    const workers = Array.from({ length: SIZE }, () => new Worker(file('comlink')));
    const faces = workers.map((worker) => Comlink.wrap(endpoint(worker)));
    let turn = 0;
    return {
      call: (name, argument) => faces[turn++ % SIZE][name](argument),
      bounce: (bytes) => faces[turn++ % SIZE].bounce(Comlink.transfer(bytes, [bytes.buffer])),
      close: () => Promise.all(workers.map((worker) => worker.terminate())),
    };
  },
  inline: async () => ({
    call: async (name, argument) => JOBS[name](argument),
    bounce: async (bytes) => touch(bytes),
    close: () => {},
  }),
};

/**
 * Opens the workers of a system and hands out what drives them: `drive(name, argumentOf, count, lanes)` makes `count` calls, `lanes`
 * at a time. `measure` gets it as a promise's function.
 */
export async function withSystem(system, lanes, measure) {
  if (system === 'coloop' || system === 'coloop processes') {
    const { until } = await import('@coloop/core');
    await coloop(system === 'coloop' ? 'thread' : 'process', function* (drive) {
      for (const step of measure()) {
        if (typeof step === 'function') step();
        else if (step instanceof Promise) yield* until(step);
        else yield* drive(...step);
      }
    });
    return;
  }
  const pool = await PEERS[system](lanes);
  const lane = async (shared, name, argument) => {
    let bytes = argument;
    while (shared.left-- > 0) {
      if (name === 'bounce') bytes = await pool.bounce(bytes);
      else await pool.call(name, argument);
    }
  };
  for (const step of measure()) {
    if (typeof step === 'function') step();
    else if (step instanceof Promise) await step;
    else {
      const [name, argumentOf, count, width] = step;
      const shared = { left: count };
      await Promise.all(Array.from({ length: width }, () => lane(shared, name, argumentOf())));
    }
  }
  await pool.close();
}
