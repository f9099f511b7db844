/**
 * The lines of a stack: which of them are a user's, and which are those of this library or of its host.
 *
 * Engines write `at name (place)` or `name@place`; a place is a path or a URL with line and column. A path may have blanks,
 * brackets and `@` in it, and a URL has them, and what is not ASCII, encoded: both are compared in their plain form.
 */

/** What says only how a file was loaded: `?t=1700` of a development server. */
const QUERY = /\?[^:]*/;
const POSITION = /:\d+:\d+$/;
/** The engine's own frames of generators, between each two of a chain. */
const RESUMED = /[ .](?:next|throw|return) \(<anonymous>\)$/;
const FRAME = /^\s+at |@.*:\d+:\d+$/;
const TEST = /\.(?:test|fixture)\.[cm]?[jt]sx?:|\/fixtures\//;
/** Our packages where they were installed, and where a development server keeps what it has bundled of them. */
const INSTALLED = /\/node_modules\/@coloop\/[^/]+\/(?:dist|src)\/|\/\.vite\/deps(?:_[^/]*)?\/@coloop_/;
/** This very file, as source and as built: what lies beside its package is ours, too. In a bundle of everything it is elsewhere. */
const HERE = /^(.*\/)core\/(?:src\/stack-frames\.ts|dist\/(?:joined\/)?(?:chunk-\w+|stack-frames)\.js)$/;
const SELF = plain((import.meta.url as string | undefined) ?? '');
const PACKAGES = HERE.exec(SELF)?.[1] ?? null;
/** What a development server has bundled of installed packages holds nothing of a user's. */
const BUNDLED = SELF.includes('/node_modules/');
const OURS = /^(?:core|http|jobs|otel|cli)\/(?:dist|src)\//;

/** `file:line:column` of the innermost frame that is a user's. */
export function callerIn(stack: string): string | null {
  for (const line of stack.split('\n')) {
    const path = userPlace(line);
    if (path !== null) return path;
  }
  return null;
}

/** The frames of `stack` that are a user's, as they stand there. */
export function callersIn(stack: string): string[] {
  return stack.split('\n').filter((line) => userPlace(line) !== null);
}

/** Whether a line is a frame, and not a part of the message. */
export function isFrame(line: string): boolean {
  return FRAME.test(line);
}

/**
 * The frames of an error's own stack without those of the library. The host's are kept where they stand above the library's,
 * as the error came from there, unless there is none of a user's among them: then they say nothing.
 */
export function withoutOurs(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let below = false;
  for (const line of lines) {
    const place = placeIn(line);
    if (place !== null && isOurs(plain(place))) below = true;
    else if (!RESUMED.test(line) && !(below && isHosts(line, place))) kept.push(line);
  }
  return kept.every((line) => isHosts(line, placeIn(line))) ? [] : kept;
}

function isHosts(line: string, place: string | null): boolean {
  return place === null ? line.includes('<anonymous>') : place.startsWith('node:');
}

function userPlace(line: string): string | null {
  const place = placeIn(line);
  if (place === null || place.startsWith('node:')) return null;
  const path = plain(place);
  return isOurs(path) ? null : path;
}

/** Where a frame is: a name has no ` (` in it, a path may. */
function placeIn(line: string): string | null {
  if (!FRAME.test(line)) return null;
  const [, named] = /^\s+at (?:async )?(.*)$/.exec(line) ?? [];
  let place = named ?? line.slice(line.indexOf('@') + 1);
  if (place.endsWith(')')) place = place.slice(place.indexOf(' (') + 2, -1);
  return POSITION.test(place) && !place.includes('<anonymous>') ? place : null;
}

/** Without what says only how the file was loaded, and decoded. */
function plain(place: string): string {
  const path = place.replace(QUERY, '');
  if (!path.startsWith('file://')) return path.replaceAll('\\', '/');
  try {
    return decodeURIComponent(path.slice(7)).replace(/^\/(?=[A-Za-z]:)/, '');
  } catch {
    return path.slice(7);
  }
}

function isOurs(path: string): boolean {
  if (INSTALLED.test(path) || (BUNDLED && path.startsWith(`${SELF}:`))) return true;
  return PACKAGES !== null && path.startsWith(PACKAGES) && OURS.test(path.slice(PACKAGES.length)) && !TEST.test(path);
}
