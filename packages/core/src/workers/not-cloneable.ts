import { domException } from './packed-error.ts';

/** The platform's `DataCloneError`, with what was to be cloned, for what, and what to do. */
export function notCloneable(what: string, error: unknown): Error {
  const why = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  return domException(
    `${what} cannot be sent: ${why}. Send plain data; functions, promises, and sources stay where they are made.`,
    'DataCloneError',
    { cause: error },
  );
}

/** What of `args` cannot be cloned, as in `argument 2 of resize()`. */
export function culprit(name: string, args: readonly unknown[]): string {
  const at = args.findIndex((each) => !isCloneable(each));
  return at < 0 ? `what travels with ${name}()` : `argument ${at + 1} of ${name}()`;
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
