import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { type Group, group } from '../tasks/group.ts';
import { firstFailure } from './first-failure.ts';
import { END, Stage } from './stage.ts';
import { takeAll } from './take-all.ts';

/** The first items of all sources, then the second ones, and so on, until one of them ends. */
export class ZipStage extends Stage<unknown[]> {
  readonly label = 'stream.zip';
  readonly #upstreams: readonly Source<unknown>[];
  /** What was read for the next item: a reader that is cancelled leaves it to the one after. */
  #held: (IteratorResult<unknown, void> | null)[];

  constructor(upstreams: readonly Source<unknown>[]) {
    super();
    this.#upstreams = upstreams;
    this.#held = upstreams.map(() => null);
  }

  protected *read(): Operation<IteratorResult<unknown[], void>> {
    const tried = yield* attempt(firstFailure(group((g) => this.#fillAll(g))));
    if (!tried.ok) return yield* this.fail(tried.error);
    if (this.#held.some((r) => r === null || r.done)) {
      yield* this.close();
      return END;
    }
    const value = this.#held.map((r) => r?.value);
    this.#held = this.#held.map(() => null);
    return { done: false, value };
  }

  *#fillAll(g: Group): Operation<void> {
    for (let at = 0; at < this.#upstreams.length; at++) g.spawn(this.#fill(g, at));
  }

  *#fill(g: Group, at: number): Operation<void> {
    const upstream = this.#upstreams[at] as Source<unknown>;
    this.#held[at] ??= yield* upstream.next();
    // The others have nothing to wait for any more.
    if (this.#held[at]?.done) g.cancel('a source has ended');
  }

  protected release(): Operation<void> {
    return takeAll(this.#upstreams.map((upstream) => upstream.close()));
  }
}
