/** BullMQ and its client, which whoever uses this engine installs. */
import { type Operation, until } from '@coloop/core';
import { EngineUnavailableError } from '../errors.ts';

/** What is used of them. */
export interface Peers {
  readonly bull: typeof import('bullmq');
  readonly Redis: typeof import('ioredis').Redis;
}

/** Loads both, with the first queue that is opened. */
export function* loadPeers(): Operation<Peers> {
  const bull = yield* load('bullmq', import('bullmq'));
  const { Redis } = yield* load('ioredis', import('ioredis'));
  return { bull, Redis };
}

function* load<T>(name: string, loading: Promise<T>): Operation<T> {
  try {
    return yield* until(loading);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new EngineUnavailableError(
      `The engine of \`bullmq\` needs the package ${name}, which is not installed. Install both: \`npm install bullmq ioredis\`.`,
      { cause: error },
    );
  }
}
