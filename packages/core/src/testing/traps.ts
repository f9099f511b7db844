/**
 * Traps for what a test cannot control: the host's clock, chance and timers. While they are set, code of a task that uses
 * them gets an error that names the caller and the word to use instead; code outside of tasks is not touched.
 */

import { passingOn } from '../kernel/clock/host.ts';
import { runningOrNull } from '../kernel/operation/suspension.ts';
import { placeHere } from '../kernel/report/debug.ts';

type AnyFunction = (...args: never[]) => unknown;
type Holder = Record<string, unknown>;

const host = globalThis as unknown as Holder;

/** What is trapped: where it lies, its name, and what to write instead. */
const TRAPPED: readonly (readonly [holder: () => Holder | undefined, owner: string, name: string, instead: string])[] =
  [
    [() => host.Date as Holder, 'Date.', 'now', 'now()'],
    [() => host.Math as Holder, 'Math.', 'random', 'random()'],
    [() => host.performance as Holder, 'performance.', 'now', 'now()'],
    [() => host.crypto as Holder, 'crypto.', 'getRandomValues', 'random(), or scheduler.entropy(bytes)'],
    [() => host.crypto as Holder, 'crypto.', 'randomUUID', 'random(), or scheduler.entropy(bytes)'],
    [() => host, '', 'setTimeout', 'yield* sleep(ms), or spawn a task that sleeps'],
    [() => host, '', 'setInterval', 'interval(ms)'],
    [() => host, '', 'setImmediate', 'yield* tick()'],
  ];

/** Sets traps and takes them back; only one set at a time. */
export class Traps {
  #restore: (() => void)[] = [];
  #caught: Error | null = null;

  begin(): void {
    this.#caught = null;
    for (const [holder, owner, name, instead] of TRAPPED) this.#set(holder(), `${owner}${name}()`, name, instead);
    this.#setDate();
  }

  /** Takes all traps back; what was caught first, or null. */
  end(): Error | null {
    for (const restore of this.#restore.splice(0)) restore();
    const caught = this.#caught;
    this.#caught = null;
    return caught;
  }

  #set(holder: Holder | undefined, call: string, name: string, instead: string): void {
    const original = holder?.[name];
    if (holder === undefined || typeof original !== 'function') return;
    const check = (): void => this.#check(call, instead);
    const own = Object.getOwnPropertyDescriptor(holder, name);
    if (own === undefined ? !Object.isExtensible(holder) : own.configurable === false) {
      this.end();
      throw new TypeError(`${call} is frozen here, so no use of it can be found. Leave the option 'trap' out.`);
    }
    const trap = function (this: unknown, ...args: never[]): unknown {
      check();
      return (original as AnyFunction).apply(this, args);
    };
    passingOn.add(trap);
    Object.defineProperty(holder, name, { value: trap, configurable: true, writable: true });
    this.#restore.unshift(() => {
      if (own === undefined) delete holder[name];
      else Object.defineProperty(holder, name, own);
    });
  }

  /** `new Date()` reads the clock only without arguments. */
  #setDate(): void {
    const original = host.Date as DateConstructor;
    const check = (): void => this.#check('new Date()', 'new Date(scheduler.wallNow())');
    host.Date = new Proxy(original, {
      construct(target, args: unknown[], newTarget: AnyFunction): object {
        if (args.length === 0) check();
        return Reflect.construct(target, args, newTarget) as object;
      },
      apply(target): unknown {
        check();
        return target();
      },
    });
    this.#restore.unshift(() => {
      host.Date = original;
    });
  }

  #check(call: string, instead: string): void {
    if (runningOrNull() === null) return;
    const place = placeHere();
    const error = new TypeError(
      `${call} was called inside of a task${place === null ? '' : ` at ${place}`}: a test cannot repeat what it gives. Write ${instead} instead.`,
    );
    this.#caught ??= error;
    throw error;
  }
}
