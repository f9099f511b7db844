/* The body of a response on its way to the user, and what becomes of it. */
import { concat } from '../bytes/buffer.ts';
import type { Flight } from './flights.ts';

/** What shows a body as it comes in. */
export interface WatchedBody {
  watch(watcher: (chunk: Uint8Array) => void, ended: (complete: boolean) => void): void;
}

/**
 * What comes without a reader: above this a connection waits for one, and whoever waits for this body might wait for a reader
 * that waits for them.
 */
const UNREAD = 65_536;
const UNREAD_CHUNKS = 512;

/** Keeps a body while it comes in. */
export class Recording {
  readonly key: string;
  readonly flight: Flight | null;
  readonly #most: number;
  readonly #done: (body: Uint8Array | null) => void;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #over = false;

  /** @param done - gets the body, or null if it did not come whole, was too large, or was dropped */
  constructor(key: string, most: number, flight: Flight | null, done: (body: Uint8Array | null) => void) {
    this.key = key;
    this.flight = flight;
    this.#most = most;
    this.#done = done;
  }

  watch(body: WatchedBody): void {
    body.watch(
      (chunk) => this.#take(chunk),
      (complete) => this.#end(complete ? concat(this.#chunks) : null),
    );
  }

  /** What comes is not to be kept: it was made before something changed. */
  drop(): void {
    this.#end(null);
  }

  #take(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#size += chunk.length;
    if (this.#size > this.#most) {
      this.#end(null);
      return;
    }
    // A copy: the memory of a chunk is used again.
    this.#chunks.push(Uint8Array.from(chunk));
    if (this.#size > UNREAD || this.#chunks.length > UNREAD_CHUNKS) this.flight?.finish('unshared');
  }

  #end(body: Uint8Array | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#done(body);
    this.#chunks = [];
    this.flight?.finish(body === null ? 'failed' : 'stored');
  }
}
