import { defer, isCancelled, type Operation, Queue, sleep, spawn, until } from '@coloop/core';
import type { Job, Worker } from 'bullmq';
import type { Delivery, Outcome, Served, Serving } from '../engine.ts';
import { EngineUnavailableError } from '../errors.ts';
import { encode } from '../values/encode.ts';
import { BullDelivery } from './bull-delivery.ts';
import { forgottenAt, type JobData } from './job-data.ts';
import { outcomeOf } from './outcome.ts';
import { keys, type Place, type Reply } from './place.ts';

/** What a caller asks of the worker that runs a job. */
export interface CancelRequest {
  readonly id: string;
  /** As text. */
  readonly reason: string;
}

/** For how long a cancel is remembered whose job may be on its way to this worker, in ms. */
const ON_ITS_WAY = 60_000;

/** A worker at BullMQ. */
export class BullServing implements Serving {
  readonly #place: Place;
  readonly #worker: Worker<JobData, string>;
  readonly #deliveries = new Queue<BullDelivery | null>();
  readonly #running = new Map<string, BullDelivery>();
  readonly #cancels = new Map<string, CancelRequest & { readonly at: number }>();
  #stopped = false;

  constructor(place: Place, { concurrency }: Served) {
    this.#place = place;
    const { bull } = place.peers;
    const { prefix, lock, check, maxLost, engineOptions } = place.rules;
    this.#worker = new bull.Worker<JobData, string>(place.queue.name, (job, token) => this.#process(job, token ?? ''), {
      ...engineOptions,
      connection: place.client,
      prefix,
      concurrency: Math.min(concurrency, MOST),
      lockDuration: lock,
      stalledInterval: check,
      maxStalledCount: maxLost,
      settings: { backoffStrategy: (attempts, _type, _error, job) => pauseOf(job, attempts) },
    });
    this.#worker.on('completed', (job) => this.#written(job));
    this.#worker.on('failed', (job) => {
      if (job !== undefined) this.#written(job);
    });
    // It goes on by itself; without a listener it would end the process.
    this.#worker.on('error', () => undefined);
  }

  /** Listens for cancels, and looks after the jobs whose callers are gone. The tasks end with the worker. */
  *begin(): Operation<void> {
    yield* this.#place.channels.listen(keys.cancels(this.#place), this.#onCancel);
    defer(() => this.#place.channels.unlisten(keys.cancels(this.#place), this.#onCancel));
    spawn(() => this.#watchCallers(), { name: `callers of ${this.#place.name}`, daemon: true });
    try {
      yield* until(this.#worker.waitUntilReady());
    } catch (error) {
      if (isCancelled(error)) throw error;
      throw new EngineUnavailableError(
        `Redis was lost while a worker of the queue ${this.#place.name} began. Begin again when it is there.`,
        { cause: error },
      );
    }
  }

  *take(): Operation<Delivery | null> {
    if (this.#stopped) return null;
    return yield* this.#deliveries.get();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    void this.#worker.pause(true).catch(() => undefined);
    this.#deliveries.putNowait(null);
  }

  *close(): Operation<void> {
    this.stop();
    while (!this.#deliveries.empty) yield* this.#deliveries.getNowait()?.giveBack() ?? nothing();
    yield* until(this.#worker.close());
  }

  async #process(job: Job<JobData, string>, token: string): Promise<string> {
    const id = job.id ?? '';
    if (this.#stopped) {
      await job.moveToWait(token);
      throw new this.#place.peers.bull.WaitingError();
    }
    const again = job.attemptsStarted > 1 ? await this.#place.client.get(keys.cancel(this.#place, id)) : null;
    return new Promise((resolve, reject) => {
      const leave = (): void => void this.#running.delete(id);
      const delivery = new BullDelivery(this.#place, job, token, { resolve, reject, leave });
      this.#running.set(id, delivery);
      const asked = again ?? this.#cancels.get(id)?.reason;
      if (asked !== undefined && asked !== null) delivery.cancel(asked);
      this.#deliveries.putNowait(delivery);
    });
  }

  /** BullMQ has written how a run ended: its callers are told, if it was the last one. */
  #written(job: Job<JobData, string>): void {
    const id = job.id ?? '';
    const delivery = this.#running.get(id);
    this.#running.delete(id);
    const outcome = outcomeOf(job, this.#place.name);
    if (outcome !== null) this.#tell(job, outcome, delivery?.isHeard ?? true);
    delivery?.written();
  }

  #tell(job: Job<JobData, string>, outcome: Outcome, isHeard: boolean): void {
    const { client } = this.#place;
    const id = job.id ?? '';
    const reply: Reply = { id, outcome };
    const sent: Promise<unknown>[] = [
      client.publish(keys.replies(this.#place, job.data.caller), JSON.stringify(reply)),
    ];
    if (isHeard) sent.push(client.publish(keys.progress(this.#place, id), JSON.stringify({ ended: true })));
    if (outcome.status === 'cancelled') {
      sent.push(client.zadd(keys.counted(this.#place, 'cancelled'), forgottenAt(job.data), id));
    }
    // Who misses it looks at the job after a while.
    for (const one of sent) one.catch(() => undefined);
  }

  readonly #onCancel = (message: string): void => {
    const request = JSON.parse(message) as CancelRequest;
    const delivery = this.#running.get(request.id);
    if (delivery !== undefined) delivery.cancel(request.reason);
    else this.#remember(request);
  };

  /** The job may be on its way here: BullMQ has given it to this worker, and that is not known here yet. */
  #remember(request: CancelRequest): void {
    const at = Date.now();
    for (const [id, { at: then }] of this.#cancels) {
      if (at - then < ON_ITS_WAY) break;
      this.#cancels.delete(id);
    }
    this.#cancels.set(request.id, { ...request, at });
  }

  /** A call ends with its caller, also where that was killed. */
  *#watchCallers(): Operation<void> {
    for (;;) {
      yield* sleep(this.#place.rules.check);
      const owned = [...this.#running.values()].filter(({ job }) => job.data.owned);
      const callers = [...new Set(owned.map(({ job }) => job.data.caller))];
      if (callers.length === 0) continue;
      const found = yield* until(this.#place.client.mget(callers.map((caller) => keys.caller(this.#place, caller))));
      const gone = new Set(callers.filter((_, index) => found[index] === null));
      for (const delivery of owned) {
        if (gone.has(delivery.job.data.caller)) delivery.cancel(encode('its caller is gone', 'the reason'));
      }
    }
  }
}

/** BullMQ counts with 32 bits. */
const MOST = 1_000_000;

/** The pause before the next run: drawn when the job was submitted. */
function pauseOf(job: { readonly data: JobData } | undefined, attempts: number): number {
  return job?.data.pauses[attempts - 1] ?? 0;
}

function* nothing(): Operation<void> {}
