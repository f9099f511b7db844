import { defer, now, type Operation, sleep, spawn, until } from '@coloop/core';
import type { ExportKind } from '@coloop/core/lowlevel';
import type { Served } from '../engine.ts';
import { refuseOtherModule } from '../rules/refuse-other-module.ts';
import { newId } from './names.ts';
import { keys, type Place } from './place.ts';

/** For how long a worker is taken for alive that says nothing, and how often it says so, in ms. */
const ALIVE = 15_000;
const SAID_EACH = 5_000;
/** For how long what workers export is remembered, in ms. */
const REMEMBERED = 5_000;

/** The workers of a queue, on all machines. */
export class Roster {
  readonly #place: Place;
  #known: { readonly exports: Served['exports'] | null; readonly at: number } | null = null;

  constructor(place: Place) {
    this.#place = place;
  }

  /** What the workers export; null while there are none. */
  *exports(): Operation<Readonly<Record<string, ExportKind>> | null> {
    const known = this.#known;
    if (known !== null && known.exports !== null && now() - known.at < REMEMBERED) return known.exports;
    const exports = (yield* this.#others())?.exports ?? null;
    this.#known = { exports, at: now() };
    return exports;
  }

  /**
   * Puts a worker down until the scope of its caller ends.
   *
   * @throws QueueMismatchError where the workers that are there serve another module.
   */
  *enter(served: Served): Operation<void> {
    const known = yield* this.#others();
    if (known !== null) refuseOtherModule(this.#place.name, known, served);
    const id = newId();
    yield* this.#say(id, served);
    defer(() => this.#leave(id));
    spawn(() => this.#go(id, served), { name: `presence at ${this.#place.name}`, daemon: true });
  }

  *#go(id: string, served: Served): Operation<void> {
    for (;;) {
      yield* sleep(SAID_EACH);
      yield* this.#say(id, served);
    }
  }

  *#say(id: string, served: Served): Operation<void> {
    const { client } = this.#place;
    yield* until(client.set(keys.worker(this.#place, id), JSON.stringify(served), 'PX', ALIVE));
    yield* until(client.sadd(keys.workers(this.#place), id));
  }

  *#leave(id: string): Operation<void> {
    const { client } = this.#place;
    yield* until(client.del(keys.worker(this.#place, id)));
    yield* until(client.srem(keys.workers(this.#place), id));
  }

  /** What one of the workers serves, all of them serving the same; those that are gone are struck off. */
  *#others(): Operation<Served | null> {
    const { client } = this.#place;
    const ids = yield* until(client.smembers(keys.workers(this.#place)));
    if (ids.length === 0) return null;
    const found = yield* until(client.mget(ids.map((id) => keys.worker(this.#place, id))));
    const gone = ids.filter((_, index) => found[index] === null);
    if (gone.length > 0) yield* until(client.srem(keys.workers(this.#place), ...gone));
    const text = found.find((each) => each !== null);
    return text == null ? null : (JSON.parse(text) as Served);
  }
}
