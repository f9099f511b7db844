import { ListedWait, type WaitList } from '../../kernel/operation/waitlist.ts';
import type { PoolWorker } from './worker.ts';

/** The wait for a worker that has room. */
export class WorkerTurn extends ListedWait<PoolWorker> {
  readonly #turns: WaitList<WorkerTurn>;
  readonly #pool: string;

  constructor(turns: WaitList<WorkerTurn>, pool: string) {
    super();
    this.#turns = turns;
    this.#pool = pool;
  }

  get label(): string {
    return `a worker of ${this.#pool} that has room`;
  }

  poll(): boolean {
    return false;
  }

  arm(): void {
    this.#turns.push(this);
  }
}
