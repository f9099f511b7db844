// Holds the messages of errors to one form, in all of core and http: a capital, what happened, and a period at the end.
// What begins with a word of the library, which is written as it is called, or with a value may do so in lower case.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './workspace.ts';

interface Misshapen {
  readonly line: number;
  readonly message: string;
  readonly fault: 'begins in lower case' | 'has no period at its end';
}

/** What a value stands for that only a running program knows. */
const VALUE = '\ufffc';

/** All texts that a message can be, with each value that is put into it as `VALUE`; null where it is made elsewhere. */
function textsOf(node: ts.Expression): string[] | null {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    return [node.head.text + node.templateSpans.map(({ literal }) => VALUE + literal.text).join('')];
  }
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  if (ts.isConditionalExpression(node)) {
    const [yes, no] = [textsOf(node.whenTrue), textsOf(node.whenFalse)];
    return yes === null || no === null ? null : [...yes, ...no];
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [before, after] = [textsOf(node.left) ?? [VALUE], textsOf(node.right) ?? [VALUE]];
    return before.flatMap((one) => after.map((other) => one + other));
  }
  return null;
}

/** Classes that make their message themselves, out of what they are given. */
const MAKE_THEIR_OWN = new Set(['CancelledError', 'PeerGoneError']);

/** Texts of errors that are only a part of another one's message, or of which only the stack is used. */
const PARTS =
  /^(?:made here|called here|here|the request was made|control characters|it is not a regular file|it begins with .*|its (?:status|header) line .*|\ufffc is not public|allowAddress \w+ .*)$/;

const isErrorClass = (node: ts.Expression): boolean =>
  ts.isIdentifier(node) && /Error$/.test(node.text) && !MAKE_THEIR_OWN.has(node.text);

/** The message that an expression gives to an error: to one that it makes, or, in the constructor of its class, to `super`. */
function messageOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isNewExpression(node)) return isErrorClass(node.expression) ? node.arguments?.[0] : undefined;
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.SuperKeyword) return undefined;
  const base = ts.findAncestor(node, ts.isClassLike)?.heritageClauses?.[0]?.types[0]?.expression;
  return base !== undefined && isErrorClass(base) ? node.arguments[0] : undefined;
}

/** @param words names of the library, which a message may begin with */
export function misshapenIn(text: string, words: ReadonlySet<string>): Misshapen[] {
  const source = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
  const found: Misshapen[] = [];
  const look = (node: ts.Node): void => {
    const first = messageOf(node);
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    for (const message of (first === undefined ? null : textsOf(first)) ?? []) {
      const fault = faultOf(message, words);
      if (fault !== null) found.push({ line: line + 1, message: message.replaceAll(VALUE, '…'), fault });
    }
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

function faultOf(message: string, words: ReadonlySet<string>): Misshapen['fault'] | null {
  if (PARTS.test(message)) return null;
  const [word = ''] = /^[a-z]\w*/.exec(message) ?? [];
  if (word !== '' && !words.has(word)) return 'begins in lower case';
  return message === '' || /[.?!…\ufffc]$/.test(message) ? null : 'has no period at its end';
}

/** All names that the surfaces of the packages declare, and the parts of them that messages begin with. */
export function wordsOf(...surfaces: readonly string[]): ReadonlySet<string> {
  const names = surfaces
    .flatMap((file) => readFileSync(join(root, file), 'utf8').match(NAMES) ?? [])
    .filter((name) => name.length > 2);
  // `new Queue`, and the objects that methods belong to: `lock.release()`, `queue.put()`.
  return new Set([...names, 'new', ...names.flatMap((name) => (/^[A-Z]/.test(name) ? [ownerOf(name)] : []))]);
}

const NAMES = /\b[a-zA-Z]\w*(?=\??[(<:]| (?:extends|implements|\{))/g;

/** `lock` for `Lock`, and `flag` for `EventFlag`. */
function ownerOf(name: string): string {
  return (/[A-Z][a-z]+$/.exec(name)?.[0] ?? name).toLowerCase();
}
