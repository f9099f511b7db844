import { Ring } from '../../channels/ring.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { removeRelease } from '../../kernel/scope/releases.ts';
import type { Release } from '../../kernel/scope/scope.ts';
import { SourceOwner } from '../../kernel/task/source-owner.ts';
import { END, Stage } from '../../streams/stage.ts';
import { Call, CallWait, DONE, ERROR } from './call.ts';

/** How many items a worker may be ahead of the reader. */
const WINDOW = 16;
/** After so many items the worker hears that they were taken. */
const TOLD_AFTER = WINDOW / 2;

/** The call of a stream: keeps what came and was not read yet. */
export class StreamCall extends Call {
  readonly items = new Ring<unknown>();
  #untold = 0;

  override item(value: unknown): void {
    this.items.add(value);
    this.wait?.changed();
  }

  take(): unknown {
    const item = this.items.take();
    if (++this.#untold === TOLD_AFTER) {
      this.worker.credit(this, TOLD_AFTER);
      this.#untold = 0;
    }
    return item;
  }
}

/** The wait for the next item: what came before the end is read before it. */
class NextItem extends CallWait<IteratorResult<unknown, void>> {
  readonly #stream: StreamCall;

  constructor(call: StreamCall) {
    super(call);
    this.#stream = call;
  }

  get label(): string {
    const { name, worker } = this.call;
    return `the next item of ${name}() in ${worker.label}`;
  }

  protected ready(): boolean {
    const { state, end, outcome, items } = this.#stream;
    if (items.size > 0) return this.finish({ done: false, value: this.#stream.take() });
    if (state !== DONE) return false;
    if (end === ERROR) throw outcome;
    return this.finish(END);
  }
}

/** What a stream needs of its pool. */
export interface StreamPool {
  /** Starts the call of a stream. */
  openStream(name: string, args: readonly unknown[], credit: number): Operation<StreamCall>;
  /** Cancels a call and waits for the end of its cleanups, within the grace. */
  end(call: Call, why: unknown): Operation<void>;
}

/** The items of a stream in a worker; begins with the first `next`. */
export class RemoteStream extends Stage<unknown> {
  readonly label: string;
  readonly #pool: StreamPool;
  readonly #name: string;
  readonly #args: readonly unknown[];
  readonly #owner = new SourceOwner('This stream');
  #call: StreamCall | null = null;
  #release: Release | null = null;

  constructor(pool: StreamPool, name: string, args: readonly unknown[]) {
    super();
    this.label = `pool.stream(${name})`;
    this.#pool = pool;
    this.#name = name;
    this.#args = args;
  }

  protected *read(): Operation<IteratorResult<unknown, void>> {
    const call = this.#call ?? (yield* this.#open());
    if (this.closed) {
      // It was closed while it waited for its worker.
      yield* this.release();
      return END;
    }
    try {
      const step = yield* new NextItem(call);
      if (step.done) this.#forget();
      return step;
    } catch (error) {
      if (call.state === DONE && call.end === ERROR && error === call.outcome) this.#forget();
      throw error;
    }
  }

  *#open(): Operation<StreamCall> {
    const call = yield* this.#pool.openStream(this.#name, this.#args, WINDOW);
    this.#call = call;
    this.#release = this.#owner.addRelease(() => this.close());
    return call;
  }

  #forget(): void {
    removeRelease(this.#release);
    this.#release = null;
  }

  protected *release(): Operation<void> {
    this.#forget();
    const call = this.#call;
    if (call === null || call.state === DONE) return;
    yield* this.#pool.end(call, 'the stream was closed');
    if (call.state === DONE && call.end === ERROR && !call.worker.gone) throw call.outcome;
  }
}
