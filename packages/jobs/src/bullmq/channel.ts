/** Messages over Redis that nobody keeps: who does not listen, or is about to connect again, misses them. */
import { type Operation, until } from '@coloop/core';
import type { Redis } from 'ioredis';

type Listener = (message: string) => void;

export class Channels {
  readonly #client: Redis;
  readonly #listeners = new Map<string, Set<Listener>>();

  /** @param client a connection of its own: one that listens can do nothing else */
  constructor(client: Redis) {
    this.#client = client;
    client.on('message', (channel: string, message: string) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(message);
    });
  }

  /** Listens from the moment that this ends; the client subscribes again by itself after it was cut off. */
  *listen(channel: string, listener: Listener): Operation<void> {
    const known = this.#listeners.get(channel);
    if (known !== undefined) {
      known.add(listener);
      return;
    }
    this.#listeners.set(channel, new Set([listener]));
    yield* until(this.#client.subscribe(channel));
  }

  *unlisten(channel: string, listener: Listener): Operation<void> {
    const known = this.#listeners.get(channel);
    if (known?.delete(listener) !== true || known.size > 0) return;
    this.#listeners.delete(channel);
    yield* until(this.#client.unsubscribe(channel));
  }
}
