/*
 * The words of the other door that need Node: here they say so, so that a program for both platforms can import them.
 */
import { kindOfPlatform, unavailable } from './platform.ts';

/** What the words are given, and do not look at. */
type Ignored = readonly unknown[];

function refuse(name: string, advice?: string): never {
  throw unavailable(name, kindOfPlatform(), advice);
}

/** Needs Node: the platform looks names up by itself. */
export class Resolver {
  /** @throws InvalidOptionError always */
  constructor(..._: Ignored) {
    refuse('Resolver');
  }
}

/** Needs Node: the platform keeps the connections. */
export class ConnectionPool {
  /** @throws InvalidOptionError always */
  constructor(..._: Ignored) {
    refuse('ConnectionPool');
  }

  /** @throws InvalidOptionError always */
  static open(..._: Ignored): never {
    return refuse('ConnectionPool');
  }
}

/** Needs Node: the platform keeps the cookies. */
export class CookieJar {
  /** @throws InvalidOptionError always */
  constructor(..._: Ignored) {
    refuse('CookieJar');
  }
}

/** Needs Node: browsers have no MD5. */
export class DigestAuth {
  /** @throws InvalidOptionError always */
  constructor(..._: Ignored) {
    refuse('DigestAuth', 'use BasicAuth or BearerAuth over https, or run this program on Node.');
  }
}

/** Needs Node: there is no file to read. */
export class NetrcAuth {
  /** @throws InvalidOptionError always */
  constructor(..._: Ignored) {
    refuse('NetrcAuth', 'use BasicAuth.');
  }
}

/**
 * Needs Node: the platform checks certificates by its own settings.
 *
 * @throws InvalidOptionError always
 */
export function createSslContext(..._: Ignored): never {
  return refuse('createSslContext');
}

/**
 * Needs Node: there are no files.
 *
 * @throws InvalidOptionError always
 */
export function filePart(..._: Ignored): never {
  return refuse('filePart', 'give the File or Blob itself to Multipart.append.');
}

/**
 * Needs Node: the platform's fetch has a cache of its own.
 *
 * @throws InvalidOptionError always
 */
export function cache(..._: Ignored): never {
  return refuse('cache', "the platform's fetch keeps responses by itself; leave it out.");
}

/**
 * Needs Node: there are no files.
 *
 * @throws InvalidOptionError always
 */
export function fileStore(..._: Ignored): never {
  return refuse('fileStore', "the platform's fetch keeps responses by itself; leave it out.");
}

/**
 * Needs Node: the platform's fetch has a cache of its own.
 *
 * @throws InvalidOptionError always
 */
export function memoryStore(..._: Ignored): never {
  return refuse('memoryStore', "the platform's fetch keeps responses by itself; leave it out.");
}
