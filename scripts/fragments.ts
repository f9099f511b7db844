// Docstrings show the line that matters, not a whole program. A block without an import is such a fragment: it is completed
// here before it is compiled. Every public word is in scope, and what waits stands inside a `run`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { publishedPackages } from './workspace.ts';

/** Where each public word comes from; the first door that has it wins. */
export type Words = ReadonlyMap<string, { readonly specifier: string; readonly isType: boolean }>;

/** What stands around a fragment, each part on lines of its own. */
export interface Frame {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** What a fragment that is not run may mention without saying where it comes from. */
const known: Readonly<Record<string, string>> = {
  session: "import('@coloop/http').Session",
  url: 'string',
  urls: 'string[]',
  token: 'string',
};

const parse = (text: string): ts.SourceFile => ts.createSourceFile('fragment.ts', text, ts.ScriptTarget.ES2022, true);

/** The words that a door exports by name, read from its source. */
export function wordsOf(specifier: string, text: string): Words {
  const words = new Map<string, { specifier: string; isType: boolean }>();
  for (const statement of parse(text).statements) {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause))
      continue;
    for (const { name, isTypeOnly } of statement.exportClause.elements) {
      words.set(name.text, { specifier, isType: isTypeOnly || statement.isTypeOnly });
    }
  }
  return words;
}

/** The words of all doors of the workspace. */
export function publicWords(): Words {
  const words = new Map<string, { specifier: string; isType: boolean }>();
  for (const { directory, doors } of publishedPackages()) {
    for (const { specifier, condition, source } of doors) {
      if (condition !== 'default') continue;
      for (const [name, word] of wordsOf(specifier, readFileSync(join(directory, source), 'utf8'))) {
        if (!words.has(name)) words.set(name, word);
      }
    }
  }
  return words;
}

interface Names {
  readonly used: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
  /** Whether there is a `yield` that belongs to no function of the fragment. */
  readonly waits: boolean;
}

function namesIn(code: string): Names {
  const used = new Set<string>();
  const declared = new Set<string>();
  let waits = false;
  const visit = (node: ts.Node, inFunction: boolean): void => {
    if (ts.isYieldExpression(node) && !inFunction) waits = true;
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isDeclaration =
        (ts.isVariableDeclaration(parent) ||
          ts.isFunctionDeclaration(parent) ||
          ts.isClassDeclaration(parent) ||
          ts.isInterfaceDeclaration(parent) ||
          ts.isTypeAliasDeclaration(parent) ||
          ts.isParameter(parent) ||
          ts.isBindingElement(parent)) &&
        parent.name === node;
      const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
      if (isDeclaration) declared.add(node.text);
      else if (!isMember) used.add(node.text);
    }
    ts.forEachChild(node, (child) => visit(child, inFunction || ts.isFunctionLike(node)));
  };
  // Only inside a generator does `yield` mean what it says.
  const [wrapper] = parse(`function* fragment() {\n${code}\n}`).statements;
  if (wrapper && ts.isFunctionDeclaration(wrapper) && wrapper.body) {
    ts.forEachChild(wrapper.body, (child) => visit(child, false));
  }
  return { used, declared, waits };
}

const hasImport = (code: string): boolean => parse(code).statements.some(ts.isImportDeclaration);

/** What must stand around a block so that it is a whole program; nothing around one that imports what it needs. */
export function frameOf(
  block: { readonly code: string; readonly setup: string; readonly run: boolean },
  words: Words,
): Frame {
  const text = `${block.setup}\n${block.code}`;
  if (hasImport(text)) return { before: [], after: [] };
  const { used, declared, waits } = namesIn(text);
  const free = [...used].filter((name) => !declared.has(name));
  const before = free.flatMap((name) => {
    const word = words.get(name);
    if (word) return [`import ${word.isType ? 'type ' : ''}{ ${name} } from '${word.specifier}';`];
    const type = Object.hasOwn(known, name) && !block.run ? known[name] : undefined;
    return type === undefined ? [] : [`declare const ${name}: ${type};`];
  });
  if (!waits) return { before, after: [] };
  return {
    before: [...before, "import { run as runFragment } from '@coloop/core';", 'await runFragment(function* () {'],
    after: ['});'],
  };
}
