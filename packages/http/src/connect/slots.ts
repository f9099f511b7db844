/*
 * Who gets which connection: a pure state machine, without sockets, time or tasks.
 *
 * | a connection is | counted in       | leaves to                                        |
 * | opening         | group and total  | busy (opened), gone (failed)                     |
 * | busy            | group and total  | idle (given back), busy (handed on), gone (died) |
 * | idle            | group and total  | busy (taken), gone (died, too old, evicted)      |
 *
 * Fairness: waiters are served in the order in which they came, over all groups. One whose group is at its own limit
 * is passed over until that group has room. A connection that falls idle serves the first waiter: by itself where it
 * leads to the right place, else by its slot. Source of the rule: httpcore's `_assign_requests_to_connections`.
 */

/** How many connections there may be. */
export interface SlotLimits {
  /** In all. */
  readonly total: number;
  /** For one key. */
  readonly perKey: number;
}

/** What a waiter or caller is given: a connection, or the right to open one. */
export type Grant<C> =
  | { readonly kind: 'reuse'; readonly connection: C }
  | { readonly kind: 'open'; readonly evicted: C | undefined };

/** Somebody who waits for a grant. */
export interface Waiter<C> {
  readonly key: string;
  /** The place in the queue; smaller is served first. */
  readonly order: number;
  /** Takes the grant; false where the waiter no longer wants it. */
  grant(grant: Grant<C>): boolean;
}

interface Entry<C> {
  readonly waiter: Waiter<C>;
  previous: Entry<C> | null;
  next: Entry<C> | null;
  gone: boolean;
}

interface Group<C> {
  readonly key: string;
  count: number;
  /** The one used last at the end: it is the least likely to have been closed by the server. */
  readonly idle: C[];
  /** When each of them fell idle, as a count. */
  readonly since: number[];
  /** Whether it is listed as having idle connections. */
  listed: boolean;
  first: Entry<C> | null;
  last: Entry<C> | null;
  /** The order under which the group stands in the heap, or -1. */
  queuedAs: number;
}

/** The bookkeeping of a pool over connections of type C. */
export class Slots<C> {
  readonly #limits: SlotLimits;
  readonly #usable: (connection: C) => boolean;
  readonly #groups = new Map<string, Group<C>>();
  /** The groups with idle connections, and some that had: a group leaves when it is come upon, not with every request. */
  readonly #resting = new Set<Group<C>>();
  #idle = 0;
  #lastSince = 0;
  readonly #waiting = new Map<Waiter<C>, Entry<C>>();
  readonly #ready = new GroupHeap<C>();
  #total = 0;

  /** @param usable - whether an idle connection may still be used; asked at checkout */
  constructor(limits: SlotLimits, usable: (connection: C) => boolean) {
    this.#limits = limits;
    this.#usable = usable;
  }

  get total(): number {
    return this.#total;
  }

