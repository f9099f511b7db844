import { defer, type Operation, until } from '@coloop/core';
import { checkCount, checkDuration, readOptions, show } from '@coloop/core/lowlevel';
import type { Engine, EngineQueue } from '../engine.ts';
import { BullQueue } from './bull-queue.ts';
import { Channels } from './channel.ts';
import { connect, connectAgain } from './connect.ts';
import type { JobData } from './job-data.ts';
import { bullName } from './names.ts';
import { loadPeers } from './peers.ts';
import type { BullRules, Place } from './place.ts';

/** What `bullmq` takes. */
export interface BullmqOptions {
  /** Where Redis is: `redis://user:password@host:6379`, `rediss://…` over TLS, or the options of ioredis. */
  connection: string | object;
  /** What all keys in Redis begin with; `bull` by default, where dashboards look for them. */
  prefix?: string | undefined;
  /** For how many ms a worker has a job without renewing its hold, which it does by itself; 10,000 by default. */
  lock?: number | undefined;
  /** How often, in ms, jobs of lost workers and callers are looked for; 5,000 by default. */
  check?: number | undefined;
  /** How often the worker of a job may be lost before the job fails; 3 by default. */
  maxLost?: number | undefined;
  /** How many characters the arguments, or the result, of a job may take; 1,048,576 by default. */
  limit?: number | undefined;
  /** More options of BullMQ's `Worker`, such as `limiter`. */
  engineOptions?: object | undefined;
}

const OPTIONS = {
  connection: 'any',
  prefix: 'string',
  lock: 'duration',
  check: 'duration',
  maxLost: 'any',
  limit: 'count',
  engineOptions: 'any',
} as const;
const LIMIT = 1_048_576;

/**
 * Keeps jobs in Redis or Valkey, by BullMQ: they outlive the program, and workers on any number of machines take them.
 *
 * Install `bullmq` and `ioredis` beside this package. What breaks between here and Redis is connected again; a job is
 * delivered again when its worker is lost, and a call is cancelled when its caller is.
 *
 * @throws TypeError and RangeError for wrong options. `JobQueue.open` and `work` throw EngineUnavailableError where Redis
 *   cannot be reached or refuses the password.
 * @example
 * ```ts no-run
 * import { main } from '@coloop/core/node';
 * import { bullmq, JobQueue } from '@coloop/jobs';
 *
 * await main(function* () {
 *   const engine = bullmq({ connection: process.env.COLOOP_REDIS ?? 'redis://127.0.0.1:6379' });
 *   const jobs = yield* JobQueue.open('images', { engine });
 *   console.log(yield* jobs.call('resize', new Uint8Array(4_096), 300));
 * });
 * ```
 * Source: BullMQ's `Queue` and `Worker`.
 */
export function bullmq(options: BullmqOptions): Engine {
  const given = readOptions('bullmq', options, OPTIONS);
  const { connection, prefix = 'bull', lock = 10_000, check = 5_000, maxLost = 3, limit = LIMIT } = given;
  checkConnection(connection);
  checkDuration("bullmq: the option 'lock'", lock);
  checkDuration("bullmq: the option 'check'", check);
  checkCount("bullmq: the option 'maxLost'", maxLost, 0, true);
  const { engineOptions = {} } = given;
  return new BullEngine(connection, limit, { prefix, lock, check, maxLost, engineOptions });
}

function checkConnection(connection: unknown): void {
  if (typeof connection === 'object' && connection !== null) return;
  if (typeof connection !== 'string') {
    throw new TypeError(
      `bullmq: the option 'connection' is the address of Redis, not ${show(connection)}. Write \`bullmq({ connection: 'redis://host:6379' })\`.`,
    );
  }
  // The address is not shown: there may be a password in it.
  if (!/^rediss?:\/\/./.test(connection)) {
    throw new TypeError(
      "bullmq: the option 'connection' begins with redis:// or rediss://. Write `bullmq({ connection: 'redis://host:6379' })`.",
    );
  }
}

class BullEngine implements Engine {
  readonly limit: number;
  readonly #connection: string | object;
  readonly #rules: BullRules;

  constructor(connection: string | object, limit: number, rules: BullRules) {
    this.#connection = connection;
    this.limit = limit;
    this.#rules = rules;
  }

  *open(name: string): Operation<EngineQueue> {
    const peers = yield* loadPeers();
    const client = yield* connect(peers, this.#connection);
    const channels = new Channels(yield* connectAgain(client));
    const { prefix } = this.#rules;
    const queue = new peers.bull.Queue<JobData, string>(bullName(name), { connection: client, prefix });
    queue.on('error', () => undefined);
    defer(() => until(queue.close()));
    const place: Place = { name, peers, rules: this.#rules, client, channels, queue };
    const opened = new BullQueue(place);
    yield* opened.begin();
    return opened;
  }
}
