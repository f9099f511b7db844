import { defer, moveOnAfter, type Operation, Queue, type Source, until } from '@coloop/core';
import { outcomeOf } from './outcome.ts';
import { keys, type Place } from './place.ts';

/** How many values wait for their reader; older ones are dropped. */
const MOST = 1_000;
/** After so many ms without a word the job is looked at: its end may have been missed. */
const LOOK = 2_000;

type Word = { readonly value: string } | { readonly ended: true };

/** What a job tells of its progress, from the latest on. */
export class BullProgress implements Source<string> {
  readonly #place: Place;
  readonly #id: string;
  readonly #words = new Queue<Word>();
  #begun = false;
  #closed = false;

  constructor(place: Place, id: string) {
    this.#place = place;
    this.#id = id;
  }

  *next(): Operation<IteratorResult<string, void>> {
    if (!this.#begun) yield* this.#begin();
    while (!this.#closed) {
      const { value: word, timedOut } = yield* moveOnAfter(LOOK, this.#words.get());
      if (timedOut) yield* this.#look();
      else if ('ended' in word) yield* this.close();
      else return { done: false, value: word.value };
    }
    return { done: true, value: undefined };
  }

  *close(): Operation<void> {
    this.#closed = true;
    yield* this.#place.channels.unlisten(keys.progress(this.#place, this.#id), this.#listener);
  }

  *#begin(): Operation<void> {
    this.#begun = true;
    yield* this.#place.channels.listen(keys.progress(this.#place, this.#id), this.#listener);
    defer(() => this.close());
    const job = yield* until(this.#place.queue.getJob(this.#id));
    const latest = job?.progress;
    if (this.#words.empty && typeof latest === 'object') this.#words.putNowait(latest as Word);
    if (job === undefined || outcomeOf(job, this.#place.name) !== null) this.#words.putNowait({ ended: true });
  }

  *#look(): Operation<void> {
    const job = yield* until(this.#place.queue.getJob(this.#id));
    if (job === undefined || outcomeOf(job, this.#place.name) !== null) this.#words.putNowait({ ended: true });
  }

  readonly #listener = (message: string): void => {
    if (this.#words.size >= MOST) this.#words.getNowait();
    this.#words.putNowait(JSON.parse(message) as Word);
  };
}
