/** What can be told from one file alone: words of the library, and what the file itself defines. */
import {
  type CallNode,
  type Definition,
  type FunctionNode,
  type Identifier,
  isCall,
  isFunction,
  isIdentifier,
  isMember,
  type Member,
  type Node,
  nameOfKey,
  propertyName,
  returnedBy,
  type SourceCode,
  variableAt,
  visitOwn,
} from './ast.ts';

/** The functions that return an operation, which does nothing until it is waited for. */
const WORDS = new Set([
  'acquire',
  'attempt',
  'fetch',
  'forEach',
  'forever',
  'gather',
  'group',
  'moveOnAfter',
  'once',
  'race',
  'retry',
  'select',
  'shield',
  'sleep',
  'supervise',
  'tick',
  'timeout',
  'until',
  'wait',
]);

/** For what `new` or a function makes, the methods that return an operation. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  Lock: ['acquire'],
  Semaphore: ['acquire'],
  Condition: ['acquire', 'wait', 'waitFor'],
  Barrier: ['wait'],
  EventFlag: ['wait'],
  Queue: ['put', 'get', 'join'],
  LifoQueue: ['put', 'get', 'join'],
  PriorityQueue: ['put', 'get', 'join'],
  rateLimiter: ['acquire'],
  interval: ['next'],
  events: ['next'],
  asCompleted: ['next'],
  broadcast: ['send'],
  /** Of the parts of a channel. */
  channel: ['send', 'receive', 'next'],
  Session: ['request', 'get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'ws', 'download', 'close'],
};

/** What makes sources whose `close` does its work at the call. */
const CLOSE_AT_ONCE = new Set(['broadcast', 'channel', 'events', 'interval']);

const PACKAGE = /^@coloop\/(core|http)(\/|$)/;

/** Whether an expression makes an operation, as far as this file shows. */
export function makesOperation(source: SourceCode, node: Node): boolean {
  return isCall(node) && isOperationFunction(source, node.callee);
}

/** Whether the calls of an expression make operations, as far as this file shows. */
export function isOperationFunction(source: SourceCode, node: Node, seen: ReadonlySet<Node> = new Set()): boolean {
  if (isIdentifier(node)) {
    const word = libraryWord(source, node);
    if (word !== null) return WORDS.has(word);
    return definitionsOf(source, node).some((definition) => definesOperation(source, definition, seen));
  }
  if (isFunction(node)) return returnsOperation(source, node, seen);
  if (isCall(node)) {
    if (calledWord(source, node) === 'coroutine') return true;
    const { callee } = node;
    return isMember(callee) && propertyName(callee) === 'bind' && isOperationFunction(source, callee.object, seen);
  }
  return isMember(node) && methodMakesOperation(source, node, seen);
}

/** Whether a method does its work at the call, by what made its owner. */
export function closesAtOnce(source: SourceCode, { callee }: CallNode): boolean {
  if (!isMember(callee) || propertyName(callee) !== 'close' || !isIdentifier(callee.object)) return false;
  return definitionsOf(source, callee.object).some((definition) => {
    const maker = makerOf(source, definition);
    return maker !== null && CLOSE_AT_ONCE.has(maker);
  });
}

/** Whether a call is `coroutine(…)`. */
export function isCoroutineCall(source: SourceCode, node: Node): node is CallNode {
  return isCall(node) && calledWord(source, node) === 'coroutine';
}

/** The name of the library's word that is called, however it was imported; null for anything else. */
export function calledWord(source: SourceCode, { callee }: CallNode): string | null {
  if (isIdentifier(callee)) return libraryWord(source, callee);
  return isMember(callee) ? libraryMember(source, callee) : null;
}

function methodMakesOperation(source: SourceCode, callee: Member, seen: ReadonlySet<Node>): boolean {
  const name = propertyName(callee);
  if (name === null) return false;
  const word = libraryMember(source, callee);
  if (word !== null) return WORDS.has(word);
  const owner = callee.object;
  if (owner.type === 'ThisExpression') return hasMethod(source, classAround(callee), name, seen);
  if (!isIdentifier(owner)) return false;
  return definitionsOf(source, owner).some((definition) => {
    const maker = makerOf(source, definition);
    if (maker !== null) return Object.hasOwn(METHODS, maker) && (METHODS[maker]?.includes(name) ?? false);
    return hasMethod(source, membersOf(source, definition), name, seen);
  });
}

function definitionsOf(source: SourceCode, name: Identifier): readonly Definition[] {
  return variableAt(source, name, name.name)?.defs ?? [];
}

/** The name that the library gives to what `name` stands for: null when it does not come from there. */
function libraryWord(source: SourceCode, name: Identifier): string | null {
  for (const definition of definitionsOf(source, name)) {
    if (definition.type !== 'ImportBinding' || !isFromLibrary(definition)) continue;
    const { imported } = definition.node as Node & { imported?: Identifier };
    if (imported !== undefined) return imported.name;
  }
  return null;
}

/** For `core.sleep` with `import * as core`: 'sleep'. */
function libraryMember(source: SourceCode, member: Member): string | null {
  if (!isIdentifier(member.object)) return null;
  const isNamespace = definitionsOf(source, member.object).some(
    (definition) => definition.node.type === 'ImportNamespaceSpecifier' && isFromLibrary(definition),
  );
  return isNamespace ? propertyName(member) : null;
}

function isFromLibrary(definition: Definition): boolean {
  const declaration = definition.parent as (Node & { source?: { value: unknown } }) | undefined;
  return PACKAGE.test(String(declaration?.source?.value));
}

