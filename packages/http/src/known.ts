import { readOptions } from '@coloop/core/lowlevel';
import { InvalidOptionError } from './errors.ts';

/**
 * The own options of a word, with names and kinds checked; a typo learns the nearest name.
 *
 * @throws InvalidOptionError
 */
export function readKnown<O extends object>(what: string, options: O, kinds: Parameters<typeof readOptions<O>>[2]): O {
  try {
    // Without a prototype: an option that was not given must not be found on Object.prototype.
    return Object.assign(Object.create(null) as O, readOptions(what, options, kinds));
  } catch (error) {
    throw new InvalidOptionError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
