import { HostWait } from '../waits.ts';

/** Where the chunks of one body come in. */
export interface ChunkInbox {
  /** The next chunk, or the end; undefined where neither is there yet. */
  chunkNowait(): IteratorResult<Uint8Array, void> | undefined;
  /** Sets the wait that gets the next chunk; undefined: no task waits any more. */
  awaitChunk(wait: ChunkWait | undefined): void;
}

/** Waiting for a chunk of a body. Cancellation: loses nothing, a chunk that comes later stays for the next reader. */
export class ChunkWait extends HostWait<IteratorResult<Uint8Array, void>> {
  readonly #inbox: ChunkInbox;

  constructor(inbox: ChunkInbox) {
    super();
    this.#inbox = inbox;
  }

  get label(): string {
    return 'the body of the response';
  }

  override poll(waiter: Parameters<HostWait<unknown>['poll']>[0]): boolean {
    super.poll(waiter);
    const result = this.#inbox.chunkNowait();
    return result === undefined ? false : this.finish(result);
  }

  protected begin(): void {
    this.#inbox.awaitChunk(this);
  }

  protected end(): void {
    this.#inbox.awaitChunk(undefined);
  }
}
