// The exported surface of a package as text, made from the built declarations: what a user can name, and what that drags along.
// Committed as packages/<name>/<name>.api.txt, so that a change of the surface is a change that a reviewer sees.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { type Package, publishedPackages, root } from './workspace.ts';

const printer = ts.createPrinter({ removeComments: true, omitTrailingSemicolon: true });

/** A member that no user can name does not belong to the surface. */
function isHidden(member: ts.Node): boolean {
  if (!ts.isClassElement(member)) return false;
  if (member.name && ts.isPrivateIdentifier(member.name)) return true;
  return (
    ts.canHaveModifiers(member) && (ts.getModifiers(member) ?? []).some((m) => m.kind === ts.SyntaxKind.PrivateKeyword)
  );
}

const hideMembers: ts.TransformerFactory<ts.Node> = (context) => (top) => {
  const visit = (node: ts.Node): ts.Node | undefined =>
    isHidden(node) ? undefined : ts.visitEachChild(node, visit, context);
  return ts.visitEachChild(top, visit, context);
};

function print(declaration: ts.Declaration): string {
  // `const x: T` is declared by a part of a statement; the statement is what a reader expects.
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const [shown] = ts.transform(node, [hideMembers]).transformed;
  const text = printer.printNode(ts.EmitHint.Unspecified, shown ?? node, node.getSourceFile());
  return text.replace(/^(export )?(declare )?/, '').trim();
}

/** The surface of one package: every door with what it exports, then what those declarations mention but no door exports. */
export function surfaceOf({ directory, doors }: Package): string {
  const dist = join(directory, 'dist');
  const files = doors.map((door) => join(dist, `${door.entry}.d.ts`));
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ['@coloop/source'],
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const exported = new Set<ts.Symbol>();
  const mentioned = new Set<ts.Symbol>();
  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const ours = (symbol: ts.Symbol): ts.Declaration[] =>
    (symbol.declarations ?? []).filter((d) => !relative(dist, d.getSourceFile().fileName).startsWith('..'));

  function mention(node: ts.Node): void {
    if (isHidden(node)) return;
    if (ts.isIdentifier(node)) {
      const found = checker.getSymbolAtLocation(node);
      const symbol = found && resolved(found);
      if (symbol && !mentioned.has(symbol)) {
        const top = ours(symbol).filter((d) => ts.isSourceFile(d.parent) || ts.isVariableDeclaration(d));
        if (top.length > 0) {
          mentioned.add(symbol);
          for (const declaration of top) mention(declaration);
        }
      }
    }
    ts.forEachChild(node, mention);
  }

  const text: string[] = [];
  for (const [index, door] of doors.entries()) {
    const file = program.getSourceFile(files[index] ?? '');
    const module = file && checker.getSymbolAtLocation(file);
    if (!file) throw new Error(`${door.specifier} has no declarations at ${files[index]}: run the build first`);
    const platform = door.condition === 'default' ? '' : ` (${door.condition})`;
    text.push(`## ${door.specifier}${platform}`, '');
    const symbols = module ? checker.getExportsOfModule(module) : [];
    for (const symbol of symbols.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const target = resolved(symbol);
      const seen = exported.has(target);
      exported.add(target);
      const declarations = ours(target);
      for (const declaration of declarations) mention(declaration);
      if (seen) text.push(`${symbol.name}: ${target.name === symbol.name ? '' : `${target.name}, `}as above`);
      else if (declarations.length === 0) text.push(`${symbol.name}: from a dependency`);
      else text.push(...declarations.map(print));
      text.push('');
    }
  }
  const dragged = [...mentioned].filter((symbol) => !exported.has(symbol)).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (dragged.length > 0) text.push('## mentioned, but exported by no door', '');
  for (const symbol of dragged) text.push(...ours(symbol).map(print), '');
  return `${text.join('\n').trimEnd()}\n`;
}

/** The first line in which two texts differ, for a message. */
export function firstDifference(before: string, after: string): string | undefined {
  if (before === after) return undefined;
  const [old, now] = [before.split('\n'), after.split('\n')];
  const at = now.findIndex((line, index) => line !== old[index]);
  const line = at === -1 ? now.length : at;
  return `line ${line + 1}:\n  - ${old[line] ?? '(end)'}\n  + ${now[line] ?? '(end)'}`;
}

if (process.argv[1] === import.meta.filename) {
  const update = process.argv.includes('--update');
  for (const pack of publishedPackages()) {
    if (pack.doors.length === 0) {
      console.log(`${pack.manifest.name}: has no doors yet`);
      continue;
    }
    const path = join(pack.directory, `${pack.manifest.name.replace('@coloop/', '')}.api.txt`);
    const now = surfaceOf(pack);
    if (update) {
      writeFileSync(path, now);
      console.log(`${relative(root, path)}: written`);
      continue;
    }
    const difference = firstDifference(existsSync(path) ? readFileSync(path, 'utf8') : '', now);
    console.log(`${relative(root, path)}: ${difference ? 'differs from the built declarations' : 'is as built'}`);
    if (difference) {
      console.error(
        `${difference}\nIf the change is meant: pnpm run build && pnpm run surface --update, and commit the file.`,
      );
      process.exitCode = 1;
    }
  }
}
