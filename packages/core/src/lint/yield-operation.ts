/** The rule `yield-operation` for ESLint: an operation that is made has to be waited for. */
import {
  type CallNode,
  endsOf,
  type Fixer,
  type FunctionNode,
  functionAround,
  isCall,
  isFunction,
  isIdentifier,
  isMember,
  type Node,
  propertyName,
  type RuleContext,
  returnedBy,
  variableAt,
} from './ast.ts';
import { takersOf } from './callbacks.ts';
import { closesAtOnce, isCoroutineCall, isOperationFunction, makesOperation } from './syntax.ts';
import { Types } from './types.ts';

const MESSAGES = {
  forgotten: '`{{call}}` makes an operation and does not run it. Write `yield* {{call}}`.',
  outside:
    '`{{call}}` makes an operation and does not run it. Return it, or write `await run(() => {{call}})`, as only a `function*` can `yield*` it.',
  plain: '`yield {{call}}` hands the operation out and does not run it. Write `yield* {{call}}`.',
  awaited:
    '`await` does nothing for an operation. Write `yield* {{call}}` in a `function*`, or `await run(() => {{call}})`.',
  returned: '`return {{call}}` hands the operation out and does not run it. Write `return yield* {{call}}`.',
  resolved:
    'An async function does not run `{{call}}`, it hands the operation out. Write `return run(() => {{call}})`.',
  callback:
    '`{{taker}}` drops what its function returns, so that `{{call}}` never runs. Wrap the function: `asAsync(…)` runs what it returns.',
  many: '`{{call}}` makes operations and does not run them. Write `yield* gather({{call}})`.',
  promises: '`{{taker}}` does not run operations. Write `yield* gather(…)`, or `run(() => {{call}})` for a promise.',
  condition: '`{{call}}` makes an operation, which is always true. Write `(yield* {{call}})`.',
  inner:
    '`{{call}}` is the plain generator function inside of its coroutine, so that its depth is that of the native stack. {{advice}}',
  add: 'Write `yield* {{call}}`.',
} as const;

type MessageId = keyof typeof MESSAGES;

/**
 * An operation that is made and not waited for does nothing, which no run time can see: this rule finds the forgotten
 * `yield*`, the plain `yield`, the `await` before a call that returns an operation, and the places that drop what they get: a
 * `return` of a body that is run, callbacks, `void`, `Promise.all`. It also finds a coroutine that calls itself by its inner name.
 */
export const yieldOperation = {
  meta: {
    type: 'problem',
    docs: { description: 'Require `yield*` before a call that makes an operation' },
    hasSuggestions: true,
    schema: [],
    messages: MESSAGES,
  },

  create(context: RuleContext): Readonly<Record<string, (node: never) => void>> {
    return new FileCheck(context).visitors;
  },
} as const;

/** The rule at work on one file. */
class FileCheck {
  readonly visitors: Readonly<Record<string, (node: never) => void>> = {
    ExpressionStatement: (node: Node & { expression: Node }) => this.#checkDropped(node.expression),
    UnaryExpression: (node: Node & { operator: string; argument: Node }) => this.#checkUnary(node),
    YieldExpression: (node: Node & { argument: Node | null; delegate: boolean }) => this.#checkYield(node),
    AwaitExpression: (node: Node & { argument: Node }) => this.#checkAwait(node.argument),
    ReturnStatement: (node: Node & { argument: Node | null }) => this.#checkReturn(node),
    ArrowFunctionExpression: (node: FunctionNode) => this.#checkFunction(node),
    FunctionExpression: (node: FunctionNode) => this.#checkFunction(node),
    CallExpression: (node: CallNode) => this.#checkCall(node),
    NewExpression: (node: CallNode) => this.#checkTakers(node),
    IfStatement: (node: Node & { test: Node }) => this.#checkCondition(node.test),
    WhileStatement: (node: Node & { test: Node }) => this.#checkCondition(node.test),
    DoWhileStatement: (node: Node & { test: Node }) => this.#checkCondition(node.test),
    ConditionalExpression: (node: Node & { test: Node }) => this.#checkCondition(node.test),
  };
  readonly #context: RuleContext;
  readonly #types: Types | null;
  /** One mistake has one message. */
  readonly #reported = new Set<Node>();

  constructor(context: RuleContext) {
    this.#context = context;
    this.#types = Types.of(context.sourceCode.parserServices);
  }

