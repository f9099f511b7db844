import { isCancelled, type Operation, type Source } from '@coloop/core';
import { ClientError } from '../errors.ts';
import { HostWait } from '../waits.ts';

/** The task that reads the source. */
export interface UploadTask {
  whenSettled(then: () => void): void;
  cancel(reason: string): unknown;
}

/**
 * Hands the pieces of a source to the codec, which takes an async iterable, one at a time and only when it asks.
 *
 * The source is read by a task ({@link pump}), the codec by promises: this is where the two meet.
 */
export class Upload implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, void> {
  readonly #source: Source<Uint8Array>;
  #demand: ((result: IteratorResult<Uint8Array, void>) => void) | undefined;
  #refuse: ((error: unknown) => void) | undefined;
  #failure: { readonly error: unknown } | undefined;
  #done = false;
  #over = false;
  #begun = false;
  #task: UploadTask | undefined;
  #wait: DemandWait | undefined;

  constructor(source: Source<Uint8Array>) {
    this.#source = source;
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

  /** The codec wants no more: the request was aborted, or answered before its body was sent. */
  return(): Promise<IteratorResult<Uint8Array, void>> {
    this.stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the upload, wherever it stands: the pump is cancelled and closes the source. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    // Not "done": the codec would write the end of a body that has none.
    this.giveUp(new Error('the upload was given up'));
    // A task that is cancelled before it begins never runs, and would leave the source open.
    if (this.#begun) this.#task?.cancel('the request is over');
  }

  /** @internal The pump runs. */
  begin(): void {
    this.#begun = true;
  }

  /** @param task - the task that pumps */
  runBy(task: UploadTask): void {
    this.#task = task;
    // Also where it never began; the codec would wait for the next piece for ever.
    task.whenSettled(() => {
      if (!this.#done) this.giveUp(new ClientError('The task that reads the body was cancelled.', { code: 'ABORTED' }));
    });
  }

  /** @internal Whether a piece is wanted; undefined: nobody has asked yet. */
  get wanted(): boolean | undefined {
    if (this.#done || this.#over) return false;
    return this.#demand === undefined ? undefined : true;
  }

  /** @internal */
  awaitDemand(wait: DemandWait | undefined): void {
    this.#wait = wait;
  }

  /** @internal */
  give(result: IteratorResult<Uint8Array, void>): void {
    if (result.done) this.#done = true;
    const demand = this.#demand;
    this.#demand = undefined;
    demand?.(result);
  }

  /** @internal */
  giveUp(error: unknown): void {
    this.#failure ??= { error };
    this.#refuse?.(error);
    this.#refuse = undefined;
    this.#demand = undefined;
  }

  /** Reads the source as the codec asks for it. An error of the source goes to the codec. */
  pump(): Operation<void> {
    return pump(this, this.#source);
  }
}

function* pump(upload: Upload, source: Source<Uint8Array>): Operation<void> {
  upload.begin();
  try {
    while (yield* new DemandWait(upload)) {
      const piece = yield* source.next();
      // An empty piece would end nothing and say nothing: chunked coding has no room for it.
      if (piece.done || piece.value.length > 0) upload.give(piece);
    }
  } catch (error) {
    if (isCancelled(error)) throw error;
    upload.giveUp(error);
  } finally {
    yield* source.close();
  }
}

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
