/* The options of a request that are passed on as they are given: what each of them may be. */
import { checkChoice, invalid, invalidKind, invalidOption } from '../checks.ts';
import { InvalidOptionError } from '../errors.ts';
import { TOKEN } from '../headers.ts';
import type { UploadCoding } from './body/body.ts';
import type { AllowAddress } from './connection-options.ts';
import type { RequestOptions } from './options.ts';
import type { Auth } from './request.ts';

/** @throws InvalidOptionError if it has no method `apply` */
export function checkAuth(auth: Auth | null | undefined): Auth | null | undefined {
  if (auth === undefined || auth === null) return auth;
  if (typeof auth === 'object' && typeof auth.apply === 'function') return auth;
  const advice = 'give new BasicAuth(user, password), BearerAuth, DigestAuth or NetrcAuth';
  throw invalidKind("The option 'auth'", auth, advice);
}

/** The value of Proxy-Authorization out of `proxyAuth`. */
export function authorizationOf(auth: RequestOptions['proxyAuth']): string | undefined {
  if (auth === undefined || auth === null) return undefined;
  if (typeof auth === 'object' && typeof auth.authorization === 'string') return auth.authorization;
  throw invalidKind("The option 'proxyAuth'", auth, 'give new BasicAuth(user, password)');
}

/** @throws InvalidOptionError if it is not an AbortSignal */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  // By its shape: signals of another realm, and those of polyfills, do as well.
  if (typeof signal === 'object' && signal !== null && 'aborted' in signal && 'addEventListener' in signal) {
    return signal as AbortSignal;
  }
  throw invalidOption('signal', signal, 'give the signal of an AbortController');
}

/** @throws InvalidOptionError if it is neither 'public' nor a function */
export function checkAllowAddress(rule: AllowAddress | undefined): AllowAddress | undefined {
  if (rule === undefined || rule === 'public' || typeof rule === 'function') return rule;
  const advice = "give 'public', or a function, as in (candidate) => candidate.address === '10.0.0.7'";
  throw invalidOption('allowAddress', rule, advice);
}

/** The most that the system takes: `sun_path` of Linux has 108 bytes, the last of them zero. */
const LONGEST_PATH = 107;

/** @throws InvalidOptionError if no socket can have this path */
export function checkSocketPath(path: string | null): string | null {
  if (path === null) return null;
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw invalidOption('socketPath', path, "give the path of a unix socket, as in '/var/run/docker.sock'");
  }
  const { length } = new TextEncoder().encode(path);
  if (length <= LONGEST_PATH) return path;
  throw new InvalidOptionError(
    `The option 'socketPath' has ${length} bytes, and the system takes at most ${LONGEST_PATH}: give a shorter path.`,
  );
}

const UPLOAD_CODINGS: readonly UploadCoding[] = ['gzip', 'deflate', 'br'];

/** @throws InvalidOptionError for a coding that this client cannot write */
export function checkCoding(coding: UploadCoding | undefined): UploadCoding | undefined {
  return coding === undefined ? undefined : checkChoice('compress', coding, UPLOAD_CODINGS, coding);
}

/** @throws InvalidOptionError if it is not a record; the cookies themselves are checked where they are written */
export function checkCookies<T extends object>(cookies: T | undefined): T | undefined {
  if (cookies === undefined || (typeof cookies === 'object' && cookies !== null && !Array.isArray(cookies))) {
    return cookies;
  }
  throw invalidKind("The option 'cookies'", cookies, "give a record, as in { name: 'value' }");
}

/** A method as it is sent: those of the standard in upper case, others as they are written. */
export function checkMethod(method: unknown): string {
  if (STANDARD.has(method as string)) return method as string;
  if (typeof method !== 'string' || !TOKEN.test(method)) {
    throw invalid('The method', method, "give a token such as 'GET'");
  }
  const upper = method.toUpperCase();
  if (upper === 'CONNECT') {
    throw new InvalidOptionError(
      'The method CONNECT opens tunnels and is sent by the client itself: use the option proxy.',
    );
  }
  return STANDARD.has(upper) ? upper : method;
}

const STANDARD: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);