  #makes(node: Node): node is CallNode {
    const { sourceCode } = this.#context;
    if (!isCall(node)) return false;
    const { callee } = node;
    if (isMember(callee)) {
      const name = propertyName(callee) ?? '';
      if (closesAtOnce(sourceCode, node) || this.#types?.isEager(callee.object, name) === true) return false;
    }
    return this.#types?.isOperation(node) ?? makesOperation(sourceCode, node);
  }

  /** Whether calls of what is given as a function make operations. */
  #isOperationFunction(node: Node): boolean {
    if (isMember(node) && this.#types?.isEager(node.object, propertyName(node) ?? '') === true) return false;
    return this.#types?.returnsOperation(node) ?? isOperationFunction(this.#context.sourceCode, node);
  }

  /** Whether an expression is a list of operations that a `map` has made. */
  #makesMany(node: Node): node is CallNode {
    if (!isCall(node) || !isMember(node.callee) || !/^(map|flatMap)$/.test(propertyName(node.callee) ?? ''))
      return false;
    if (this.#types !== null) return this.#types.isListOfOperations(node);
    const [fn] = node.arguments;
    return fn !== undefined && this.#isOperationFunction(fn);
  }

  /** The value of an expression goes nowhere. */
  #checkDropped(expression: Node): void {
    for (const end of endsOf(expression)) {
      if (this.#makes(end)) {
        if (functionAround(end)?.generator !== true) this.#report('outside', end);
        else this.#report('forgotten', end, { fixed: end === expression ? emptyRangeBefore(end) : null });
      } else if (this.#makesMany(end)) this.#report('many', end);
    }
  }