  get idle(): number {
    return this.#idle;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Idle connections; for closing. */
  idleConnections(): readonly C[] {
    return [...this.#resting].flatMap(({ idle }) => idle);
  }

  /** Takes a connection or a slot if nobody has to wait for it. */
  take(key: string): Grant<C> | undefined {
    if (this.#waiting.size > 0 && this.#blocksNewcomer(key)) return undefined;
    return this.#grantFor(this.#group(key));
  }

  /** Takes an idle connection if there is one and nobody waits for it: the usual case, at the least cost. */
  takeIdle(key: string): C | undefined {
    const group = this.#groups.get(key);
    if (group === undefined || group.idle.length === 0) return undefined;
    if (this.#waiting.size > 0 && this.#blocksNewcomer(key)) return undefined;
    return this.#takeIdle(group);
  }

  /** Queues a waiter; it is granted as soon as it is its turn. */
  wait(waiter: Waiter<C>): void {
    const group = this.#group(waiter.key);
    const entry: Entry<C> = { waiter, previous: null, next: null, gone: false };
    insert(group, entry);
    this.#waiting.set(waiter, entry);
    this.#offer(group);
    this.#serve();
  }

  /** Takes a waiter out of the queue. */
  leave(waiter: Waiter<C>): void {
    const entry = this.#waiting.get(waiter);
    if (entry === undefined) return;
    this.#waiting.delete(waiter);
    const group = this.#group(waiter.key);
    remove(group, entry);
    this.#offer(group);
    this.#forget(group);
  }

  /** A busy connection can be used again. */
  putIdle(key: string, connection: C): void {
    const group = this.#group(key);
    this.#rest(group, connection);
    this.#offer(group);
    this.#serve();
  }

  /** A connection, in whatever state, or the opening of one, is over. */
  drop(key: string, connection: C | undefined): void {
    const group = this.#group(key);
    if (connection !== undefined) this.#removeIdle(group, group.idle.lastIndexOf(connection));
    group.count -= 1;
    this.#total -= 1;
    this.#offer(group);
    this.#serve();
    this.#forget(group);
  }

  /** Takes every waiter out, oldest first. */
  removeWaiters(): Waiter<C>[] {
    const waiters = [...this.#waiting.keys()].sort((a, b) => a.order - b.order);
    for (const waiter of waiters) this.leave(waiter);
    return waiters;
  }

  // A newcomer may pass those who wait for another key's limit, not those who wait for what it would take.
  #blocksNewcomer(key: string): boolean {
    const group = this.#groups.get(key);
    if (group?.first != null) return true;
    return this.#ready.peek() !== undefined;
  }

  #grantFor(group: Group<C>): Grant<C> | undefined {
    const connection = this.#takeIdle(group);
    if (connection !== undefined) return { kind: 'reuse', connection };
    if (group.count >= this.#limits.perKey) return undefined;
    if (this.#total < this.#limits.total) return this.#open(group, undefined);
    const evicted = this.#evict();
    return evicted === undefined ? undefined : this.#open(group, evicted);
  }

  #open(group: Group<C>, evicted: C | undefined): Grant<C> {
    group.count += 1;
    this.#total += 1;
    return { kind: 'open', evicted };
  }

  #takeIdle(group: Group<C>): C | undefined {
    for (let connection = group.idle.at(-1); connection !== undefined; connection = group.idle.at(-1)) {
      this.#removeIdle(group, group.idle.length - 1);
      if (this.#usable(connection)) return connection;
      group.count -= 1;
      this.#total -= 1;
    }
    return undefined;
  }

  #evict(): C | undefined {
    let group: Group<C> | undefined;
    for (const each of this.#resting) {
      if (each.idle.length === 0) this.#unlist(each);
      else if (group === undefined || sinceOf(each) < sinceOf(group)) group = each;
    }
    if (group === undefined) return undefined;
    const [connection] = group.idle;
    this.#removeIdle(group, 0);
    group.count -= 1;
    this.#total -= 1;
    this.#forget(group);
    return connection;
  }

  #rest(group: Group<C>, connection: C): void {
    this.#lastSince += 1;
    group.idle.push(connection);
    group.since.push(this.#lastSince);
    this.#idle += 1;
    if (group.listed) return;
    group.listed = true;
    this.#resting.add(group);
  }

  #unlist(group: Group<C>): void {
    group.listed = false;
    this.#resting.delete(group);
  }

  #removeIdle(group: Group<C>, index: number): void {
    if (index === -1) return;
    if (index === group.idle.length - 1) {
      group.idle.pop();
      group.since.pop();
    } else {
      group.idle.splice(index, 1);
      group.since.splice(index, 1);
    }
    this.#idle -= 1;
  }

  #serve(): void {
    for (let group = this.#ready.peek(); group !== undefined; group = this.#ready.peek()) {
      const entry = group.first as Entry<C>;
      const grant = this.#grantFor(group);
      if (grant === undefined) return;
      this.#waiting.delete(entry.waiter);
      remove(group, entry);
      this.#offer(group);
      if (!entry.waiter.grant(grant)) this.#giveBack(group, grant);
    }
  }

