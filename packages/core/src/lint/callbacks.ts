/** What is known by its name to drop the result of a function, or to take operations for promises. */
import {
  type CallNode,
  isIdentifier,
  isMember,
  type Member,
  type Node,
  propertyName,
  type SourceCode,
  variableAt,
} from './ast.ts';
import { calledWord } from './syntax.ts';
import type { Types } from './types.ts';

/** Functions of the platform that call theirs later. */
const TIMERS = new Set([
  'nextTick',
  'queueMicrotask',
  'requestAnimationFrame',
  'requestIdleCallback',
  'setImmediate',
  'setInterval',
  'setTimeout',
]);

/** Methods that drop what their functions return, with the places of those. */
const METHODS: ReadonlyMap<string, readonly number[]> = new Map([
  ['forEach', [0]],
  ['then', [0, 1]],
  ['catch', [0]],
  ['finally', [0]],
  ['addEventListener', [1]],
]);

/** Methods of arrays that only ask whether what their function returns is true. */
const TESTS = /^(every|filter|find|findIndex|findLast|findLastIndex|some)$/;

const JOINS = /^(all|allSettled|any|race|resolve)$/;

/** The arguments of a call that it does not run. */
export interface NotRun {
  /** Functions whose results are dropped. */
  readonly callbacks: readonly Node[];
  /** Values that are taken for promises. */
  readonly values: readonly Node[];
  /** Whether the functions are those of `then`, `catch` or `finally`. */
  readonly isOfPromise: boolean;
}

export function takersOf(source: SourceCode, call: CallNode, types: Types | null): NotRun {
  const { callee } = call;
  if (calledWord(source, call) !== null) return takes(call, []);
  if (isGlobal(source, callee, 'Promise')) return takes(call, call.type === 'NewExpression' ? [0] : []);
  if (isIdentifier(callee)) return takes(call, TIMERS.has(callee.name) && isFree(source, callee) ? [0] : []);
  const name = isMember(callee) ? propertyName(callee) : null;
  if (!isMember(callee) || name === null) return takes(call, []);
  if (JOINS.test(name) && isGlobal(source, callee.object, 'Promise')) {
    return { ...takes(call, []), values: call.arguments.slice(0, 1) };
  }
  if (TIMERS.has(name) && isPlatform(callee)) return takes(call, [0]);
  // What is waited for is no method of the platform.
  if (isDelegated(call)) return takes(call, []);
  if (TESTS.test(name)) return takes(call, isArray(callee.object, types) ? [0] : []);
  return { ...takes(call, METHODS.get(name) ?? []), isOfPromise: /^(then|catch|finally)$/.test(name) };
}

function takes(call: CallNode, places: readonly number[]): NotRun {
  return { callbacks: places.flatMap((place) => call.arguments[place] ?? []), values: [], isOfPromise: false };
}

function isArray(node: Node, types: Types | null): boolean {
  return node.type === 'ArrayExpression' || types?.isList(node) === true;
}

function isPlatform({ object }: Member): boolean {
  return isIdentifier(object) && /^(global|globalThis|process|self|window)$/.test(object.name);
}

function isDelegated({ parent }: CallNode): boolean {
  return parent?.type === 'YieldExpression' && (parent as Node & { delegate: boolean }).delegate;
}

function isGlobal(source: SourceCode, node: Node, name: string): boolean {
  return isIdentifier(node) && node.name === name && isFree(source, node);
}

/** Whether a name is none of this file's own. */
function isFree(source: SourceCode, node: Node & { readonly name: string }): boolean {
  return (variableAt(source, node, node.name)?.defs.length ?? 0) === 0;
}
