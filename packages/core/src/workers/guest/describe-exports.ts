import type { ExportKind } from '../protocol.ts';

/** What a module exports under which names. */
export function describeExports(module: Readonly<Record<string, unknown>>): Readonly<Record<string, ExportKind>> {
  return Object.fromEntries(Object.entries(module).map(([name, value]) => [name, kindOf(value)]));
}

function kindOf(value: unknown): ExportKind {
  if (typeof value !== 'function') return 'value';
  return /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'function';
}
