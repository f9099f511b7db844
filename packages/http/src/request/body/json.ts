import { InvalidOptionError } from '../../errors.ts';
import { BufferedBody } from './buffered.ts';

/**
 * Writes a value as JSON.
 *
 * @throws InvalidOptionError for what JSON cannot say: a circle, a BigInt, undefined, a function
 *
 * Source: RFC 8259; the media type has no charset parameter (section 11).
 */
export function jsonBody(value: unknown): BufferedBody {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new InvalidOptionError(`json cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (text === undefined) {
    throw new InvalidOptionError(
      `json is a ${typeof value}, which JSON cannot say: give an object, array, string, number, boolean or null`,
    );
  }
  return new BufferedBody(new TextEncoder().encode(text), 'application/json');
}