/** A generator function of the file, a coroutine, or a function that returns an operation. */
function definesOperation(source: SourceCode, definition: Definition, seen: ReadonlySet<Node>): boolean {
  const { node } = definition;
  if (definition.type === 'Parameter') return isOperationType(annotationOf(parameterOf(definition)));
  if (isFunction(node) || node.type === 'TSDeclareFunction')
    return returnsOperation(source, node as FunctionNode, seen);
  if (node.type !== 'VariableDeclarator') return false;
  const { id, init } = node as Node & { id: Node; init: Node | null };
  if (isOperationType(annotationOf(id))) return true;
  if (init === null || seen.has(node) || !isIdentifier(id)) return false;
  return (isFunction(init) || isCall(init)) && isOperationFunction(source, init, new Set([...seen, node]));
}

function returnsOperation(source: SourceCode, fn: FunctionNode, seen: ReadonlySet<Node>): boolean {
  if (fn.returnType !== undefined && isOperationType(fn)) return true;
  if (fn.async || fn.type === 'TSDeclareFunction') return false;
  if (fn.generator) return !yieldsValues(source, fn, seen);
  if (seen.has(fn)) return false;
  const inside = new Set([...seen, fn]);
  return returnedBy(source, fn).some((end) => isCall(end) && isOperationFunction(source, end.callee, inside));
}

/** Whether a generator hands out values itself, as one that is run never does. */
function yieldsValues(source: SourceCode, fn: FunctionNode, seen: ReadonlySet<Node>): boolean {
  if (seen.has(fn)) return false;
  const inside = new Set([...seen, fn]);
  let values = false;
  visitOwn(source, fn, (node) => {
    const { argument, delegate } = node as Node & { argument?: Node | null; delegate?: boolean };
    if (node.type !== 'YieldExpression' || delegate === true || argument == null) return;
    if (!isCall(argument) || !isOperationFunction(source, argument.callee, inside)) values = true;
  });
  return values;
}

/** Whether a type that is written out is an operation, or a function that returns one. */
function isOperationType(node: Node | undefined): boolean {
  if (node === undefined || !/^(TSTypeReference|TSTypeAnnotation|TSFunctionType)$|Function/.test(node.type))
    return false;
  const { typeAnnotation, returnType, typeName } = node as Node & {
    typeAnnotation?: Node;
    returnType?: Node;
    typeName?: Node;
  };
  if (node.type === 'TSTypeReference') return isIdentifier(typeName) && typeName.name === 'Operation';
  return isOperationType(returnType ?? typeAnnotation);
}

function annotationOf(node: Node | undefined): Node | undefined {
  const { typeAnnotation } = (node ?? {}) as { typeAnnotation?: Node & { typeAnnotation?: Node } };
  // Of a variable only a function's type counts: a variable of type `Operation` is not called.
  return typeAnnotation?.typeAnnotation?.type === 'TSFunctionType' ? typeAnnotation : undefined;
}

function parameterOf(definition: Definition): Node | undefined {
  return (definition as Definition & { name?: Node }).name;
}

/** What the library made the value of a variable with: `new Queue()` gives 'Queue', `const { sender } = channel()` 'channel'. */
function makerOf(source: SourceCode, definition: Definition): string | null {
  const made = madeBy(definition);
  if (made === null) return null;
  const { callee } = made;
  // `Session.open(…)`, and what is awaited in its own way
  if (isMember(callee) && isIdentifier(callee.object) && propertyName(callee) === 'open') {
    return libraryWord(source, callee.object);
  }
  return calledWord(source, made);
}

function madeBy({ node }: Definition): CallNode | null {
  if (node.type !== 'VariableDeclarator') return null;
  let { init } = node as Node & { init: Node | null };
  if (init?.type === 'YieldExpression') init = (init as Node & { argument: Node | null }).argument;
  return init?.type === 'NewExpression' || isCall(init) ? (init as CallNode) : null;
}

/** The members of the class of this file that a variable is an instance of, or of the object that it is. */
function membersOf(source: SourceCode, definition: Definition): readonly Node[] {
  const made = madeBy(definition);
  if (made?.type === 'NewExpression' && isIdentifier(made.callee)) {
    return definitionsOf(source, made.callee).flatMap(({ node }) => membersOfClass(node));
  }
  const { init } = definition.node as Node & { init?: (Node & { properties?: readonly Node[] }) | null };
  return init?.type === 'ObjectExpression' ? (init.properties ?? []) : [];
}

function membersOfClass(node: Node): readonly Node[] {
  if (!/^Class(Declaration|Expression)$/.test(node.type)) return [];
  return (node as Node & { body: Node & { body: readonly Node[] } }).body.body;
}

function classAround(node: Node): readonly Node[] {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (at.type === 'ClassBody') return (at as Node & { body: readonly Node[] }).body;
    if (at.type === 'ObjectExpression') return (at as Node & { properties: readonly Node[] }).properties;
  }
  return [];
}

function hasMethod(source: SourceCode, members: readonly Node[], name: string, seen: ReadonlySet<Node>): boolean {
  return members.some((member) => {
    const { key, value, computed } = member as Node & { key?: Node; value?: Node | null; computed?: boolean };
    if (computed === true || key === undefined || nameOfKey(key) !== name || value == null || seen.has(member))
      return false;
    return (isFunction(value) || isCall(value)) && isOperationFunction(source, value, new Set([...seen, member]));
  });
}
