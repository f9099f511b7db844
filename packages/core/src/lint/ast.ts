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
  readonly id: Identifier | null;
  readonly body: Node;
  /** The annotation of what it returns, where the parser keeps types. */
  readonly returnType?: Node;
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
  readonly references: readonly { readonly identifier: Identifier }[];
}

export interface ScopeLike {
  readonly set: ReadonlyMap<string, Variable>;
  readonly upper: ScopeLike | null;
}

export interface SourceCode {
  getText(node: Node): string;
  getScope(node: Node): ScopeLike;
  readonly parserServices?: unknown;
  /** The keys of a node under which there are nodes, by the node's type. */
  readonly visitorKeys: Readonly<Record<string, readonly string[] | undefined>>;
}

export interface Fixer {
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
  return member.computed ? null : nameOfKey(member.property);
}

/** A key as it is written; that of a private member is another than that of a public one. */
export function nameOfKey(key: Node): string {
  const { name } = key as Identifier;
  return key.type === 'PrivateIdentifier' ? `#${name}` : name;
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
  for (let at = node.parent; at !== undefined; at = at.parent) if (isFunction(at)) return at;
  return null;
}

export function isFunction(node: Node | null | undefined): node is FunctionNode {
  return node != null && /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);
}

/** Calls `visit` with every node of a function's own code, without the functions inside it. */
export function visitOwn(source: SourceCode, fn: FunctionNode, visit: (node: Node) => void): void {
  const open: Node[] = [fn.body];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    visit(node);
    if (isFunction(node) || /^Class(Declaration|Expression)$/.test(node.type)) continue;
    for (const key of source.visitorKeys[node.type] ?? []) {
      const part = (node as unknown as Record<string, Node | readonly (Node | null)[] | null | undefined>)[key];
      for (const child of Array.isArray(part) ? part : [part]) if (child != null) open.push(child as Node);
    }
  }
}

/** The expressions whose value a function returns. */
export function returnedBy(source: SourceCode, fn: FunctionNode): readonly Node[] {
  if (fn.body.type !== 'BlockStatement') return endsOf(fn.body);
  const returned: Node[] = [];
  visitOwn(source, fn, (node) => {
    const { argument } = node as Node & { argument?: Node | null };
    if (node.type === 'ReturnStatement' && argument != null) returned.push(...endsOf(argument));
  });
  return returned;
}

/** The expressions that may give the value of another one: both sides of a condition, the last of a sequence. */
export function endsOf(expression: Node): readonly Node[] {
  const parts = expression as Node & {
    right: Node;
    consequent: Node;
    alternate: Node;
    expressions: readonly Node[];
    expression: Node;
  };
  if (expression.type === 'LogicalExpression') return endsOf(parts.right);
  if (expression.type === 'ConditionalExpression') return [...endsOf(parts.consequent), ...endsOf(parts.alternate)];
  if (expression.type === 'SequenceExpression') return parts.expressions.slice(-1).flatMap(endsOf);
  if (/^(ChainExpression|TS(NonNull|As|Satisfies)Expression|TSTypeAssertion)$/.test(expression.type)) {
    return endsOf(parts.expression);
  }
  return [expression];
}
