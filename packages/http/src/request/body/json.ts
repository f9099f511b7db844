import { invalidKind } from '../../checks.ts';
import { InvalidOptionError, messageOf } from '../../errors.ts';
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
    throw new InvalidOptionError(`The option 'json' cannot be written (${messageOf(error)}): give what JSON can say.`, {
      cause: error,
    });
  }
  if (text === undefined) {
    const advice = 'JSON cannot say it; give an object, an array, a string, a number, a boolean or null';
    throw invalidKind("The option 'json'", value, advice);
  }
  return new BufferedBody(new TextEncoder().encode(text), 'application/json');
}
