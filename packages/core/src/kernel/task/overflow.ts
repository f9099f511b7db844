/** What to tell where the calls of generator functions have filled the native stack. */
import type { Suspension } from '../operation/suspension.ts';

/** What engines throw there: V8 and JavaScriptCore a RangeError, SpiderMonkey an error of its own. */
const Overflow = (globalThis as { InternalError?: ErrorConstructor }).InternalError ?? RangeError;
const WORDS = /^(?:Maximum call stack size exceeded|too much recursion)\.?$/;
/** A line of V8 for the resume of a generator, of which `yield*` makes one in each level. */
const RESUMED = /^ +at (?:(\S+)\.)?next \(<anonymous>\)$/m;

/**
 * Says in an overflow of the native stack which generator function filled it, and what to write; the error stays the same
 * object. One that no generator has to do with is left alone.
 *
 * @param frame - the call that the error has left, where it has left one
 */
export function explainOverflow(error: unknown, frame: Suspension | null): void {
  try {
    if (!(error instanceof Overflow)) return;
    const { message, stack = '' } = error;
    const resumed = WORDS.test(message) ? RESUMED.exec(stack) : null;
    if (resumed === null) return;
    // Bundlers number functions of the same name.
    const name = resumed[1] === 'Generator' ? undefined : resumed[1]?.replace(/\d+$/, '');
    const explained = `${message.replace(/\.$/, '')}. ${adviceFor(name, frame?.taskName)}`;
    error.message = explained;
    error.stack = stack.replace(message, explained);
  } catch {
    // It is frozen, or not the platform's: it passes as it is.
  }
}

function adviceFor(name: string | undefined, called: string | undefined): string {
  if (name !== undefined && name === called) {
    return (
      `${name}() calls itself by the name inside of \`coroutine(function* ${name}() { … })\`, which is the bare generator ` +
      'function: its calls lie one in the other on the native stack. Call the outer name, the one that coroutine() ' +
      `returned: \`const ${name} = coroutine(function* () { … yield* ${name}() … })\`.`
    );
  }
  const fn = name ?? 'walk';
  return (
    `The calls of ${name === undefined ? 'a generator function' : `the generator function ${name}()`} lie one in the other on the native stack, and plain ` +
    'generators are only as deep as that allows. Make it a coroutine, whose depth is bounded by memory alone: ' +
    `\`const ${fn} = coroutine(function* () { … yield* ${fn}() … })\`.`
  );
}
