/*
 * The body of a request where it is a source: a task reads the source, the codec takes an async iterable, and this is
 * where the two meet, one chunk at a time and only when the codec asks.
 */
import { isCancelled, type Operation, type Source } from '@coloop/core';
import { ClientError } from '../errors.ts';
import { closeQuietly } from '../request/body/owned-stream.ts';
import { HostWait } from '../waits.ts';

/** The task that reads the source. */
export interface UploadTask {
  whenSettled(then: () => void): void;
  cancel(reason: string): unknown;
}

/** Hands the chunks of a source to the codec. */
export class Upload implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, void> {
  readonly #source: Source<Uint8Array>;
  readonly #failed: (error: unknown) => void;
  #demand: ((result: IteratorResult<Uint8Array, void>) => void) | undefined;
  #refuse: ((error: unknown) => void) | undefined;
  #failure: { readonly error: unknown } | undefined;
  #done = false;
  #stopped = false;
  #begun = false;
  #task: UploadTask | undefined;
  #wait: DemandWait | undefined;

  /** @param failed - called with an error of the source; it stops the upload */
  constructor(source: Source<Uint8Array>, failed: (error: unknown) => void) {
    this.#source = source;
    this.#failed = failed;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void> {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, void>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#done) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#demand = resolve;
      this.#refuse = reject;
      this.#wait?.wake(true);
    });
  }

  /** The codec wants no more: the request was aborted, or its response came before its body was sent. */
  return(): Promise<IteratorResult<Uint8Array, void>> {
    this.stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the upload, wherever it stands: its task is cancelled and closes the source. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    // Not "done": the codec would write the end of a body that has none.
    this.#fail(new Error('The upload was stopped, since its request is over.'));
    // A task that is cancelled before it begins never runs, and would leave the source open.
    if (this.#begun) this.#task?.cancel('the request is over');
  }

  /** Reads the source as the codec asks for it. An error of the source goes past the codec, which knows only some of them. */
  *pump(): Operation<void> {
    this.#begun = true;
    try {
      while (yield* new DemandWait(this)) {
        const chunk = yield* this.#source.next();
        // An empty chunk would end nothing and say nothing: chunked coding has no room for it.
        if (chunk.done || chunk.value.length > 0) this.#give(chunk);
      }
    } catch (error) {
      if (isCancelled(error)) throw error;
      this.#broke(error);
    } finally {
      yield* closeQuietly(this.#source);
    }
  }

  /** @param task - the task that pumps */
  runBy(task: UploadTask): void {
    this.#task = task;
    // Also where it never began; the codec would wait for the next chunk for ever.
    task.whenSettled(() => {
      if (!this.#done) this.#broke(new ClientError('The task that reads the body was cancelled.', { code: 'ABORTED' }));
    });
  }

  /** @internal Whether a chunk is wanted; undefined: the codec has not asked yet. */
  get wanted(): boolean | undefined {
    if (this.#done || this.#stopped) return false;
    return this.#demand === undefined ? undefined : true;
  }

  /** @internal */
  awaitDemand(wait: DemandWait | undefined): void {
    this.#wait = wait;
  }

  #give(result: IteratorResult<Uint8Array, void>): void {
    if (result.done) this.#done = true;
    const demand = this.#demand;
    this.#demand = undefined;
    demand?.(result);
  }

  #broke(error: unknown): void {
    if (this.#stopped) return;
    this.#failed(error);
    this.stop();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#refuse?.(error);
    this.#refuse = undefined;
    this.#demand = undefined;
  }
}

/** Waiting for the codec to ask for a chunk. */
class DemandWait extends HostWait<boolean> {
  readonly #upload: Upload;

  constructor(upload: Upload) {
    super();
    this.#upload = upload;
  }

  get label(): string {
    return 'the connection to take more of the body';
  }

  override poll(waiter: Parameters<HostWait<boolean>['poll']>[0]): boolean {
    super.poll(waiter);
    const { wanted } = this.#upload;
    return wanted === undefined ? false : this.finish(wanted);
  }

  protected begin(): void {
    this.#upload.awaitDemand(this);
  }

  protected end(): void {
    this.#upload.awaitDemand(undefined);
  }
}
