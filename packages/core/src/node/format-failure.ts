import { describe } from '../errors.ts';

/** An error with what it carries: every failure of a scope, both sides of a cleanup's failure, and its causes. */
export function formatFailure(error: unknown): string {
  return format(error, new Set());
}

function format(error: unknown, seen: Set<unknown>): string {
  if (!(error instanceof Error)) return `Thrown: ${describe(error)}`;
  if (seen.has(error)) return `${describe(error)} (shown above)`;
  seen.add(error);
  return [stackOf(error), ...partsOf(error).map(([title, part]) => `${title}:\n${indent(format(part, seen))}`)].join(
    '\n',
  );
}

/** A cancelled task's error has no stack, and some platforms' stacks lack the message. */
function stackOf(error: Error): string {
  const line = describe(error);
  const { stack } = error;
  if (stack === undefined || stack === '') return line;
  const frames = stack.search(/^ +at /m);
  return frames < 0 ? line : `${line}\n${stack.slice(frames)}`;
}

function partsOf(error: Error): [title: string, part: unknown][] {
  if (error instanceof AggregateError) {
    const parts = error.errors as unknown[];
    return parts.map((part, i) => [`failure ${i + 1} of ${parts.length}`, part]);
  }
  const parts: [string, unknown][] = [];
  if (error.name === 'SuppressedError' && 'error' in error && 'suppressed' in error) {
    parts.push(['the error of the cleanup', error.error], ['the error before it', error.suppressed]);
  }
  if (error.cause !== undefined) parts.push(['caused by', error.cause]);
  return parts;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
