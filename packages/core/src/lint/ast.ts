/** The few parts of a syntax tree (ESTree) and of ESLint that the rule looks at. */

export interface Node {
  readonly type: string;
  readonly parent?: Node;
  readonly range?: readonly [number, number];
}

export interface Identifier extends Node {
  readonly name: string;
}

export interface CallNode extends Node {
  readonly callee: Node;
  readonly arguments: readonly Node[];
}

export interface Member extends Node {
  readonly object: Node;
  readonly property: Node;
  readonly computed: boolean;
}

export interface FunctionNode extends Node {
  readonly generator: boolean;
  readonly async: boolean;
}

/** Where a name comes from, as ESLint's scope analysis tells. */
export interface Definition {
  readonly type: string;
  readonly node: Node;
  /** For an import: its declaration. */
  readonly parent?: Node;
}

export interface Variable {
  readonly defs: readonly Definition[];
}

export interface ScopeLike {
  readonly set: ReadonlyMap<string, Variable>;
  readonly upper: ScopeLike | null;
}

export interface SourceCode {
  getText(node: Node): string;
  getScope(node: Node): ScopeLike;
  readonly parserServices?: unknown;
}

interface Fixer {
  insertTextBefore(node: Node, text: string): unknown;
  replaceTextRange(range: readonly [number, number], text: string): unknown;
}

interface Suggestion {
  readonly messageId: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly fix: (fixer: Fixer) => unknown;
}

export interface RuleContext {
  readonly sourceCode: SourceCode;
  report(problem: {
    readonly node: Node;
    readonly messageId: string;
    readonly data?: Readonly<Record<string, string>>;
    readonly suggest?: readonly Suggestion[];
  }): void;
}

export function isCall(node: Node | null | undefined): node is CallNode {
  return node?.type === 'CallExpression';
}

export function isMember(node: Node): node is Member {
  return node.type === 'MemberExpression';
}

export function isIdentifier(node: Node | null | undefined): node is Identifier {
  return node?.type === 'Identifier';
}

/** The name of a property that is written out, `a.b` or `#b`. */
export function propertyName(member: Member): string | null {
  if (member.computed) return null;
  return (member.property as Identifier).name;
}

/** What `name` refers to at `node`. */
export function variableAt(source: SourceCode, node: Node, name: string): Variable | null {
  for (let scope: ScopeLike | null = source.getScope(node); scope !== null; scope = scope.upper) {
    const variable = scope.set.get(name);
    if (variable !== undefined) return variable;
  }
  return null;
}

/** The function that `node` runs in. */
export function functionAround(node: Node): FunctionNode | null {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(at.type)) return at as FunctionNode;
  }
  return null;
}
