/** What `main` prints of a failure. */
import { inspect } from 'node:util';
import { describe, isError, isSuppressedError } from '../errors.ts';

/** An error with what it carries: every failure of a scope, both sides of a cleanup's failure, and its causes. */
export function formatFailure(error: unknown): string {
  return format(error, new Set());
}

function format(error: unknown, seen: Set<unknown>): string {
  if (!isError(error)) return `Thrown: ${inFull(error)}`;
  if (seen.has(error)) return `${describe(error)} (shown above)`;
  seen.add(error);
  return [stackOf(error), ...partsOf(error).map(([title, part]) => `${title}:\n${indent(format(part, seen))}`)].join(
    '\n',
  );
}

/** A thrown value that is no error; an object that has no text of its own is written out. */
function inFull(value: unknown): string {
  try {
    const isBare = typeof value === 'object' && value !== null && !Object.hasOwn(value, 'toString');
    const hasText = !isBare || (Object.getPrototypeOf(value) !== null && !/^\[object .*\]$/.test(String(value)));
    return hasText ? describe(value) : inspect(value, { depth: null });
  } catch {
    return describe(value);
  }
}

/** A cancelled task's error has no stack, and some platforms' stacks lack the message. */
function stackOf(error: Error): string {
  const line = describe(error);
  const stack = read(error, 'stack');
  if (typeof stack !== 'string' || stack === '') return line;
  const frames = stack.search(/^ +at /m);
  return frames < 0 ? line : `${line}\n${stack.slice(frames)}`;
}

function partsOf(error: Error): [title: string, part: unknown][] {
  const errors = read(error, 'errors');
  if (Array.isArray(errors)) {
    return errors.map((part: unknown, i) => [`failure ${i + 1} of ${errors.length}`, part]);
  }
  const parts: [string, unknown][] = [];
  if (isSuppressedError(error)) {
    parts.push(['the error of the cleanup', error.error], ['the error before it', error.suppressed]);
  }
  const cause = read(error, 'cause');
  if (cause !== undefined) parts.push(['caused by', cause]);
  return parts;
}

/** A property of an error, which may be a getter that throws. */
function read(error: Error, key: 'stack' | 'errors' | 'cause'): unknown {
  try {
    return (error as Partial<Record<typeof key, unknown>>)[key];
  } catch {
    return undefined;
  }
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