  #checkUnary({ operator, argument }: { operator: string; argument: Node }): void {
    if (operator === 'void') this.#checkDropped(argument);
    if (operator === '!') this.#checkCondition(argument);
  }

  #checkCondition(test: Node): void {
    if (!isCall(test) || !this.#makes(test) || this.#types?.isAlwaysOperation(test) === false) return;
    this.#report('condition', test);
  }

  #checkYield(node: Node & { argument: Node | null; delegate: boolean }): void {
    const { argument } = node;
    if (node.delegate || argument === null || !this.#makes(argument)) return;
    const fn = functionAround(node);
    if (fn !== null && this.#isTypedAs(fn, 'yielded')) return;
    const from = node.range?.[0];
    const to = argument.range?.[0];
    this.#report('plain', argument, { fixed: from === undefined || to === undefined ? null : [from, to] });
  }

  #checkAwait(argument: Node): void {
    for (const end of endsOf(argument)) if (this.#makes(end)) this.#report('awaited', end);
  }

  #checkReturn(node: Node & { argument: Node | null }): void {
    const fn = functionAround(node);
    if (fn !== null && node.argument !== null) this.#checkReturned(fn, node.argument);
  }

  /** What a body returns that somebody else runs, or awaits. */
  #checkReturned(fn: FunctionNode, returned: Node): void {
    if (!(fn.generator || fn.async) || this.#isTypedAs(fn, 'returned')) return;
    const messageId = fn.generator ? 'returned' : 'resolved';
    for (const end of endsOf(returned).flatMap(itemsOf)) {
      if (this.#makes(end)) {
        const fixed = fn.generator && end === returned ? emptyRangeBefore(end) : null;
        this.#report(messageId, end, { fixed });
      } else if (this.#makesMany(end)) this.#report('many', end);
    }
  }

  /** Whether a body is written as one that gives operations. */
  #isTypedAs(fn: FunctionNode, what: 'yielded' | 'returned'): boolean {
    const annotation = fn.returnType ?? annotationAround(fn);
    if (annotation === null) return false;
    if (fn.returnType !== undefined && this.#types !== null && fn.generator)
      return this.#types.givesOperation(fn, what);
    return /<[\s\S]*\b(Body|Generator|Operation)\b/.test(this.#context.sourceCode.getText(annotation));
  }

  #checkFunction(fn: FunctionNode): void {
    if (fn.async && fn.body.type !== 'BlockStatement') this.#checkReturned(fn, fn.body);
    if (this.#types?.dropsResult(fn) === true) this.#checkCallback(fn, 'This place');
  }

  #checkCall(call: CallNode): void {
    this.#checkInnerName(call);
    this.#checkTakers(call);
    if (this.#types === null) return;
    for (const argument of call.arguments) {
      if (!isIdentifier(argument) && !isMember(argument)) continue;
      if (this.#types.dropsResult(argument)) this.#checkCallback(argument, this.#textOf(call.callee));
    }
  }

  /** What is known by its name to drop what it gets. */
  #checkTakers(call: CallNode): void {
    const { callbacks, values, isOfPromise } = takersOf(this.#context.sourceCode, call, this.#types);
    const taker = this.#textOf(call.callee);
    for (const fn of callbacks) {
      // The type of what a promise's function returns is inferred from it.
      if (isOfPromise || this.#types?.runsResult(fn) !== true) this.#checkCallback(fn, taker);
    }
    for (const end of values.flatMap(endsOf).flatMap(itemsOf)) {
      if (this.#makes(end)) this.#report('promises', end, { taker });
      else if (this.#makesMany(end)) this.#report('many', end);
    }
  }

  /** A function whose result is dropped. */
  #checkCallback(fn: Node, taker: string): void {
    if (!isFunction(fn)) {
      if (this.#isOperationFunction(fn)) this.#report('callback', fn, { taker, text: `${this.#textOf(fn)}(…)` });
    } else if (fn.generator) {
      if (!fn.async)
        this.#report('callback', fn, { taker, text: fn.id === null ? 'function* (…) {…}' : `${fn.id.name}(…)` });
    } else if (!fn.async) {
      for (const end of returnedBy(this.#context.sourceCode, fn)) {
        if (this.#makes(end)) this.#report('callback', end, { taker });
      }
    }
  }

  /** `coroutine(function* f() { ... f() ... })`: inside, `f` is the function that was given, and not the coroutine. */
  #checkInnerName(call: CallNode): void {
    const { sourceCode } = this.#context;
    const [fn] = call.arguments;
    if (!isFunction(fn) || fn.id === null || !isCoroutineCall(sourceCode, call)) return;
    const own = variableAt(sourceCode, fn, fn.id.name);
    if (own === null || !own.defs.some((definition) => definition.node === fn)) return;
    const outer = outerName(call);
    const advice =
      outer === null || outer === fn.id.name
        ? 'Leave the name out inside, and call the coroutine by the name of its variable.'
        : `Call \`${outer}\`.`;
    for (const { identifier } of own.references) {
      const parent = identifier.parent as Node | undefined;
      if (
        identifier === fn.id ||
        (parent !== undefined &&
          isMember(parent) &&
          parent.object === identifier &&
          !/^(call|apply|bind)$/.test(propertyName(parent) ?? ''))
      )
        continue;
      this.#report('inner', identifier, { advice });
    }
  }

  #textOf(node: Node): string {
    const text = this.#context.sourceCode.getText(node).replace(/\s+/g, ' ');
    if (text.length <= 60) return text;
    return isCall(node)
      ? `${this.#context.sourceCode.getText(node.callee).replace(/\s+/g, ' ')}(…)`
      : `${text.slice(0, 57)}…`;
  }

  #report(
    messageId: MessageId,
    node: Node,
    { fixed = null, text = this.#textOf(node), ...more }: ReportDetails = {},
  ): void {
    if (this.#reported.has(node)) return;
    this.#reported.add(node);
    const data = { call: text, ...more };
    const suggest =
      fixed === null
        ? []
        : [{ messageId: 'add', data, fix: (fixer: Fixer) => fixer.replaceTextRange(fixed, 'yield* ') }];
    this.#context.report({ node, messageId, data, suggest });
  }
}

interface ReportDetails {
  /** The range that `yield* ` takes the place of. */
  readonly fixed?: readonly [number, number] | null;
  readonly text?: string;
  readonly taker?: string;
  readonly advice?: string;
}

function emptyRangeBefore(node: Node): readonly [number, number] | null {
  const at = node.range?.[0];
  return at === undefined ? null : [at, at];
}

/** The items of an array that is written out; anything else is itself. */
function itemsOf(node: Node): readonly Node[] {
  if (node.type !== 'ArrayExpression') return [node];
  const { elements } = node as Node & { elements: readonly (Node | null)[] };
  return elements.flatMap((element) => (element === null ? [] : endsOf(element).flatMap(itemsOf)));
}

/** The type that a function was given by what it stands in: of its variable or property, or as the argument of a call. */
function annotationAround(fn: FunctionNode): Node | null {
  const around = fn.parent as
    | (Node & { id?: { typeAnnotation?: Node }; typeAnnotation?: Node; typeArguments?: Node })
    | undefined;
  return around?.id?.typeAnnotation ?? around?.typeAnnotation ?? around?.typeArguments ?? null;
}

/** The name of the variable that a coroutine is put into. */
function outerName(call: CallNode): string | null {
  const { id, key } = (call.parent ?? {}) as { id?: Node; key?: Node };
  const name = id ?? key;
  return isIdentifier(name) ? name.name : null;
}
