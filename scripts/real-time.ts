// Finds tests that wait for real time without a line that says why: `pnpm run check real-time`.
//
// A test waits for real time by a timer of the host, or by `sleep` and its like inside of a `run` that has no virtual clock.
// The line is a comment `// Real time: why` before the wait, or before any statement around it; one before the first
// statement of a file speaks for the whole file.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './workspace.ts';

/** A wait for real time that no line explains. */
export interface RealWait {
  readonly line: number;
  readonly found: string;
}

const HOST_TIMERS = new Set(['setTimeout', 'setInterval']);
/** The words of the core that wait for the clock of their scheduler, each with its time as the first argument. */
const SLEEPS = new Set(['sleep', 'sleepUntil', 'interval']);
/** The words that run a program on virtual time, or only compile it. */
const VIRTUAL = new Set(['runTest', 'simulate', 'simulation', 'explore', 'coroutineTest', 'compiled']);
/** A file that names one of these runs its helpers on virtual time. */
const VIRTUAL_FILE = /\b(?:runTest|simulate|simulation|explore|coroutineTest|compiled|virtual|VirtualClock)\b/;

const calleeOf = (call: ts.CallExpression): string => (ts.isIdentifier(call.expression) ? call.expression.text : '');

/** Whether a call names one of the host's own timers, and not a spy or a method that happens to have its name. */
function isHostTimer(call: ts.CallExpression): boolean {
  if (ts.isIdentifier(call.expression)) return HOST_TIMERS.has(call.expression.text);
  if (!ts.isPropertyAccessExpression(call.expression)) return false;
  const { expression, name } = call.expression;
  return ts.isIdentifier(expression) && expression.text === 'globalThis' && HOST_TIMERS.has(name.text);
}

/** Whether a `run` is given a scheduler or a clock of its own: those of tests are virtual. */
function hasOwnClock(call: ts.CallExpression): boolean {
  const options = call.arguments[1];
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return options !== undefined;
  return options.properties.some(
    ({ name }) => name !== undefined && ts.isIdentifier(name) && /^(scheduler|clock)$/.test(name.text),
  );
}

const isRun = (node: ts.Node): boolean => ts.isCallExpression(node) && calleeOf(node) === 'run';

/** Every wait for real time in a test that no line explains. */
export function realWaits(file: string, text: string): RealWait[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const explainedBy = (node: ts.Node): boolean =>
    (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []).some(({ pos, end }) =>
      /^\/[/*]+ Real time: \S/m.test(text.slice(pos, end)),
    );
  const first = tree.statements[0];
  if (first === undefined || explainedBy(first)) return [];
  const helpersAreReal = /\brun\(/.test(text) && !VIRTUAL_FILE.test(text);
  const waits: RealWait[] = [];

  /** Whether a wait on the clock of the scheduler is one on the clock of the host. */
  function isReal(call: ts.CallExpression): boolean {
    const [time] = call.arguments;
    if (time === undefined || (ts.isNumericLiteral(time) && Number(time.text) === 0)) return false;
    // An operation that is made and not yielded waits for nothing yet.
    const waiting = ts.isArrowFunction(call.parent) ? isRun(call.parent.parent) : isRun(call.parent);
    if (!waiting && !ts.isYieldExpression(call.parent)) return false;
    for (let node: ts.Node = call.parent; node !== tree; node = node.parent) {
      if (!ts.isCallExpression(node)) continue;
      const callee = calleeOf(node);
      if (VIRTUAL.has(callee)) return false;
      if (callee === 'run') return !hasOwnClock(node);
    }
    // A helper of the file runs on the clock that the file runs its programs on.
    return helpersAreReal;
  }

  function visit(node: ts.Node, explained: boolean): void {
    const now = explained || explainedBy(node);
    if (!now && ts.isCallExpression(node)) {
      const waiting = isHostTimer(node) || (SLEEPS.has(calleeOf(node)) && isReal(node));
      if (waiting) add(node, node.expression.getText(tree));
    } else if (!now && ts.isImportDeclaration(node) && /timers\/promises'$/.test(node.moduleSpecifier.getText(tree))) {
      add(node, 'timers/promises');
    }
    ts.forEachChild(node, (child) => visit(child, now));
  }
  const add = (node: ts.Node, found: string): void => {
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
    waits.push({ line: line + 1, found });
  };
  visit(tree, false);
  return waits;
}

/** Tests, and the helpers that only tests use. */
const IS_TEST = /\.(test|fixture)\.ts$|\/fixtures\/|^packages\/((core|http)\/interop|test-servers)\//;

if (process.argv[1] === import.meta.filename) {
  const files = execFileSync('git', ['ls-files', '--', '*.ts'], { cwd: root, encoding: 'utf8' }).split('\n');
  let count = 0;
  for (const file of files.filter((name) => IS_TEST.test(name))) {
    for (const { line, found } of realWaits(file, readFileSync(join(root, file), 'utf8'))) {
      console.error(
        `${file}:${line}: ${found} waits for real time: use virtual time or an event, or say why in a line`,
      );
      count += 1;
    }
  }
  console.log(count === 0 ? 'Every wait for real time says why.' : `${count} waits for real time do not say why.`);
  process.exitCode = count === 0 ? 0 : 1;
}
