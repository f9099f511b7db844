import { until } from '../../bridge/until.ts';
import { isOperation } from '../../kernel/operation/is-operation.ts';
import { returnedOperation } from '../../kernel/operation/returned-operation.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { isSource } from '../../streams/for-each.ts';

export type Callable = (...args: readonly unknown[]) => unknown;

/** The body of a call: whatever kind of function it is. */
export function* answerCall(name: string, fn: unknown, args: readonly unknown[]): Operation<unknown> {
  const result = (fn as Callable)(...args);
  if (typeof result !== 'object' || result === null) return result;
  const value = yield* resultOf(name, result);
  if (isStream(value)) {
    throw new TypeError(`${name}() gives many values. Read them with \`pool.stream('${name}', …)\`.`);
  }
  return value;
}

/** What an operation or a promise gives; anything else is the result itself. */
export function* resultOf(name: string, result: object): Operation<unknown> {
  if (isOperation(result)) return yield* returnedOperation(`${name}()`, result);
  return 'then' in result && typeof result.then === 'function' ? yield* until(result as PromiseLike<unknown>) : result;
}

function isStream(value: unknown): boolean {
  return isSource(value) || (typeof value === 'object' && value !== null && Symbol.asyncIterator in value);
}
