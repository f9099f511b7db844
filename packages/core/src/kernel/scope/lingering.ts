import type { TimerEntry } from '../clock/timers.ts';
import type { SchedulerEvents } from '../report/events.ts';
import type { Child, Scope } from './scope.ts';

/** How long children alone may keep a scope open before it is reported, in ms. */
const LINGERING = 5_000;

/** The scheduler, as this watch needs it. */
interface LingeringHost {
  now(): number;
  addTimer(entry: TimerEntry, due: number): void;
  removeTimer(entry: TimerEntry): void;
  report(name: 'lingering', event: Parameters<SchedulerEvents['lingering']>[0]): void;
}

/** Reports a scope that only its children have kept open for long. */
export class Lingering implements TimerEntry {
  slot = -1;
  readonly #host: LingeringHost;
  readonly #scope: Scope;

  constructor(host: LingeringHost, scope: Scope) {
    this.#host = host;
    this.#scope = scope;
  }

  /** Starts the watch; what it returns ends it. */
  static watch(host: LingeringHost, scope: Scope): () => void {
    const watch = new Lingering(host, scope);
    host.addTimer(watch, host.now() + LINGERING);
    return () => host.removeTimer(watch);
  }

  fire(): void {
    const tasks: string[] = [];
    for (let at: Child | null = this.#scope.nursery?.first ?? null; at !== null; at = at.nextSibling) {
      if (!at.daemon) tasks.push(at.name);
    }
    this.#host.report('lingering', { scope: this.#scope.label, tasks });
  }
}
