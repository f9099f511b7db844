import { thrownBy } from '../stack/trail.ts';
import { runningOrNull } from './suspension.ts';

/**
 * Gives an error that leaves generators of a library the lines of those that wait for them; write `throw atCaller(error)`
 * where the library catches what it throws on to its users. Returns the same error.
 */
export function atCaller(error: unknown): unknown {
  return thrownBy(error, runningOrNull()?.id ?? 0, atCaller);
}
