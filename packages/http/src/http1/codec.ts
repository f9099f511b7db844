/// <reference path="./undici-client.d.ts" />
/*
 * The codec: the one file of undici that holds its `Client`. The front door of that package loads three times as much, and it
 * has no door for this file, so a version that moves it is told here, in words that help.
 */
import { createRequire } from 'node:module';
import { type Operation, until } from '@coloop/core';
import type Client from 'undici/lib/dispatcher/client.js';
import { ClientError } from '../errors.ts';

/** The class of undici that writes requests and parses responses. */
export type ClientClass = typeof Client;

/** The code of the error by which a request learns that it was never written. */
export const NOT_SENT = 'NOT_SENT';

/** What the dependency in package.json takes; a test holds the two together. */
export const WORKING_VERSIONS = '7.30.2 and its later patches (~7.30.2)';

const FILE = 'undici/lib/dispatcher/client.js';

/** What bundlers put in the place of `require` where a bundle of modules has CommonJS in it; the words are esbuild's. */
const WITHOUT_REQUIRE = /Dynamic require of "[^"]+" is not supported/;

let codec: ClientClass | undefined;

/** The codec, once it was loaded. */
export function codecNowait(): ClientClass | undefined {
  return codec;
}

/**
 * Loads the codec, with the first request of the process.
 *
 * @throws ClientError (CODEC) that names the versions that work, if there is none of them
 */
export function* loadCodec(): Operation<void> {
  codec ??= required() ?? checked(yield* until(imported()));
}

/** From beside this file, at once. */
function required(): ClientClass | undefined {
  try {
    const require = createRequire(import.meta.url);
    // A bundle lies where another version may be meant for somebody else.
    const { version } = require('undici/package.json') as { version: string };
    return version.startsWith('7.') ? checked(require(FILE)) : undefined;
  } catch {
    return undefined;
  }
}

/** From within a bundle, where bundlers have found it by this line. */
async function imported(): Promise<unknown> {
  try {
    return (await import('undici/lib/dispatcher/client.js')).default;
  } catch (cause) {
    throw missing(cause);
  }
}

function checked(found: unknown): ClientClass {
  if (typeof found === 'function') return found as ClientClass;
  throw missing(undefined);
}

function missing(cause: unknown): ClientError {
  const what = `The file ${FILE}, which @coloop/http reads and writes HTTP with, `;
  const why = WITHOUT_REQUIRE.test(String(cause))
    ? 'is in the bundle of this program, which has no `require` for it. Keep undici out of the bundle, as with ' +
      "`esbuild --external:undici`, or give the bundle the banner `import { createRequire as requireOf } from 'node:module'; " +
      'const require = requireOf(import.meta.url);`.'
    : `is not there or has changed: install undici ${WORKING_VERSIONS}.`;
  return new ClientError(what + why, { code: 'CODEC', cause });
}
