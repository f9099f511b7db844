/* How objects of the client are shown by `console.log` and `JSON.stringify`: what a user asks first, and no secret. */

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

type Inspect = (value: unknown, options: object) => string;

/**
 * Shows the objects of a class as their view, in Node, Deno and Bun, at any depth.
 *
 * @param name - what the class is called; a build may have renamed it
 * @param view - what to show of an object, in one level
 */
export function showAs<T extends object>(
  shown: { readonly prototype: T },
  name: string,
  view: (self: T) => object,
): void {
  Object.defineProperties(shown.prototype, {
    [INSPECT]: {
      configurable: true,
      value(this: T, depth: number | null, options: object, inspect: Inspect): string {
        const seen = depth !== null && depth < 0 ? undefined : viewOf(this, view);
        return seen === undefined ? `[${name}]` : `${name} ${inspect(seen, options)}`;
      },
    },
    toJSON: {
      configurable: true,
      value(this: T): object {
        return view(this);
      },
    },
  });
}

/** Undefined for what is no whole object of the class, such as its prototype. */
function viewOf<T>(self: T, view: (self: T) => object): object | undefined {
  try {
    return view(self);
  } catch {
    return undefined;
  }
}

/** Headers as a record, those with secrets without their values. */
export function shownHeaders(
  headers: Iterable<readonly [string, string]>,
): Readonly<Record<string, string | string[]>> {
  const shown: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const text = isSecretHeader(name) ? REDACTED : value;
    const before = Object.hasOwn(shown, name) ? shown[name] : undefined;
    const merged = before === undefined ? text : [before, text].flat();
    // A server may call a header __proto__.
    Object.defineProperty(shown, name, { value: merged, enumerable: true, configurable: true, writable: true });
  }
  return shown;
}

/** What stands for a value that is not shown. */
export const REDACTED = '(redacted)';

const SECRET_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-auth-token',
]);

/** Whether the value of a header lets somebody in. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADERS.has(name.toLowerCase());
}
