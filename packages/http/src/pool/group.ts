/* The connections of one key of a pool, and the requests that wait for one of them. */
import type { SlotWaiter } from './slot-grant.ts';

/** A waiter in the queue of its group, which is a doubly linked list. */
export interface QueuedWaiter<C> {
  readonly waiter: SlotWaiter<C>;
  previous: QueuedWaiter<C> | null;
  next: QueuedWaiter<C> | null;
  gone: boolean;
}

/** The connections of one key, and the requests that wait for one of them. */
export interface Group<C> {
  readonly key: string;
  count: number;
  /** How many connections are being opened. */
  opening: number;
  /** Whether a connection may turn out to serve several requests at once: then one at a time is opened. */
  gathers: boolean;
  /** The one used last at the end: it is the least likely to have been closed by the server. */
  readonly idle: C[];
  /** When each of them fell idle, as a count. */
  readonly since: number[];
  /** Those that serve requests and have room for more, the one that is filled first in front. */
  readonly shared: C[];
  /** Whether it is listed as having idle connections. */
  listed: boolean;
  first: QueuedWaiter<C> | null;
  last: QueuedWaiter<C> | null;
  /** The order under which the group stands in the heap, or -1. */
  queuedAs: number;
}

// A waiter that comes back (its connection died before it could be used) has an older order and stands in front again.
export function insert<C>(group: Group<C>, entry: QueuedWaiter<C>): void {
  let after = group.last;
  while (after !== null && after.waiter.order > entry.waiter.order) after = after.previous;
  entry.previous = after;
  entry.next = after === null ? group.first : after.next;
  if (after === null) group.first = entry;
  else after.next = entry;
  if (entry.next === null) group.last = entry;
  else entry.next.previous = entry;
}

export function remove<C>(group: Group<C>, entry: QueuedWaiter<C>): void {
  if (entry.gone) return;
  entry.gone = true;
  if (entry.previous === null) group.first = entry.next;
  else entry.previous.next = entry.next;
  if (entry.next === null) group.last = entry.previous;
  else entry.next.previous = entry.previous;
}

export function newGroup<C>(key: string, gathers: boolean): Group<C> {
  return {
    key,
    count: 0,
    opening: 0,
    gathers,
    idle: [],
    since: [],
    shared: [],
    listed: false,
    first: null,
    last: null,
    queuedAs: -1,
  };
}

/** How many requests a connection serves, and may serve. */
export interface Load {
  capacity: number;
  used: number;
}

/** When the group had its first idle connection. */
export function sinceOf<C>(group: Group<C>): number {
  return group.since[0] as number;
}

/** Whether what is being opened may have room for everybody. */
export function awaitsOpening<C>({ gathers, opening }: Group<C>): boolean {
  return gathers && opening > 0;
}

/** Lists a connection as shared while it serves requests and has room for more. */
export function list<C>(group: Group<C>, connection: C, { used, capacity }: Load): void {
  if (used === 0 || used >= capacity) unlist(group, connection);
  else if (!group.shared.includes(connection)) group.shared.push(connection);
}

export function unlist<C>({ shared }: Group<C>, connection: C): void {
  const index = shared.indexOf(connection);
  if (index !== -1) shared.splice(index, 1);
}
