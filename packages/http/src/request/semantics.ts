/* What RFC 9110 says of methods and statuses. */

/** Methods that may be repeated without harm (section 9.2.2). */
export const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Statuses whose responses have no body, whatever their headers announce (sections 15.3.5 and 15.4.5). */
export const BODYLESS: ReadonlySet<number> = new Set([204, 304]);
