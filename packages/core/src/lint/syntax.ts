/** What can be told from one file alone: words of the library, and generator functions that the file defines. */
import {
  type CallNode,
  type Definition,
  type FunctionNode,
  type Identifier,
  isCall,
  isIdentifier,
  isMember,
  type Member,
  type Node,
  propertyName,
  type SourceCode,
  variableAt,
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
};

const PACKAGE = /^@coloop\/(core|http)(\/|$)/;

/** Whether a call makes an operation, as far as this file shows. */
export function makesOperation(source: SourceCode, call: CallNode): boolean {
  const { callee } = call;
  if (isIdentifier(callee)) {
    const word = libraryWord(source, callee);
    if (word !== null) return WORDS.has(word);
    return definitionsOf(source, callee).some((definition) => definesOperation(source, definition));
  }
  return isMember(callee) && methodMakesOperation(source, callee);
}

function methodMakesOperation(source: SourceCode, callee: Member): boolean {
  const name = propertyName(callee);
  if (name === null) return false;
  const word = libraryMember(source, callee);
  if (word !== null) return WORDS.has(word);
  if (callee.object.type === 'ThisExpression') return isGeneratorMethod(callee, name);
  if (!isIdentifier(callee.object)) return false;
  return definitionsOf(source, callee.object).some((definition) => {
    const maker = makerOf(source, definition);
    return maker !== null && Object.hasOwn(METHODS, maker) && (METHODS[maker]?.includes(name) ?? false);
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

/** A generator function of the file, or one that `coroutine` was given. */
function definesOperation(source: SourceCode, { node }: Definition): boolean {
  if (node.type === 'FunctionDeclaration') return isGenerator(node);
  if (node.type !== 'VariableDeclarator') return false;
  const { init } = node as Node & { init: Node | null };
  if (init === null) return false;
  if (isGenerator(init)) return true;
  return isCall(init) && isIdentifier(init.callee) && libraryWord(source, init.callee) === 'coroutine';
}

function isGenerator(node: Node): boolean {
  const { generator, async } = node as FunctionNode;
  return generator === true && async !== true;
}

/** What made the value of a variable: `new Queue()` gives 'Queue', `const { sender } = channel()` gives 'channel'. */
function makerOf(source: SourceCode, { node }: Definition): string | null {
  if (node.type !== 'VariableDeclarator') return null;
  const { init } = node as Node & { init: Node | null };
  if (init?.type !== 'NewExpression' && init?.type !== 'CallExpression') return null;
  const { callee } = init as CallNode;
  if (isIdentifier(callee)) return libraryWord(source, callee);
  return isMember(callee) ? libraryMember(source, callee) : null;
}

/** Whether `this.name` is a generator method of the class around. */
function isGeneratorMethod(callee: Member, name: string): boolean {
  for (let at = callee.parent; at !== undefined; at = at.parent) {
    if (at.type !== 'ClassBody') continue;
    const { body } = at as Node & { body: readonly Node[] };
    return body.some((member) => {
      const { key, value } = member as Node & { key?: Identifier; value?: Node | null };
      return member.type === 'MethodDefinition' && key?.name === name && value != null && isGenerator(value);
    });
  }
  return false;
}
