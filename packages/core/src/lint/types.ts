/** What the types tell, where the parser has them: `parserOptions.projectService` of typescript-eslint. */
import type { Suspension } from '../kernel/operation/suspension.ts';
import type { FunctionNode, Node } from './ast.ts';

/** The parts of TypeScript's checker that are needed; the library depends on no version of it. */
interface Checker {
  getTypeAtLocation(node: unknown): Type;
  getTypeOfSymbol(symbol: unknown): Type;
  getTypeArguments(type: Type): readonly Type[];
  getContextualType(node: unknown): Type | undefined;
}

interface Type {
  readonly types?: readonly Type[];
  /** Of `any`, `void`, `never` and their like. */
  readonly intrinsicName?: string;
  readonly symbol?: { readonly name: string };
  getProperties(): readonly { readonly name: string }[];
  getProperty(name: string): { readonly name: string } | undefined;
  getCallSignatures(): readonly Signature[];
}

interface Signature {
  getReturnType(): Type;
}

interface Services {
  readonly program?: { getTypeChecker(): Checker } | null;
  readonly esTreeNodeToTSNodeMap?: { get(node: Node): unknown };
}

/** The key of `Suspension` that no other type has. */
const BRAND = 'write yield* before an operation, and until(promise) around a promise' satisfies keyof Suspension;

/** Methods that do their work at the call, by other members of their owners. */
const EAGER: Readonly<Record<string, readonly (readonly string[])[]>> = {
  // Task, Group
  cancel: [['cancelRequested'], ['spawn', 'start', 'tasks']],
  // Sender and Broadcast, Receiver
  close: [['sendNowait'], ['receiveNowait']],
};

/** The types of one file. */
export class Types {
  readonly #checker: Checker;
  readonly #nodes: { get(node: Node): unknown };

  private constructor(checker: Checker, nodes: { get(node: Node): unknown }) {
    this.#checker = checker;
    this.#nodes = nodes;
  }

  /** Null where the parser has none. */
  static of(parserServices: unknown): Types | null {
    const { program, esTreeNodeToTSNodeMap } = (parserServices ?? {}) as Services;
    if (program == null || esTreeNodeToTSNodeMap === undefined) return null;
    return new Types(program.getTypeChecker(), esTreeNodeToTSNodeMap);
  }

  #typeOf(node: Node): Type {
    return this.#checker.getTypeAtLocation(this.#nodes.get(node));
  }

  /** Whether an expression is an operation; null where its type says nothing. */
  isOperation(node: Node): boolean | null {
    const type = this.#typeOf(node);
    return isOpen(type) ? null : this.#isOperation(type);
  }

  /** Whether an expression is an operation, and never nothing: its presence is not what is asked for. */
  isAlwaysOperation(node: Node): boolean | null {
    const type = this.#typeOf(node);
    return isOpen(type) ? null : partsOf(type).every((part) => this.#isOperation(part));
  }

  isListOfOperations(node: Node): boolean {
    const type = this.#typeOf(node);
    const [item] = isList(type) ? this.#checker.getTypeArguments(type) : [];
    return item !== undefined && this.#isOperation(item);
  }

  isList(node: Node): boolean {
    return isList(this.#typeOf(node));
  }

  /** Whether the calls of an expression make operations; null where its type says nothing. */
  returnsOperation(node: Node): boolean | null {
    const type = this.#typeOf(node);
    return isOpen(type) ? null : this.#someReturn(type, (returned) => this.#isOperation(returned));
  }

  /** Whether the place of a function takes one whose result is dropped. */
  dropsResult(node: Node): boolean {
    const type = this.#checker.getContextualType(this.#nodes.get(node));
    if (type === undefined || this.#takesOperation(type)) return false;
    return this.#someReturn(type, (returned) => partsOf(returned).some((part) => part.intrinsicName === 'void'));
  }

  /** Whether the place of a function takes one that returns an operation. */
  runsResult(node: Node): boolean {
    const type = this.#checker.getContextualType(this.#nodes.get(node));
    return type !== undefined && this.#takesOperation(type);
  }

  #takesOperation(type: Type): boolean {
    return this.#someReturn(type, (returned) => this.#isOperation(returned));
  }

  /** Whether a method of `owner` does its work at the call. */
  isEager(owner: Node, method: string): boolean {
    const known = EAGER[method] ?? [];
    return partsOf(this.#typeOf(owner)).some(
      (part) =>
        known.some((names) => names.every((name) => part.getProperty(name) !== undefined)) ||
        (method === 'close' && part.symbol?.name === 'Subscription'),
    );
  }

  /** Whether what a generator function is annotated to return, or to yield, is an operation itself. */
  givesOperation(fn: FunctionNode, what: 'yielded' | 'returned'): boolean {
    return this.#someReturn(this.#typeOf(fn), (type) => {
      const iterator = this.#iteratorOf(type);
      const given = iterator?.[what === 'yielded' ? 0 : 1];
      // What every operation yields is none.
      if (given === undefined || (what === 'yielded' && given.getProperty(BRAND) !== undefined)) return false;
      return this.#isOperation(given);
    });
  }

  #someReturn(type: Type, test: (returned: Type) => boolean): boolean {
    return partsOf(type).some((part) => part.getCallSignatures().some((signature) => test(signature.getReturnType())));
  }

  #isOperation(type: Type): boolean {
    if (type.types !== undefined && type.getCallSignatures().length === 0) {
      if (type.types.some((part) => this.#isOperation(part))) return true;
    }
    // A task runs whether somebody waits for it or not.
    if (type.getProperty('cancelRequested') !== undefined) return false;
    if (type.getProperty(BRAND) !== undefined) return true;
    // What holds operations is none, though it gives them out one by one.
    const yielded = isCollection(type) ? undefined : this.#iteratorOf(type)?.[0];
    if (yielded === undefined) return false;
    // A generator without a `yield` waits for nothing, but has to be run all the same.
    return yielded.getProperty(BRAND) !== undefined || (yielded.intrinsicName === 'never' && isGenerator(type));
  }

  /** What the iterator of a type yields, returns and takes. */
  #iteratorOf(type: Type): readonly Type[] | undefined {
    const iterator = type.getProperties().find((property) => property.name.startsWith('__@iterator'));
    if (iterator === undefined) return undefined;
    const [signature] = this.#checker.getTypeOfSymbol(iterator).getCallSignatures();
    return signature === undefined ? undefined : this.#checker.getTypeArguments(signature.getReturnType());
  }
}

function partsOf(type: Type): readonly Type[] {
  return type.types ?? [type];
}

/** Whether a type leaves everything open. */
function isOpen({ intrinsicName }: Type): boolean {
  return intrinsicName === 'any' || intrinsicName === 'error' || intrinsicName === 'unknown';
}

function isList({ symbol }: Type): boolean {
  return symbol?.name === 'Array' || symbol?.name === 'ReadonlyArray';
}

function isCollection({ symbol }: Type): boolean {
  return /^(Readonly)?(Array|Set|Map)$|^(Array|Set|Map)Iterator$/.test(symbol?.name ?? '');
}

function isGenerator({ symbol }: Type): boolean {
  return symbol?.name === 'Generator';
}
