// Finds code that asks the host for time or chance: only the clock may, so that a virtual clock decides everything else.
import ts from 'typescript';

const hostCalls = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const hostObjects = new Set(['performance', 'crypto']);

/** What a node takes from the host, or undefined: 'setTimeout', 'Date.now'. */
function takenFromHost(node: ts.Node, tree: ts.SourceFile): string | undefined {
  if (ts.isCallExpression(node)) {
    const callee = node.expression.getText(tree).replace(/^globalThis\./, '');
    return hostCalls.has(callee) ? callee : undefined;
  }
  if (ts.isNewExpression(node)) {
    return node.expression.getText(tree) === 'Date' && !node.arguments?.length ? 'new Date()' : undefined;
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const access = node.getText(tree).replace(/^globalThis\./, '');
  if (access === 'Math.random' || access === 'Date.now') return access;
  const [owner = '', member] = access.split('.');
  return member !== undefined && hostObjects.has(owner) ? access : undefined;
}

/** The places where a file asks the host for time or chance instead of its scheduler. */
export function hostUses(file: string, text: string): string[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const uses = new Set<string>();
  function visit(node: ts.Node): void {
    const taken = takenFromHost(node, tree);
    if (taken !== undefined) {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
      uses.add(`${file}:${line + 1} uses ${taken}: time and chance come from the scheduler`);
    }
    ts.forEachChild(node, visit);
  }
  visit(tree);
  return [...uses];
}
