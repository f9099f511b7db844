/* JSON as the messages of a WebSocket. */
import type { Operation } from '@coloop/core';
import { ClientPayloadError, type ErrorDetails, InvalidOptionError } from '../errors.ts';
import { type JsonOptions, validated } from '../response/json.ts';

/** @throws InvalidOptionError for what JSON cannot express */
export function jsonMessage(value: unknown): string {
  const text = textOf(value);
  if (text !== undefined) return text;
  throw new InvalidOptionError(
    `The message to send as JSON is ${value === undefined ? 'undefined' : `a value of type ${typeof value}`} that JSON cannot express: give an object, a list, text, a number, true, false or null.`,
  );
}

function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new InvalidOptionError(`The message to send as JSON cannot be written: ${String(cause)}`, { cause });
  }
}

/**
 * A message as JSON, as a schema gives it.
 *
 * @throws ClientPayloadError if it is not JSON, or does not match
 */
export function* parsedMessage<T>(
  message: string | Uint8Array,
  { schema }: Pick<JsonOptions<T>, 'schema'>,
  details: ErrorDetails,
): Operation<T> {
  const text = typeof message === 'string' ? message : new TextDecoder().decode(message);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ClientPayloadError(
      `The message of the WebSocket is not JSON: it begins with ${JSON.stringify(text.slice(0, 40))}. Take it with receive() to see all of it.`,
      { ...details, code: 'INVALID_JSON', cause },
    );
  }
  if (schema === undefined) return value as T;
  const source = {
    url: details.request?.url ?? 'a WebSocket',
    errorDetails: () => ({ ...details, status: 101, headers: new Headers() }),
  };
  return yield* validated(source, schema, value);
}
