// The names that code gives to things, and the words that they are made of.
import ts from 'typescript';

/** A name where it is declared. */
export interface Named {
  readonly name: string;
  readonly line: number;
  /** Whether it is the name of a class, an interface or a type alias. */
  readonly isType: boolean;
}

/** The words of a name in small letters: `pieceNowait` is 'piece' and 'nowait', `HTTPServer2` is 'http' and 'server2'. */
export function wordsIn(name: string): string[] {
  const split = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2');
  return split
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

const isTypeDeclaration = (node: ts.Node): boolean =>
  ts.isClassLike(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);

/** Every name that a file declares: types, functions, members, variables, parameters and properties. */
export function namesIn(file: string, text: string): Named[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const names: Named[] = [];
  function visit(node: ts.Node): void {
    const { name } = node as { readonly name?: ts.Node };
    const declares = !ts.isPropertyAccessExpression(node) && !ts.isMetaProperty(node);
    if (declares && name && (ts.isIdentifier(name) || ts.isPrivateIdentifier(name))) {
      const { line } = tree.getLineAndCharacterOfPosition(name.getStart(tree));
      names.push({ name: name.text, line: line + 1, isType: isTypeDeclaration(node) });
    }
    ts.forEachChild(node, visit);
  }
  visit(tree);
  return names;
}
