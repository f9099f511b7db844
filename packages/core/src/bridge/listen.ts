/** Listening to whatever emits: Node's emitters, typed-emitter's and the web's event targets look alike from here. */
import { show } from '../kernel/operation/options.ts';
import type { Listenable } from './emitter-types.ts';

/** A listener, as every kind of emitter calls it. */
export type AnyListener = (...args: unknown[]) => void;

/** Anything that emits, by the two methods of its kind. */
type Method = (name: string | symbol, listener: AnyListener) => unknown;

/** The names of the two methods, by kind; what has several kinds is used as the first of them. */
const KINDS = [
  ['on', 'off'],
  ['on', 'removeListener'],
  ['addListener', 'removeListener'],
  ['addEventListener', 'removeEventListener'],
] as const;

type EmitterKind = (typeof KINDS)[number];

const TARGET = KINDS[3];

/** Refuses what cannot be listened to. */
export function checkListenable(what: string, target: unknown, name: unknown): void {
  if (kindOf(target) === undefined) {
    const hint = hasMethod(target, 'on')
      ? 'It has on(), but neither off() nor removeListener(), so its listener could not be taken away.'
      : `Write \`${what}(emitter, 'name')\`.`;
    throw new TypeError(
      `${what} takes an emitter with on() and off(), or an EventTarget with addEventListener(), not ${show(target)}. ${hint}`,
    );
  }
  if (typeof name !== 'string' && typeof name !== 'symbol') {
    throw new TypeError(`${what} takes the name of an event, not ${show(name)}. Write \`${what}(emitter, 'name')\`.`);
  }
}

function kindOf(target: unknown): EmitterKind | undefined {
  return KINDS.find(([add, remove]) => hasMethod(target, add) && hasMethod(target, remove));
}

function hasMethod(target: unknown, name: string): target is Record<string, Method> {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return false;
  return typeof (target as Record<string, unknown>)[name] === 'function';
}

/** The listeners of one wait or one source; they come and go together. */
export class Listening {
  readonly #target: Record<string, Method>;
  readonly #kind: EmitterKind;
  readonly #listeners: (readonly [name: string | symbol, listener: AnyListener])[] = [];
  #stopped = false;

  constructor(target: Listenable) {
    this.#target = target as object as Record<string, Method>;
    this.#kind = kindOf(target) ?? TARGET;
  }

  /** An emitter may call back while it is listened to, and that may stop it all: then nothing is left there either. */
  add(name: string | symbol, listener: AnyListener): void {
    if (this.#stopped) return;
    const heard: AnyListener = (...args) => {
      if (!this.#stopped) listener(...args);
    };
    this.#listeners.push([name, heard]);
    try {
      this.#target[this.#kind[0]]?.(name, heard);
    } catch (error) {
      this.stop();
      throw error;
    }
    if (this.#stopped) this.#remove(name, heard);
  }

  /** Adds a listener for the emitter's failures; an `EventTarget` has none. */
  addForErrors(name: string | symbol, listener: (error: unknown) => void): void {
    if (name !== 'error' && this.#kind !== TARGET) this.add('error', listener);
  }

  /** Takes all listeners away, also one that is just being added. */
  stop(): void {
    this.#stopped = true;
    for (const [name, listener] of this.#listeners.splice(0)) this.#remove(name, listener);
  }

  #remove(name: string | symbol, listener: AnyListener): void {
    this.#target[this.#kind[1]]?.(name, listener);
  }
}
