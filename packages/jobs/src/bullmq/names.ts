/** What things are called in Redis. BullMQ refuses colons in names of queues and ids, and ids that are whole numbers. */
import { type Operation, until } from '@coloop/core';

const LONGEST = 200;

/** The name of a queue, any string, as BullMQ takes it: ordinary names stay readable in its dashboards. */
export function bullName(queue: string): string {
  return encodeURIComponent(queue);
}

/** The id of the one job that has this key. */
export function* idOfKey(key: string): Operation<string> {
  const readable = `key-${encodeURIComponent(key)}`;
  if (readable.length <= LONGEST) return readable;
  const hash = yield* until(crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)));
  return `hash-${Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** An id that no other job has. */
export function newId(): string {
  return `job-${crypto.randomUUID()}`;
}