  #giveBack(group: Group<C>, grant: Grant<C>): void {
    if (grant.kind === 'reuse') {
      this.#rest(group, grant.connection);
    } else {
      group.count -= 1;
      this.#total -= 1;
    }
    this.#offer(group);
    this.#forget(group);
  }

  /** Puts a group into the heap, under its first waiter, where it has one that its own limit does not hold back. */
  #offer(group: Group<C>): void {
    const eligible = group.first !== null && (group.idle.length > 0 || group.count < this.#limits.perKey);
    const order = eligible ? (group.first as Entry<C>).waiter.order : -1;
    // Under the same order it stands there already: who waits long is passed by many who come and go.
    if (eligible && group.queuedAs !== order) this.#ready.push(group, order);
    group.queuedAs = order;
  }

  #group(key: string): Group<C> {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { key, count: 0, idle: [], since: [], listed: false, first: null, last: null, queuedAs: -1 };
      this.#groups.set(key, group);
    }
    return group;
  }

  #forget(group: Group<C>): void {
    if (group.count > 0 || group.first !== null || this.#groups.get(group.key) !== group) return;
    this.#groups.delete(group.key);
    this.#unlist(group);
  }
}

function sinceOf<C>(group: Group<C>): number {
  return group.since[0] as number;
}

// A waiter that comes back (its connection died before it could be used) has an older order and stands in front again.
function insert<C>(group: Group<C>, entry: Entry<C>): void {
  let after = group.last;
  while (after !== null && after.waiter.order > entry.waiter.order) after = after.previous;
  entry.previous = after;
  entry.next = after === null ? group.first : after.next;
  if (after === null) group.first = entry;
  else after.next = entry;
  if (entry.next === null) group.last = entry;
  else entry.next.previous = entry;
}

function remove<C>(group: Group<C>, entry: Entry<C>): void {
  if (entry.gone) return;
  entry.gone = true;
  if (entry.previous === null) group.first = entry.next;
  else entry.previous.next = entry.next;
  if (entry.next === null) group.last = entry.previous;
  else entry.next.previous = entry.previous;
}

/** So many entries may be out of date without anybody minding. */
const STALE = 64;

/**
 * A binary heap of groups by the order of their first waiter. Entries that are out of date are skipped and not searched;
 * they leave together when they may have become as many as the others.
 */
class GroupHeap<C> {
  readonly #orders: number[] = [];
  readonly #groups: Group<C>[] = [];
  #sweepAt = STALE;

  push(group: Group<C>, order: number): void {
    if (this.#orders.length >= this.#sweepAt) this.#sweep();
    this.#add(group, order);
  }

  #sweep(): void {
    const current = new Set(this.#groups.filter((group, at) => group.queuedAs === this.#orders[at]));
    this.#orders.length = 0;
    this.#groups.length = 0;
    for (const group of current) this.#add(group, group.queuedAs);
    this.#sweepAt = 2 * current.size + STALE;
  }

  #add(group: Group<C>, order: number): void {
    let index = this.#orders.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((this.#orders[parent] as number) <= order) break;
      this.#put(index, this.#orders[parent] as number, this.#groups[parent] as Group<C>);
      index = parent;
    }
    this.#put(index, order, group);
  }

  /** The group whose first waiter came first. */
  peek(): Group<C> | undefined {
    while (this.#orders.length > 0) {
      const group = this.#groups[0] as Group<C>;
      if (group.queuedAs === this.#orders[0] && group.first !== null) return group;
      this.#pop();
    }
    return undefined;
  }

  #pop(): void {
    const order = this.#orders.pop() as number;
    const group = this.#groups.pop() as Group<C>;
    const { length } = this.#orders;
    if (length === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= length) break;
      if (child + 1 < length && (this.#orders[child + 1] as number) < (this.#orders[child] as number)) child += 1;
      if ((this.#orders[child] as number) >= order) break;
      this.#put(index, this.#orders[child] as number, this.#groups[child] as Group<C>);
      index = child;
    }
    this.#put(index, order, group);
  }

  #put(index: number, order: number, group: Group<C>): void {
    this.#orders[index] = order;
    this.#groups[index] = group;
  }
}
