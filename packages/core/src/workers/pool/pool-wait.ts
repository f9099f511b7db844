import { RemoteWait } from './remote-wait.ts';

/** What a pool waits for as a whole: that its workers have started, or have ended. */
export class PoolWait extends RemoteWait<void> {
  readonly label: string;
  readonly #condition: () => boolean;
  readonly #waits: Set<PoolWait>;

  /**
   * @param waits who is told of changes
   * @param condition what is waited for; it may throw, which ends the wait
   */
  constructor(label: string, waits: Set<PoolWait>, foreign: boolean, condition: () => boolean) {
    super(foreign);
    this.label = label;
    this.#waits = waits;
    this.#condition = condition;
  }

  protected ready(): boolean {
    return this.#condition() && this.finish(undefined);
  }

  override arm(): void {
    super.arm();
    this.#waits.add(this);
  }

  override disarm(): void {
    super.disarm();
    this.#waits.delete(this);
  }
}
