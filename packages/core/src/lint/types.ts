/** What the types tell, where the parser has them: `parserOptions.projectService` of typescript-eslint. */
import type { Suspension } from '../kernel/operation/suspension.ts';
import type { CallNode, Node } from './ast.ts';

/** The parts of TypeScript's checker that are needed; the library depends on no version of it. */
interface Checker {
  getTypeAtLocation(node: unknown): Type;
  getTypeOfSymbol(symbol: unknown): Type;
  getTypeArguments(type: Type): readonly Type[];
}

interface Type {
  readonly types?: readonly Type[];
  getProperties(): readonly { readonly name: string }[];
  getProperty(name: string): { readonly name: string } | undefined;
  getCallSignatures(): readonly { getReturnType(): Type }[];
}

interface Services {
  readonly program?: { getTypeChecker(): Checker } | null;
  readonly esTreeNodeToTSNodeMap?: { get(node: Node): unknown };
}

/** The key of `Suspension` that no other type has. */
const BRAND = 'write yield* before an operation, and until(promise) around a promise' satisfies keyof Suspension;

/** Whether the type of a call is an operation; null where the parser has no types. */
export function hasOperationType(parserServices: unknown, call: CallNode): boolean | null {
  const { program, esTreeNodeToTSNodeMap } = (parserServices ?? {}) as Services;
  if (program == null || esTreeNodeToTSNodeMap === undefined) return null;
  const checker = program.getTypeChecker();
  return isOperation(checker, checker.getTypeAtLocation(esTreeNodeToTSNodeMap.get(call)));
}

function isOperation(checker: Checker, type: Type): boolean {
  if (type.types !== undefined && type.getCallSignatures().length === 0) {
    if (type.types.some((part) => isOperation(checker, part))) return true;
  }
  // A task runs whether somebody waits for it or not.
  if (type.getProperty('cancelRequested') !== undefined) return false;
  if (type.getProperty(BRAND) !== undefined) return true;
  const iterator = type.getProperties().find((property) => property.name.startsWith('__@iterator'));
  if (iterator === undefined) return false;
  return checker
    .getTypeOfSymbol(iterator)
    .getCallSignatures()
    .some((signature) => {
      const yielded = checker.getTypeArguments(signature.getReturnType())[0];
      return yielded?.getProperty(BRAND) !== undefined;
    });
}
