/** `signals`: the process's signals as a source. What one reads is not `main`'s any more. */
import { constants } from 'node:os';
import type { Listenable } from '../bridge/emitter-types.ts';
import { events } from '../bridge/events.ts';
import { nearest, show } from '../kernel/operation/options.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';

type SignalListener = (signal: NodeJS.Signals) => void;

/** How many sources read each signal. */
const readers = new Map<NodeJS.Signals, number>();

/** Whether a source reads this signal. */
export function isRead(signal: NodeJS.Signals): boolean {
  return (readers.get(signal) ?? 0) > 0;
}

/** Several signals of the process, as an emitter of one event: who listens to it takes them over. */
class SignalEmitter {
  readonly #names: readonly NodeJS.Signals[];

  constructor(names: readonly NodeJS.Signals[]) {
    this.#names = names;
  }

  on(event: string, listener: SignalListener): void {
    if (event === 'signal') for (const name of this.#names) this.#change(name, 1, () => process.on(name, listener));
  }

  off(event: string, listener: SignalListener): void {
    if (event === 'signal') for (const name of this.#names) this.#change(name, -1, () => process.off(name, listener));
  }

  #change(name: NodeJS.Signals, by: 1 | -1, change: () => void): void {
    change();
    readers.set(name, (readers.get(name) ?? 0) + by);
  }
}

class SignalSource implements Source<NodeJS.Signals> {
  readonly #events: Source<unknown[]>;

  constructor(names: readonly NodeJS.Signals[]) {
    this.#events = events(new SignalEmitter(names) as Listenable, 'signal' as never) as Source<unknown[]>;
  }

  *next(): Operation<IteratorResult<NodeJS.Signals, void>> {
    const r = yield* this.#events.next();
    return r.done ? r : { done: false, value: r.value[0] as NodeJS.Signals };
  }

  close(): Operation<void> {
    return this.#events.close();
  }
}

/**
 * Signals that the process gets, as a source: while it is open they neither end the process nor cancel `main`.
 *
 * Made inside a task it listens from the call on and until its scope ends, else from the first `next`. Signals that come
 * while nobody waits are kept. It holds no process open; `main` does.
 *
 * Cancellation: of a `next` loses nothing.
 *
 * @param names of signals, such as 'SIGHUP'
 * @throws TypeError for no name and for one that is not a signal, or cannot be listened to, at the call.
 * @example
 * ```ts no-run
 * import { main, signals } from '@coloop/core/node';
 *
 * await main(function* () {
 *   const reloads = signals('SIGHUP');
 *   process.kill(process.pid, 'SIGHUP');
 *   console.log(yield* reloads.next()); //> { done: false, value: 'SIGHUP' }
 * });
 * ```
 * Source: Trio's `open_signal_receiver`; Go's `signal.Notify`.
 */
export function signals(...names: NodeJS.Signals[]): Source<NodeJS.Signals> {
  if (names.length === 0) throw new TypeError("signals takes names of signals. Write `signals('SIGTERM')`.");
  for (const name of names) checkName(name);
  return new SignalSource([...new Set(names)]);
}

function checkName(name: unknown): void {
  if (name === 'SIGKILL' || name === 'SIGSTOP') {
    throw new TypeError(`signals cannot get ${name}: no process hears of it. Write \`signals('SIGTERM')\`.`);
  }
  if (typeof name === 'string' && Object.hasOwn(constants.signals, name)) return;
  const near = typeof name === 'string' ? nearest(name, Object.keys(constants.signals)) : null;
  throw new TypeError(
    `signals takes names of signals, not ${show(name)}. ${near === null ? "Write `signals('SIGTERM')`." : `Did you mean '${near}'?`}`,
  );
}
