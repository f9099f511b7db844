/**
 * Takes the userinfo out of every URL inside a text: `http://user:pass@host/` becomes `http://host/`.
 *
 * The userinfo ends at the last `@` before the first `/`, `?`, `#` or white space, as in RFC 3986, section 3.2.
 */
export function redactUrls(text: string): string {
  return text.includes('@') ? text.replace(USERINFO, '//') : text;
}

const USERINFO = /\/\/[^/?#\\\s'"<>]*@/g;

/**
 * Takes everything that may be a credential out of a text that should have been a URL and is none.
 *
 * A password with an unescaped `/` or `#` in it makes a URL unreadable, so here everything up to the last `@` goes.
 */
export function redactInvalidUrl(text: string): string {
  const at = text.lastIndexOf('@');
  if (at === -1) return text;
  const slashes = text.indexOf('//');
  return slashes !== -1 && slashes < at ? text.slice(0, slashes + 2) + text.slice(at + 1) : text.slice(at + 1);
}

/** Headers whose URLs, such as a Location, hold no userinfo: the same object if none does. */
export function redactHeaders(headers: Headers): Headers {
  let copy: Headers | undefined;
  for (const [name, value] of headers) {
    if (!value.includes('@') || name === 'set-cookie') continue;
    const clean = redactUrls(name === 'location' && !isReference(value) ? redactInvalidUrl(value) : value);
    if (clean === value) continue;
    copy ??= new Headers(headers);
    copy.set(name, clean);
  }
  return copy ?? headers;
}

/** Whether a text is a URL, or leads to one from another. */
function isReference(text: string): boolean {
  try {
    return new URL(text, 'http://base.invalid/').href !== '';
  } catch {
    return false;
  }
}

/**
 * Gives back an error whose texts hold no URL credentials: the same object if it holds none, else a copy of the same class.
 *
 * A foreign error is never changed: its owner may still compare or log it.
 */
export function redactCause(cause: unknown): unknown {
  return redactDeep(cause, 0);
}

function redactDeep(cause: unknown, depth: number): unknown {
  if (typeof cause === 'string') return redactUrls(cause);
  if (!(cause instanceof Error) || depth > MAX_DEPTH) return cause;
  const changes = new Map<string, unknown>();
  for (const key of Object.getOwnPropertyNames(cause)) {
    const descriptor = Object.getOwnPropertyDescriptor(cause, key);
    if (descriptor === undefined || !('value' in descriptor)) continue;
    const before: unknown = descriptor.value;
    const after = redactValue(key, before, depth);
    if (after !== before) changes.set(key, after);
  }
  const stack = typeof cause.stack === 'string' ? redactUrls(cause.stack) : undefined;
  if (changes.size === 0 && stack === cause.stack) return cause;
  const copy: Error = Object.create(
    Object.getPrototypeOf(cause) as object,
    Object.getOwnPropertyDescriptors(cause),
  ) as Error;
  for (const [key, value] of changes) {
    Object.defineProperty(copy, key, {
      value,
      configurable: true,
      writable: true,
      enumerable: key !== 'message' && key !== 'stack',
    });
  }
  if (stack !== undefined)
    Object.defineProperty(copy, 'stack', { value: stack, configurable: true, writable: true, enumerable: false });
  return copy;
}

function redactValue(key: string, value: unknown, depth: number): unknown {
  if (typeof value === 'string') return key === 'input' ? redactInvalidUrl(value) : redactUrls(value);
  if (key === 'errors' && Array.isArray(value)) {
    const cleaned = value.map((each: unknown) => redactDeep(each, depth + 1));
    return cleaned.some((each, index) => each !== value[index]) ? cleaned : value;
  }
  return key === 'cause' ? redactDeep(value, depth + 1) : value;
}

const MAX_DEPTH = 8;
