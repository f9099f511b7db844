/** How an object is shown: to `console.log`, as text and as JSON, with what a user would ask first and no internals. */

/** Node's own function, as it gives it to an object that is printed. */
export type Inspect = (value: unknown, options: unknown) => string;
type Fields = Readonly<Record<string, unknown>>;

/** What Node, Deno and Bun ask an object for when they print it. */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** `Task { name: 'worker', status: 'waiting' }`, in the colours of the console where it gives its own function. */
export function inspected(what: string, fields: Fields, options: unknown, inspect?: Inspect): string {
  return `${what} ${inspect === undefined ? JSON.stringify(fields) : inspect(fields, options)}`;
}

/** `Task(worker, waiting)`. */
export function asText(what: string, fields: Fields): string {
  const parts = Object.entries(fields).map(([key, value]) => (typeof value === 'string' ? value : `${key}: ${value}`));
  return `${what}(${parts.join(', ')})`;
}

/** An object that is shown with those of its public fields and getters that are no objects. */
export abstract class Shown {
  /** How its class is called, where users know it by another name. */
  protected shownAs(): string {
    return this.constructor.name;
  }

  /** What `console.log` and `JSON.stringify` show. */
  toJSON(): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    for (let at: object = this; at !== Shown.prototype; at = Object.getPrototypeOf(at)) {
      for (const key of Object.keys(Object.getOwnPropertyDescriptors(at))) {
        const value: unknown = key in Object.prototype ? undefined : (this as unknown as Fields)[key];
        if (value !== undefined && typeof value !== 'function' && (typeof value !== 'object' || value === null))
          fields[key] = value;
      }
    }
    return fields;
  }

  toString(): string {
    return asText(this.shownAs(), this.toJSON());
  }

  /** @internal */
  [INSPECT](_depth: number, options: unknown, inspect?: Inspect): string {
    return inspected(this.shownAs(), this.toJSON(), options, inspect);
  }
}

/** A source is shown with its label, and whether it has ended. */
export abstract class ShownSource extends Shown {
  abstract readonly label: string;

  /** Whether it gives nothing any more. */
  protected abstract get over(): boolean;

  protected override shownAs(): string {
    return 'Source';
  }

  override toJSON(): Record<string, unknown> {
    return { name: this.label, closed: this.over };
  }
}
