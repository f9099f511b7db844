/* Middleware that sees each hop as it goes out: a session puts it between the cookies and the connection. */
import type { Middleware } from './request.ts';

const innermost = new WeakSet<Middleware>();

/** Marks a middleware as one that stands last, wherever it is given. */
export function markInnermost(step: Middleware): Middleware {
  innermost.add(step);
  return step;
}

export function isInnermost(step: Middleware): boolean {
  return innermost.has(step);
}
