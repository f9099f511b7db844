/**
 * An object whose type is an interface or a class, in place of a record: such a type has no index signature, so that its values
 * are looked at only when it is read. Lists and maps have a form of their own.
 */
export type Fields = object & { readonly [Symbol.iterator]?: never };
