import { attempt, defer, type Operation, timeout, until } from '@coloop/core';
import type { Redis } from 'ioredis';
import { EngineUnavailableError } from '../errors.ts';
import type { Peers } from './peers.ts';

/** For how long the first connection is waited for, in ms; later ones are made again for ever. */
const PATIENCE = 10_000;

/**
 * Connects to Redis. Whatever breaks later, the client connects again and sends what was not answered.
 *
 * The connection ends with the scope of its caller.
 *
 * @throws EngineUnavailableError where the server cannot be reached or refuses the password.
 */
export function* connect(peers: Peers, connection: string | object): Operation<Redis> {
  // Without a limit of retries: a command waits until Redis is there again.
  const options = { lazyConnect: true, maxRetriesPerRequest: null, enableAutoPipelining: true };
  const client =
    typeof connection === 'string'
      ? new peers.Redis(connection, options)
      : new peers.Redis({ ...connection, ...options });
  return yield* opened(client);
}

/** A further connection of the same kind: one that listens can do nothing else. */
export function* connectAgain(client: Redis): Operation<Redis> {
  return yield* opened(client.duplicate({ lazyConnect: true, enableAutoPipelining: false }));
}

function* opened(client: Redis): Operation<Redis> {
  let failure: Error | null = null;
  client.on('error', (error) => {
    failure ??= error;
  });
  defer(() => client.disconnect());
  const ready = yield* attempt(timeout(PATIENCE, until(client.connect())));
  if (ready.ok) return client;
  client.disconnect();
  throw unavailable(client, failure ?? (ready.error as Error));
}

/** Neither the message nor the cause has the command in it, whose arguments are the password. */
function unavailable(client: Redis, { message, ...error }: Error & { code?: string }): EngineUnavailableError {
  const { host, port, path } = client.options;
  const isRefused = /^(NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR invalid password)/.test(message);
  return new EngineUnavailableError(
    isRefused
      ? `Redis at ${path ?? `${host}:${port}`} refuses the name and password that it was given: ${message}`
      : `Redis at ${path ?? `${host}:${port}`} cannot be reached: ${message || error.code}. Start it, or give its address: \`bullmq({ connection: 'redis://host:6379' })\`.`,
    { cause: Object.assign(new Error(message), error.code !== undefined && { code: error.code }) },
  );
}
