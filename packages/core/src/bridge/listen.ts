/** Listening to whatever emits: Node's emitters, typed-emitter's and the web's event targets look alike from here. */
import { show } from '../kernel/operation/options.ts';
import type { Listenable } from './emitter-types.ts';

/** A listener, as every kind of emitter calls it. */
export type AnyListener = (...args: unknown[]) => void;

interface NodeLikeEmitter {
  on(name: string | symbol, listener: AnyListener): void;
  off(name: string | symbol, listener: AnyListener): void;
}

/** Refuses what cannot be listened to. */
export function checkListenable(what: string, target: unknown, name: unknown): void {
  if (!isEmitter(target) && !isTarget(target)) {
    throw new TypeError(
      `${what} takes an emitter with on() and off(), or an EventTarget with addEventListener(), not ${show(target)}.`,
    );
  }
  if (typeof name !== 'string' && typeof name !== 'symbol') {
    throw new TypeError(`${what} takes the name of an event, not ${show(name)}. Write \`${what}(emitter, 'name')\`.`);
  }
}

/** Whether `target` has Node's methods; what has both kinds is used as Node does. */
function isEmitter(target: unknown): target is NodeLikeEmitter {
  return hasMethods(target, 'on', 'off');
}

function isTarget(target: unknown): target is EventTarget {
  return hasMethods(target, 'addEventListener', 'removeEventListener');
}

function hasMethods(target: unknown, ...names: readonly string[]): boolean {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return false;
  return names.every((name) => typeof (target as Record<string, unknown>)[name] === 'function');
}

/** The listeners of one wait or one source; they come and go together. */
export class Listening {
  readonly #target: Listenable;
  readonly #listeners: (readonly [name: string | symbol, listener: AnyListener])[] = [];

  constructor(target: Listenable) {
    this.#target = target;
  }

  add(name: string | symbol, listener: AnyListener): void {
    const target: unknown = this.#target;
    if (isEmitter(target)) target.on(name, listener);
    else (target as EventTarget).addEventListener(name as string, listener);
    this.#listeners.push([name, listener]);
  }

  /** Adds a listener for the emitter's failures; an `EventTarget` has none. */
  addForErrors(name: string | symbol, listener: (error: unknown) => void): void {
    if (name !== 'error' && isEmitter(this.#target)) this.add('error', listener);
  }

  /** Takes all listeners away. */
  stop(): void {
    const target: unknown = this.#target;
    for (const [name, listener] of this.#listeners) {
      if (isEmitter(target)) target.off(name, listener);
      else (target as EventTarget).removeEventListener(name as string, listener);
    }
    this.#listeners.length = 0;
  }
}
