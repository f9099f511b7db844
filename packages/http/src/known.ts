import { readOptions } from '@coloop/core/lowlevel';
import { InvalidOptionError } from './errors.ts';

/** What other clients, and Python, call some options. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['allowredirects', 'redirect'],
  ['followredirects', 'redirect'],
  ['data', 'body'],
  ['query', 'params'],
  ['searchparams', 'params'],
  ['verify', 'verifySsl'],
  ['sockread', 'idle'],
  ['sockconnect', 'connect'],
]);

/**
 * Refuses a name that is no option, where one is known that is meant: written as in Python, or as another client calls it.
 *
 * @throws InvalidOptionError
 */
export function checkForeignNames(what: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const plain = plainName(name);
    const other = ELSEWHERE.get(plain);
    const meant = known.find((each) => plainName(each) === plain || each === other);
    if (meant !== undefined) throw new InvalidOptionError(`${what} has no option '${name}'. Did you mean '${meant}'?`);
  }
}

function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/**
 * The own options of a word, with names and kinds checked; a typo learns the nearest name.
 *
 * @throws InvalidOptionError
 */
export function readKnown<O extends object>(what: string, options: O, kinds: Parameters<typeof readOptions<O>>[2]): O {
  if (typeof options === 'object' && options !== null) checkForeignNames(what, options, Object.keys(kinds));
  try {
    // Without a prototype: an option that was not given must not be found on Object.prototype.
    return Object.assign(Object.create(null) as O, readOptions(what, options, kinds));
  } catch (error) {
    throw new InvalidOptionError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
