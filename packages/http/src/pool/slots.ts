/*
 * Which request gets which connection: a pure state machine, without sockets, time or tasks.
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
import { type Group, GroupHeap, insert, type QueuedWaiter, remove } from './group-heap.ts';
import type { SlotGrant, SlotWaiter } from './slot-grant.ts';

/** How many connections there may be. */
export interface SlotLimits {
  /** In all. */
  readonly total: number;
  /** For one key. */
  readonly perKey: number;
}

/** The bookkeeping of a pool over connections of type C. */
export class Slots<C> {
  readonly #limits: SlotLimits;
  readonly #usable: (connection: C) => boolean;
  readonly #groups = new Map<string, Group<C>>();
  /** The groups with idle connections, and some that had: a group is removed when a search meets it, not with every request. */
  readonly #withIdle = new Set<Group<C>>();
  #idle = 0;
  #lastSince = 0;
  readonly #waiting = new Map<SlotWaiter<C>, QueuedWaiter<C>>();
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
    return [...this.#withIdle].flatMap(({ idle }) => idle);
  }

  /** Takes a connection or a slot if the request does not have to wait for it. */
  take(key: string): SlotGrant<C> | undefined {
    if (this.#waiting.size > 0 && this.#blocksNewcomer(key)) return undefined;
    return this.#grantFor(this.#group(key));
  }

  /** Takes an idle connection if there is one and no request waits for it: the usual case, at the least cost. */
  takeIdle(key: string): C | undefined {
    const group = this.#groups.get(key);
    if (group === undefined || group.idle.length === 0) return undefined;
    if (this.#waiting.size > 0 && this.#blocksNewcomer(key)) return undefined;
    return this.#takeIdle(group);
  }

  /** Queues a waiter; it gets its grant as soon as it is its turn. */
  wait(waiter: SlotWaiter<C>): void {
    const group = this.#group(waiter.key);
    const entry: QueuedWaiter<C> = { waiter, previous: null, next: null, gone: false };
    insert(group, entry);
    this.#waiting.set(waiter, entry);
    this.#enqueue(group);
    this.#assign();
  }

  /** Takes a waiter out of the queue. */
  leave(waiter: SlotWaiter<C>): void {
    const entry = this.#waiting.get(waiter);
    if (entry === undefined) return;
    this.#waiting.delete(waiter);
    const group = this.#group(waiter.key);
    remove(group, entry);
    this.#enqueue(group);
    this.#dropIfEmpty(group);
  }

  /** A busy connection can be used again. */
  putIdle(key: string, connection: C): void {
    const group = this.#group(key);
    this.#addIdle(group, connection);
    this.#enqueue(group);
    this.#assign();
  }

  /** A connection, in any state, or the opening of one, is over. */
  drop(key: string, connection: C | undefined): void {
    const group = this.#group(key);
    if (connection !== undefined) this.#removeIdleAt(group, group.idle.lastIndexOf(connection));
    group.count -= 1;
    this.#total -= 1;
    this.#enqueue(group);
    this.#assign();
    this.#dropIfEmpty(group);
  }

  /** Takes every waiter out, oldest first. */
  removeWaiters(): SlotWaiter<C>[] {
    const waiters = [...this.#waiting.keys()].sort((a, b) => a.order - b.order);
    for (const waiter of waiters) this.leave(waiter);
    return waiters;
  }

  // A newcomer may pass the waiters that another key's limit holds back, not those that wait for what it would take.
  #blocksNewcomer(key: string): boolean {
    const group = this.#groups.get(key);
    if (group?.first != null) return true;
    return this.#ready.peek() !== undefined;
  }

  #grantFor(group: Group<C>): SlotGrant<C> | undefined {
    const connection = this.#takeIdle(group);
    if (connection !== undefined) return { kind: 'reuse', connection };
    if (group.count >= this.#limits.perKey) return undefined;
    if (this.#total < this.#limits.total) return this.#open(group, undefined);
    const evicted = this.#evict();
    return evicted === undefined ? undefined : this.#open(group, evicted);
  }

  #open(group: Group<C>, evicted: C | undefined): SlotGrant<C> {
    group.count += 1;
    this.#total += 1;
    return { kind: 'open', evicted };
  }

  #takeIdle(group: Group<C>): C | undefined {
    for (let connection = group.idle.at(-1); connection !== undefined; connection = group.idle.at(-1)) {
      this.#removeIdleAt(group, group.idle.length - 1);
      if (this.#usable(connection)) return connection;
      group.count -= 1;
      this.#total -= 1;
    }
    return undefined;
  }

  #evict(): C | undefined {
    let group: Group<C> | undefined;
    for (const each of this.#withIdle) {
      if (each.idle.length === 0) this.#removeFromIdle(each);
      else if (group === undefined || sinceOf(each) < sinceOf(group)) group = each;
    }
    if (group === undefined) return undefined;
    const [connection] = group.idle;
    this.#removeIdleAt(group, 0);
    group.count -= 1;
    this.#total -= 1;
    this.#dropIfEmpty(group);
    return connection;
  }

  #addIdle(group: Group<C>, connection: C): void {
    this.#lastSince += 1;
    group.idle.push(connection);
    group.since.push(this.#lastSince);
    this.#idle += 1;
    if (group.listed) return;
    group.listed = true;
    this.#withIdle.add(group);
  }

  #removeFromIdle(group: Group<C>): void {
    group.listed = false;
    this.#withIdle.delete(group);
  }

  #removeIdleAt(group: Group<C>, index: number): void {
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

  #assign(): void {
    for (let group = this.#ready.peek(); group !== undefined; group = this.#ready.peek()) {
      const entry = group.first as QueuedWaiter<C>;
      const grant = this.#grantFor(group);
      if (grant === undefined) return;
      this.#waiting.delete(entry.waiter);
      remove(group, entry);
      this.#enqueue(group);
      if (!entry.waiter.grant(grant)) this.#returnGrant(group, grant);
    }
  }

  #returnGrant(group: Group<C>, grant: SlotGrant<C>): void {
    if (grant.kind === 'reuse') {
      this.#addIdle(group, grant.connection);
    } else {
      group.count -= 1;
      this.#total -= 1;
    }
    this.#enqueue(group);
    this.#dropIfEmpty(group);
  }

  /** Puts a group into the heap, under its first waiter, if it has one that its own limit does not hold back. */
  #enqueue(group: Group<C>): void {
    const eligible = group.first !== null && (group.idle.length > 0 || group.count < this.#limits.perKey);
    const order = eligible ? (group.first as QueuedWaiter<C>).waiter.order : -1;
    // Under the same order it stands there already: a waiter that waits long is passed by many that come and go.
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

  #dropIfEmpty(group: Group<C>): void {
    if (group.count > 0 || group.first !== null || this.#groups.get(group.key) !== group) return;
    this.#groups.delete(group.key);
    this.#removeFromIdle(group);
  }
}

function sinceOf<C>(group: Group<C>): number {
  return group.since[0] as number;
}
