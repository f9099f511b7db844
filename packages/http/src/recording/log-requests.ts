import type TypedEmitter from 'typed-emitter';
import type { TraceEvents } from '../call/trace.ts';
import { checkCallback } from '../checks.ts';
import { ClientError, messageOf } from '../errors.ts';
import { Redactor } from './secrets.ts';

/**
 * Prints a line for each request of a session when it is over: method, URL, status, time and size, or why it failed.
 *
 * The URL has no credentials, and no values of query parameters with names such as `access_token`.
 *
 * @param write - takes each line, without a line end; `console.log` if it is left out
 * @throws InvalidOptionError if `write` is not a function
 * @example
 * ```ts
 * import { logRequests, Session } from '@coloop/http';
 * import { simulate } from '@coloop/http/testing';
 *
 * await simulate(function* (net) {
 *   net.serve('http://api.test', () => 'hello');
 *   const session = yield* Session.open();
 *   logRequests(session);
 *   yield* session.get('http://api.test/').text(); //> GET http://api.test/ 200 in 6 ms, 5 bytes
 * });
 * ```
 */
export function logRequests(
  session: { readonly trace: TypedEmitter<TraceEvents> },
  write: (line: string) => void = print,
): void {
  checkCallback('logRequests.write', write);
  const redactor = new Redactor(true, []);
  const errors = new Map<number, unknown>();
  session.trace.on('failed', ({ id, error }) => void errors.set(id, error));
  session.trace.on('end', ({ id, request, timing, status, sizes }) => {
    const what = request === undefined ? 'A request' : `${request.method} ${redactor.url(request.url)}`;
    const tries = request !== undefined && request.attempts > 1 ? `, ${request.attempts} attempts` : '';
    const time = `in ${Math.round(timing.total)} ms`;
    if (errors.has(id)) {
      const error = errors.get(id);
      errors.delete(id);
      write(`${what} failed ${time}${tries}: ${reasonOf(error)}`);
    } else {
      write(`${what} ${status ?? 'ended'} ${time}, ${sizes.received} bytes${tries}`);
    }
  });
}

function reasonOf(error: unknown): string {
  return error instanceof ClientError ? `${error.name} ${error.code}` : messageOf(error);
}

function print(line: string): void {
  console.log(line);
}
