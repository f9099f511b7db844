/** The rule `yield-operation` for ESLint: an operation that is made has to be waited for. */
import { type CallNode, functionAround, isCall, isMember, type Node, propertyName, type RuleContext } from './ast.ts';
import { makesOperation } from './syntax.ts';
import { hasOperationType } from './types.ts';

/** `task.cancel()` and `group.cancel()` ask at once; the operation that they return only waits for the end. */
const EAGER = new Set(['cancel']);

/**
 * An operation that is made and not waited for does nothing, which no run time can see: this rule finds the forgotten
 * `yield*`, the plain `yield` and the `await` before a call that returns an operation.
 */
export const yieldOperation = {
  meta: {
    type: 'problem',
    docs: { description: 'Require `yield*` before a call that makes an operation' },
    hasSuggestions: true,
    schema: [],
    messages: {
      forgotten: '`{{call}}` makes an operation and does not run it. Write `yield* {{call}}`.',
      outside:
        '`{{call}}` makes an operation and does not run it. Return it, or write `await run(() => {{call}})`, as only a `function*` can `yield*` it.',
      plain: '`yield {{call}}` hands the operation out and does not run it. Write `yield* {{call}}`.',
      awaited:
        '`await` does nothing for an operation. Write `yield* {{call}}` in a `function*`, or `await run(() => {{call}})`.',
      add: 'Write `yield* {{call}}`.',
    },
  },

  create(context: RuleContext): Readonly<Record<string, (node: never) => void>> {
    const { sourceCode } = context;

    function isFloating(call: CallNode): boolean {
      if (isMember(call.callee) && EAGER.has(propertyName(call.callee) ?? '')) return false;
      return hasOperationType(sourceCode.parserServices, call) ?? makesOperation(sourceCode, call);
    }

    function textOf(call: CallNode): string {
      const text = sourceCode.getText(call).replace(/\s+/g, ' ');
      return text.length <= 60 ? text : `${sourceCode.getText(call.callee).replace(/\s+/g, ' ')}(…)`;
    }

    function report(messageId: string, call: CallNode, fixed: readonly [number, number] | null): void {
      const data = { call: textOf(call) };
      const suggest = [
        {
          messageId: 'add',
          data,
          fix: (fixer: Parameters<NonNullable<Parameters<RuleContext['report']>[0]['suggest']>[number]['fix']>[0]) =>
            fixer.replaceTextRange(fixed ?? [0, 0], 'yield* '),
        },
      ];
      context.report({ node: call, messageId, data, suggest: fixed === null ? [] : suggest });
    }

    function checkStatement(node: Node & { expression: Node }): void {
      for (const end of endsOf(node.expression)) {
        const awaited = end.type === 'AwaitExpression';
        const call = awaited ? (end as Node & { argument: Node }).argument : end;
        if (!isCall(call) || !isFloating(call)) continue;
        if (awaited) report('awaited', call, null);
        else if (functionAround(call)?.generator !== true) report('outside', call, null);
        else report('forgotten', call, call === node.expression ? emptyRangeBefore(call) : null);
      }
    }

    function checkYield(node: Node & { argument: Node | null; delegate: boolean }): void {
      const { argument } = node;
      if (node.delegate || !isCall(argument) || !isFloating(argument)) return;
      const from = node.range?.[0];
      const to = argument.range?.[0];
      report('plain', argument, from === undefined || to === undefined ? null : [from, to]);
    }

    return { ExpressionStatement: checkStatement, YieldExpression: checkYield };
  },
} as const;

function emptyRangeBefore(node: Node): readonly [number, number] | null {
  const at = node.range?.[0];
  return at === undefined ? null : [at, at];
}

/** The expressions whose value a statement drops: both sides of a condition, the last of a sequence. */
function endsOf(expression: Node): readonly Node[] {
  const parts = expression as Node & {
    right: Node;
    consequent: Node;
    alternate: Node;
    expressions: readonly Node[];
    expression: Node;
  };
  if (expression.type === 'LogicalExpression') return endsOf(parts.right);
  if (expression.type === 'ConditionalExpression') return [...endsOf(parts.consequent), ...endsOf(parts.alternate)];
  if (expression.type === 'SequenceExpression') return parts.expressions.flatMap(endsOf);
  if (expression.type === 'ChainExpression' || expression.type === 'TSNonNullExpression')
    return endsOf(parts.expression);
  return [expression];
}
