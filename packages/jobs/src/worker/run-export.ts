import { type Operation, until } from '@coloop/core';
import { describeExports, isOperation, nearest, show } from '@coloop/core/lowlevel';
import { NoSuchExportError } from '@coloop/core/workers';

export type Exports = Readonly<Record<string, unknown>>;

/**
 * Calls an export of the module that a queue serves: a coroutine, a plain or an async function.
 *
 * @throws NoSuchExportError for what it does not export as a function.
 */
export function* runExport(module: Exports, name: string, args: readonly unknown[]): Operation<unknown> {
  const result = exportOf(module, name)(...args);
  if (typeof result !== 'object' || result === null) return result;
  const value = isOperation(result)
    ? yield* result
    : 'then' in result
      ? yield* until(result as PromiseLike<unknown>)
      : result;
  if (typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || isSource(value))) {
    throw new TypeError(
      `${name}() gives many values, and a job has one result. Return an array, or tell them with \`currentJob().progress(value)\`.`,
    );
  }
  return value;
}

function isSource(value: object): boolean {
  const { next, close } = value as { next?: unknown; close?: unknown };
  return typeof next === 'function' && typeof close === 'function';
}

function exportOf(module: Exports, name: string): (...args: readonly unknown[]) => unknown {
  checkName(describeExports(Object.hasOwn(module, name) ? { [name]: module[name] } : {}), name, () =>
    describeExports(module),
  );
  return module[name] as (...args: readonly unknown[]) => unknown;
}

type Kinds = ReturnType<typeof describeExports>;

/** Throws for a name that is not that of an exported function. */
export function checkName(kinds: Kinds, name: string, all: () => Kinds = () => kinds): void {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === 'function') return;
  const known = all();
  const names = Object.keys(known).filter((each) => known[each] === 'function');
  const near = nearest(name, names);
  const what = kind === undefined ? 'does not export' : `exports a ${kind}, not a function, as`;
  const hint = near === null ? `It has: ${names.join(', ') || 'no function'}.` : `Did you mean '${near}'?`;
  throw new NoSuchExportError(`The module of the queue ${what} ${show(name)}. ${hint}`, near);
}
