/** Reads a property that the object itself has; `Object.prototype` is never read for options. */
export function own<T extends object, K extends keyof T>(options: T, key: K): T[K] | undefined {
  return Object.hasOwn(options, key) ? options[key] : undefined;
}

/** The own, enumerable properties of a record, in order. */
export function ownEntries<V>(record: Readonly<Record<string, V>>): [name: string, value: V][] {
  return Object.keys(record).map((name) => [name, record[name] as V]);
}

/** A copy without a prototype: for Node's own words, which read options through it. */
export function bare<T extends object>(options: T): T {
  return Object.assign(Object.create(null) as T, options);
}
