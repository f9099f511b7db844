/** The contexts whose values go along to workers, by the name under which they travel. */
import { placeHere } from '../kernel/report/debug.ts';

interface Travelling {
  /** Where the first of them was made. */
  readonly place: string | null;
  /** Several only where one line was run several times, as by a worker of a test that has a module of its own. */
  readonly variables: unknown[];
}

const travelling = new Map<string, Travelling>();

/** Makes a context known under `name`; two lines of a program that use one name are an error. */
export function registerTravelling(name: string, variable: unknown): void {
  const place = placeHere();
  const known = travelling.get(name);
  if (known === undefined) travelling.set(name, { place, variables: [variable] });
  else if (place !== null && place === known.place) known.variables.push(variable);
  else
    throw new Error(
      `Two contexts travel as '${name}': the first was made at ${known.place}. Give one of them another name.`,
    );
}

/** Their values in the context of a task, as names and values one after the other; null for none. */
export function packContexts(context: ReadonlyMap<unknown, unknown> | null): unknown[] | null {
  if (context === null || travelling.size === 0) return null;
  const packed: unknown[] = [];
  for (const [name, { variables }] of travelling) {
    const set = variables.find((each) => context.has(each));
    if (set !== undefined) packed.push(name, context.get(set));
  }
  return packed.length === 0 ? null : packed;
}

/** The context of a task with what `packContexts` gave; names that nobody made here are left out. */
export function unpackContexts(packed: readonly unknown[]): ReadonlyMap<unknown, unknown> {
  const context = new Map<unknown, unknown>();
  for (let at = 0; at < packed.length; at += 2) {
    for (const each of travelling.get(packed[at] as string)?.variables ?? []) context.set(each, packed[at + 1]);
  }
  return context;
}
