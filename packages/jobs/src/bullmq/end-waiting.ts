import { type Operation, until } from '@coloop/core';
import type { Tombstone } from './job-data.ts';
import { keys, type Place } from './place.ts';

/** In one step, so that no worker gets it meanwhile. BullMQ can remove a job, and would remove one that has ended, too. */
const SCRIPT = `
local id = ARGV[1]
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local found = redis.call('ZREM', KEYS[2], id) + redis.call('ZREM', KEYS[3], id)
if found == 0 then found = redis.call('LREM', KEYS[4], 0, id) + redis.call('LREM', KEYS[5], 0, id) end
if found == 0 then return 0 end
redis.call('SET', KEYS[6], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[1], KEYS[1] .. ':logs')
return 1
`;

/** Ends a job that waits or is delayed, and keeps its outcome for so many ms; false where no job waits under this id. */
export function* endWaiting(place: Place, id: string, stone: Tombstone, keep: number): Operation<boolean> {
  const { client, queue } = place;
  const where = [id, 'delayed', 'prioritized', 'wait', 'paused'].map((name) => queue.toKey(name));
  const given = [...where, keys.tombstone(place, id), id, JSON.stringify(stone), Math.max(1, Math.ceil(keep))];
  return (yield* until(client.eval(SCRIPT, 6, ...given))) === 1;
}
